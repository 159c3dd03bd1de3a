/*
 * pretokenize.c - normalised characters to words, words to tokens
 */
#include "tokenizer/pretokenize.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "tokenizer/chars.h"

void words_free(words *w)
{
    memory_free(w->cells);
    memory_free(w->bytes);
    memory_free(w->pieces);
    *w = (words){0};
}

static bool reserve(words *w)
{
    void *cells = w->cells, *bytes = w->bytes;
    bool  done =
        memory_reserve(&cells, &w->capacity, w->count + 1, sizeof(cell)) &&
        memory_reserve(&bytes, &w->byte_capacity, w->size + 4, 1);

    w->cells = cells;
    w->bytes = bytes;
    w->failed |= !done;
    return done;
}

static void append(words *w, uint32_t c, size_t begin, size_t end)
{
    if (w->overlong) {
        w->end = end;
        return;
    }
    if (w->count >= w->wp->max_chars && !w->collect) {
        w->overlong = true;
        w->begin = w->cells[0].begin;
        w->end = end;
        return;
    }
    if (w->size > UINT32_MAX - 4) { /* collected text: 4 GiB are enough */
        w->failed = true;
        return;
    }
    if ((w->count == w->capacity || w->size + 4 > w->byte_capacity) &&
        !reserve(w)) {
        return;
    }
    w->cells[w->count++] = (cell){c, (uint32_t)w->size, begin, end};
    if (c < 0x80) {
        w->bytes[w->size++] = (char)c;
    } else {
        w->size += utf8_encode(c, w->bytes + w->size);
    }
}

void words_put(words *w, uint32_t c, unsigned flags, bool whole, size_t begin,
               size_t end)
{
    if (w->failed) {
        return;
    }
    if (whole || w->collect || (flags & (CHAR_SPACE | CHAR_PUNCT)) == 0) {
        append(w, c, begin, end);
        return;
    }
    words_end(w);
    if ((flags & CHAR_SPACE) == 0) {
        append(w, c, begin, end);
        words_end(w);
    }
}

bool words_reserve(words *w, size_t size)
{
    void *pieces = w->pieces, *bytes = w->bytes;
    bool  done =
        memory_reserve(&pieces, &w->piece_capacity, size, sizeof(piece)) &&
        memory_reserve(&bytes, &w->byte_capacity, size, 1);

    w->pieces = pieces;
    w->bytes = bytes;
    w->failed |= !done;
    return done;
}

void words_put_token(words *w, int32_t id, size_t begin, size_t end)
{
    w->failed |= !encoding_push(w->enc, id, words_take_number(w), begin, end);
}

static void put_pieces(words *w, size_t count)
{
    int32_t word = words_take_number(w);
    size_t  at = 0;

    for (size_t i = 0; i < count; i++) {
        size_t first = at;
        while (at < w->count && w->cells[at].at < w->pieces[i].end) {
            at++;
        }
        if (!encoding_push(w->enc, w->pieces[i].id, word, w->cells[first].begin,
                           w->cells[at - 1].end)) {
            w->failed = true;
            return;
        }
    }
}

void words_end(words *w)
{
    if (w->collect || w->failed || w->count == 0) {
        return;
    }
    if (w->overlong) {
        words_put_token(w, w->wp->unknown, w->begin, w->end);
    } else {
        if (!words_reserve(w, w->size)) {
            return;
        }
        size_t count = wordpiece_split(w->wp, w->bytes, w->size, w->pieces);
        if (count > 0) {
            put_pieces(w, count);
        } else {
            words_put_token(w, w->wp->unknown, w->cells[0].begin,
                            w->cells[w->count - 1].end);
        }
    }
    w->count = w->size = 0;
    w->overlong = false;
}
