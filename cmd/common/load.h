/*
 * load.h - everything a bert-* tool loads before its stream runs
 */
#ifndef COMMON_LOAD_H
#define COMMON_LOAD_H

#include <bert.h>

#include "common/fit.h"
#include "common/prepare.h"

typedef struct loaded {
    char           *folder;
    char           *weights; /* the file in it that -m names, or NULL */
    const char     *name;    /* as -m would name it, for messages */
    bert_team      *team;
    bert_model     *model;
    bert_tokenizer *tokenizer;
    bert_workspace *workspace; /* NULL before load_workspace() */
    bert_head      *head;      /* NULL before load_head() */
    fitting         fitting;
} loaded;

/*
 * Find and load the model and its tokenizer, side by side, by the shared
 * options and $BERT_KERNELS; name is "embed" for bert-embed, mode the default
 * of --long. Whatever fails ends the tool.
 */
void load_model(loaded *l, const char *name, long_mode mode);

/* The model's head of that kind, with a warning where its labels are not all
   named. Whatever fails ends the tool. */
void load_head(loaded *l, bert_head_kind kind);

/* Ready the weights: the last thing before the stream, since the tool's own
   options may still be wrong. */
void load_workspace(loaded *l);

/* What a record needs to become tokens of this model. */
preparer load_preparer(const loaded *l);

void load_free(loaded *l);

#endif
