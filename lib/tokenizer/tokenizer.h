/*
 * tokenizer.h - what a loaded tokenizer holds
 */
#ifndef TOKENIZER_TOKENIZER_H
#define TOKENIZER_TOKENIZER_H

#include "tokenizer/protect.h"
#include "tokenizer/settings.h"
#include "tokenizer/special.h"
#include "tokenizer/wordpiece.h"
#include "tokenizer/worker.h"

struct bert_tokenizer {
    settings  settings;
    vocab     vocab;
    wordpiece wordpiece;
    added_set raw;        /* sought in the text */
    added_set normalized; /* sought in the normalised text between */
    bool      literal;
    int32_t   cls, sep;
    int32_t   mask, pad;  /* -1: none */
    protect  *protect;    /* or NULL */
    uint8_t   bytes[256]; /* BYTE_... of stretch.h */
    char      fingerprint[17];
    /* Scratch memory between uses: the one thing that changes, by exchange
       of whole workers. */
    worker_pool *pool;
};

#endif
