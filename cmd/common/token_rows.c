/*
 * token_rows.c - a vector a token, or a word, of one text
 */
#include "common/token_rows.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

void piece_row(const encode_piece *piece, size_t row, bool concat, float *out)
{
    const float *first = piece->values + row * piece->H;
    size_t       H = piece->H;

    memcpy(out, first, H * sizeof *out);
    for (size_t l = 1; l < piece->layers; l++) {
        const float *state = first + l * piece->stride;

        if (concat) {
            memcpy(out + l * H, state, H * sizeof *out);
            continue;
        }
        for (size_t i = 0; i < H; i++) {
            out[i] += state[i];
        }
    }
    for (size_t i = 0; !concat && piece->layers > 1 && i < H; i++) {
        out[i] /= (float)piece->layers;
    }
}

static bool grow_rows(token_rows *rows, size_t count)
{
    void  *values = rows->values, *tokens = rows->tokens, *lasts = rows->lasts;
    size_t one = rows->capacity, two = rows->capacity;

    if (rows->width > 0 && count > SIZE_MAX / rows->width) {
        return false;
    }
    bool done = grow_array(&values, &rows->values_capacity, count * rows->width,
                           sizeof *rows->values) &&
                grow_array(&tokens, &one, count, sizeof *rows->tokens);
    rows->values = values;
    rows->tokens = tokens;
    done = done && grow_array(&lasts, &two, count, sizeof *rows->lasts);
    rows->lasts = lasts;
    if (done) {
        rows->capacity = one < two ? one : two;
    }
    return done;
}

bool token_rows_add(token_rows *rows, const encode_piece *piece, bool concat,
                    bool (*wanted)(void *context, size_t token), void *context)
{
    rows->width = piece->H * (concat ? piece->layers : 1);
    if (!grow_rows(rows, rows->count + piece->count)) {
        return false;
    }
    for (size_t i = 0; i < piece->count; i++) {
        size_t row = piece->takes != NULL ? piece->takes[i].row : i;
        size_t token = piece->takes != NULL ? piece->takes[i].token : i;

        if (wanted(context, token)) {
            piece_row(piece, row, concat,
                      rows->values + rows->count * rows->width);
            rows->tokens[rows->count] = rows->lasts[rows->count] = token;
            rows->count++;
        }
    }
    return true;
}

/* Divide the sum in row n by the pieces it is of. */
static void finish_word(token_rows *rows, size_t n, size_t pieces)
{
    float *row = rows->values + n * rows->width;

    for (size_t i = 0; i < rows->width; i++) {
        row[i] /= (float)pieces;
    }
}

void token_rows_to_words(token_rows *rows, const bert_tokens *tokens)
{
    size_t done = 0, pieces = 0, width = rows->width;

    for (size_t i = 0; i < rows->count; i++) {
        size_t token = rows->tokens[i];
        float *row = rows->values + i * width;

        if (tokens->words[token] < 0) {
            continue;
        }
        size_t last = done > 0 ? rows->lasts[done - 1] : 0;
        if (done > 0 && tokens->words[last] == tokens->words[token] &&
            (last < tokens->second) == (token < tokens->second)) {
            float *sum = rows->values + (done - 1) * width;

            for (size_t k = 0; k < width; k++) {
                sum[k] += row[k];
            }
            rows->lasts[done - 1] = token;
            pieces++;
            continue;
        }
        if (done > 0) {
            finish_word(rows, done - 1, pieces);
        }
        memmove(rows->values + done * width, row, width * sizeof *row);
        rows->tokens[done] = rows->lasts[done] = token;
        pieces = 1;
        done++;
    }
    if (done > 0) {
        finish_word(rows, done - 1, pieces);
    }
    rows->count = done;
}

bool token_rows_room(token_rows *rows)
{
    size_t n = rows->count > 0 ? rows->count : 1;

    free(rows->texts);
    free(rows->spans);
    rows->texts = calloc(n, sizeof *rows->texts);
    rows->spans = calloc(n, sizeof *rows->spans);
    for (int i = 0; i < 2; i++) {
        free(rows->ints[i]);
        rows->ints[i] = calloc(n, sizeof *rows->ints[i]);
    }
    return rows->texts != NULL && rows->spans != NULL &&
           rows->ints[0] != NULL && rows->ints[1] != NULL;
}

void token_rows_free(token_rows *rows)
{
    free(rows->values);
    free(rows->tokens);
    free(rows->lasts);
    free(rows->texts);
    free(rows->spans);
    free(rows->ints[0]);
    free(rows->ints[1]);
    *rows = (token_rows){0};
}
