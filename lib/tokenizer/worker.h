/*
 * worker.h - the scratch memory of one encoding run, and text to tokens
 *
 * A tokenizer keeps workers that are not in use, at most one for every thread
 * that has run at a time, so that neither tokenizers nor encodings grow.
 */
#ifndef TOKENIZER_WORKER_H
#define TOKENIZER_WORKER_H

#include "tokenizer/cache.h"
#include "tokenizer/normalize.h"
#include "tokenizer/protect.h"

typedef struct worker {
    const bert_tokenizer *tok;
    normalizer            normalizer;
    words                 words;
    protect_state        *protect;
    cache_entry          *cache;    /* [2^CACHE_BITS] */
    bool                  ids_only; /* words and spans need not be right */
} worker;

typedef struct worker_pool worker_pool;

worker_pool *worker_pool_new(void); /* NULL: no memory */
void         worker_pool_free(worker_pool *pool);

/* A worker for tok; NULL: no memory. */
worker *worker_take(const bert_tokenizer *tok);
void    worker_give(worker *w);

/* The tokens of one text, appended to enc; places are bytes. Errors:
   BERT_BAD_INPUT (a pattern's match limit), BERT_NO_MEMORY. */
bert_status worker_run(worker *w, const char *text, size_t size,
                       bert_error *err);

/* Text[begin,end) through the normaliser that the settings choose. */
void worker_normalize_text(worker *w, const char *text, size_t begin,
                           size_t end);

/* The normalised form of a text, appended to out. false: no memory. */
bool worker_normalize(worker *w, const char *text, size_t size,
                      bert_buffer *out);

#endif
