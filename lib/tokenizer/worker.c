/*
 * worker.c - one text through the stages: added tokens, protected text, and
 * the stretches between
 */
#include "tokenizer/worker.h"

#include <stdatomic.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "tokenizer/stretch.h"
#include "tokenizer/tokenizer.h"

enum { POOL = 16 };

struct worker_pool {
    _Atomic(worker *) idle[POOL];
};

static void worker_free(worker *w)
{
    if (w != NULL) {
        normalizer_free(&w->normalizer);
        words_free(&w->words);
        protect_state_free(w->protect);
        memory_free(w->cache);
        memory_free(w);
    }
}

worker_pool *worker_pool_new(void)
{
    worker_pool *pool = memory_new(1, sizeof *pool);

    for (size_t i = 0; pool != NULL && i < POOL; i++) {
        atomic_init(&pool->idle[i], NULL);
    }
    return pool;
}

void worker_pool_free(worker_pool *pool)
{
    for (size_t i = 0; pool != NULL && i < POOL; i++) {
        worker_free(atomic_load(&pool->idle[i]));
    }
    memory_free(pool);
}

static worker *worker_new(const bert_tokenizer *tok)
{
    worker *w = memory_new_zeroed(1, sizeof *w);

    if (w == NULL) {
        return NULL;
    }
    w->tok = tok;
    w->words.wp = &tok->wordpiece;
    w->normalizer.settings = &tok->settings;
    w->normalizer.words = &w->words;
    w->cache = memory_new_zeroed((size_t)1 << CACHE_BITS, sizeof(cache_entry));
    if (w->cache == NULL) {
        worker_free(w);
        return NULL;
    }
    if (tok->protect != NULL &&
        (w->protect = protect_state_new(tok->protect)) == NULL) {
        worker_free(w);
        return NULL;
    }
    return w;
}

worker *worker_take(const bert_tokenizer *tok)
{
    for (size_t i = 0; i < POOL; i++) {
        worker *w = atomic_exchange(&tok->pool->idle[i], NULL);
        if (w != NULL) {
            return w;
        }
    }
    return worker_new(tok);
}

void worker_give(worker *w)
{
    worker_pool *pool = w->tok->pool;

    w->words.count = w->words.size = 0;
    w->words.overlong = w->words.failed = w->words.collect = false;
    w->normalizer.mark_count = w->normalizer.place_count = 0;
    w->normalizer.survivors = w->normalizer.failed = false;
    for (size_t i = 0; i < POOL; i++) {
        worker *none = NULL;
        if (atomic_compare_exchange_strong(&pool->idle[i], &none, w)) {
            return;
        }
    }
    worker_free(w);
}

void worker_normalize_text(worker *w, const char *text, size_t begin,
                           size_t end)
{
    if (w->tok->settings.google) {
        google_text(&w->normalizer, text, begin, end);
    } else {
        normalize_text(&w->normalizer, text, begin, end);
    }
}

/* Characters of the collected text, from begin to end of its bytes. */
static void put_cells(worker *w, const cell *cells, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        unsigned flags = w->tok->settings.google ? google_flags(cells[i].c)
                                                 : char_look(cells[i].c).flags;
        words_put(&w->words, cells[i].c, flags, false, cells[i].begin,
                  cells[i].end);
    }
    words_end(&w->words);
}

/* Take what was collected out of the words, to be freed by the caller. */
static void take_collected(worker *w, words *out)
{
    words *all = &w->words;

    *out = (words){.cells = all->cells,
                   .bytes = all->bytes,
                   .count = all->count,
                   .size = all->size};
    all->cells = NULL;
    all->bytes = NULL;
    all->count = all->capacity = all->size = all->byte_capacity = 0;
    all->collect = false;
}

/* The first cell that begins at `at` or later. */
static size_t cell_at(const words *text, size_t from, size_t at)
{
    while (from < text->count && text->cells[from].at < at) {
        from++;
    }
    return from;
}

/* With added tokens that are sought in the normalised text, that is made as a
   whole first. Matches ascend, so each is sought from the last one's end. */
static void put_collected(worker *w, const char *text, size_t begin, size_t end)
{
    const bert_tokenizer *tok = w->tok;
    added_search          search = {0};
    added_match           match;
    words                 all;
    size_t                done = 0;

    w->words.collect = true;
    worker_normalize_text(w, text, begin, end);
    take_collected(w, &all);
    while (added_next(&tok->normalized, all.bytes, all.size, tok->literal,
                      &search, &match)) {
        size_t from = cell_at(&all, done, match.begin);
        size_t to = cell_at(&all, from, match.end);
        if (from > done) {
            put_cells(w, all.cells, done, from);
        }
        words_put_token(&w->words, match.token->id, all.cells[from].begin,
                        all.cells[to - 1].end);
        done = to;
    }
    put_cells(w, all.cells, done, all.count);
    words_free(&all);
}

static void put_unprotected(worker *w, const char *text, size_t begin,
                            size_t end, size_t size)
{
    if (w->tok->normalized.count > 0) {
        put_collected(w, text, begin, end);
    } else {
        stretch_put(w, text, begin, end, size);
    }
}

/* A segment of text [all] between added tokens. */
static bert_status put_segment(worker *w, const char *text, size_t begin,
                               size_t end, size_t all, bert_error *err)
{
    const protect *p = w->tok->protect;
    bert_status    s = BERT_OK;
    size_t         at = 0, from, to, size = end - begin;

    for (bool again = false; p != NULL && at < size; again = true) {
        s = protect_next(p, w->protect, text + begin, at, size, again, &from,
                         &to, err);
        if (s != BERT_OK || from == size) {
            break;
        }
        put_unprotected(w, text, begin + at, begin + from, all);
        w->normalizer.whole = true;
        worker_normalize_text(w, text, begin + from, begin + to);
        w->normalizer.whole = false;
        words_end(&w->words);
        at = to;
    }
    if (s == BERT_OK) {
        put_unprotected(w, text, begin + at, end, all);
    }
    return s;
}

bert_status worker_run(worker *w, const char *text, size_t size,
                       bert_error *err)
{
    const bert_tokenizer *tok = w->tok;
    added_search          search = {0};
    added_match           match;
    size_t                done = 0;
    bert_status           s = BERT_OK;

    while (s == BERT_OK &&
           added_next(&tok->raw, text, size, tok->literal, &search, &match)) {
        if (match.begin > done) {
            s = put_segment(w, text, done, match.begin, size, err);
        }
        words_put_token(&w->words, match.token->id, match.begin, match.end);
        done = match.end;
    }
    if (s == BERT_OK && done < size) {
        s = put_segment(w, text, done, size, size, err);
    }
    if (s == BERT_OK && (w->words.failed || w->normalizer.failed)) {
        s = error_memory(err);
    }
    return s;
}

bool worker_normalize(worker *w, const char *text, size_t size,
                      bert_buffer *out)
{
    words all;

    w->words.collect = true;
    worker_normalize_text(w, text, 0, size);
    take_collected(w, &all);
    bool done = !w->words.failed && !w->normalizer.failed &&
                buffer_put(out, all.bytes, all.size);
    words_free(&all);
    return done;
}
