/*
 * worker.h - the scratch memory of one encoding run, and text to tokens
 *
 * A tokenizer keeps workers that are not in use, at most one for every thread
 * that has run at a time, so that neither tokenizers nor encodings grow.
 */
#ifndef TOKENIZER_WORKER_H
#define TOKENIZER_WORKER_H

#include "tokenizer/normalize.h"
#include "tokenizer/protect.h"

/* What a byte of the raw text means to the quick way through. */
enum {
    BYTE_OTHER = 0, /* beyond ASCII, or a control: through the normaliser */
    BYTE_WORD,
    BYTE_SPACE,
    BYTE_PUNCT
};

typedef struct worker {
    const bert_tokenizer *tok;
    normalizer            normalizer;
    words                 words;
    protect_state        *protect;
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

/* Fill bytes[256] for settings. */
void worker_bytes(const settings *s, uint8_t bytes[256]);

/* The normalised form of a text, appended to out. false: no memory. */
bool worker_normalize(worker *w, const char *text, size_t size,
                      bert_buffer *out);

#endif
