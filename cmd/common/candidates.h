/*
 * candidates.h - the second texts that every context is tried with
 *
 * A file of texts, one a line, tokenised once; their ids lie end to end, so
 * that a hundred thousand take a few megabytes.
 */
#ifndef COMMON_CANDIDATES_H
#define COMMON_CANDIDATES_H

#include <bert.h>

#include "common/prepare.h"

typedef struct candidates {
    size_t      count;
    bert_buffer texts;   /* their bytes, end to end */
    int32_t    *ids;     /* the template's with them: [CLS] b [SEP] */
    size_t     *text_at; /* [count+1] */
    size_t     *ids_at;  /* [count+1] */
    size_t      ids_capacity, text_at_capacity, ids_at_capacity;
} candidates;

/* Read and tokenise the file, "-" being standard input; whatever fails ends
   the tool. */
void candidates_load(candidates *c, const char *path, const preparer *prepare,
                     bert_team *team);
void candidates_free(candidates *c);

bert_text   candidates_text(const candidates *c, size_t i);
bert_tokens candidates_tokens(const candidates *c, size_t i); /* ids alone */

#endif
