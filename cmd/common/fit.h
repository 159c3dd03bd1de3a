/*
 * fit.h - how long a sequence may be, and what happens to longer texts
 */
#ifndef COMMON_FIT_H
#define COMMON_FIT_H

#include <bert.h>

#include "common/shared.h"

typedef struct fitting {
    bool      limited; /* false: texts are taken whole */
    long_mode mode;
    bert_fit  fit;
    char      remedy[64]; /* "--long a, b or c": what is no error */
} fitting;

/*
 * From the options and the lengths that the model's files name (folder NULL:
 * there is none). --max-length's default is the smallest of them; more than
 * max_position_embeddings is a usage error, and so is an option that would do
 * nothing. mode NOT_GIVEN: texts are taken whole unless --max-length or --long
 * was given (wp-tokenize); else texts are always limited, by default so.
 */
void fit_choose(fitting *out, const char *folder, int mode);

#endif
