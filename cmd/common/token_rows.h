/*
 * token_rows.h - a vector a token, or a word, of one text
 */
#ifndef COMMON_TOKEN_ROWS_H
#define COMMON_TOKEN_ROWS_H

#include <bert.h>

#include "common/encode.h"

/* The rows of one text so far; zero it to begin, and use it again. */
typedef struct token_rows {
    size_t     width, count; /* values [count, width] */
    float     *values;
    size_t    *tokens; /* [count]: the token (of a word: its first) */
    size_t    *lasts;  /* [count]: the last token of a word */
    bert_text *texts;  /* [count], filled by the caller as it likes */
    bert_span *spans;
    int32_t   *ints[2];
    size_t     values_capacity, capacity;
} token_rows;

/*
 * Row `row` of a sequence: the mean of its hidden states, or with concat their
 * numbers end to end (Devlin et al. 2019, section 5.3). out [H] or
 * [layers * H].
 */
void piece_row(const encode_piece *piece, size_t row, bool concat, float *out);

/* Append the rows of a piece whose token `wanted` says yes to. false: no
   memory. */
bool token_rows_add(token_rows *rows, const encode_piece *piece, bool concat,
                    bool (*wanted)(void *context, size_t token), void *context);

/* Make the rows of each word's pieces into one, their mean; tokens without a
   word go. Rows must be in the order of the text. */
void token_rows_to_words(token_rows *rows, const bert_tokens *tokens);

/* Room for texts, spans and ints of every row. false: no memory. */
bool token_rows_room(token_rows *rows);

void token_rows_free(token_rows *rows);

#endif
