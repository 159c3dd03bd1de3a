/*
 * protect.c - text that stays one word: what PCRE2 patterns match
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokenizer/protect.h"

#include <pcre2.h>
#include <string.h>

#include "base/memory.h"

/* The heap that one match may take, in kB: 256 MB. */
enum { MOST_HEAP = 256 * 1024 };

struct protect {
    pcre2_code         **codes;
    size_t               count;
    pcre2_match_context *limits;
};

/* Per pattern its match data and its next match, found once. */
typedef struct found {
    pcre2_match_data *data;
    size_t            begin, end; /* begin == size of the text: none left */
} found;

struct protect_state {
    found *found;
    size_t count;
};

void protect_free(protect *p)
{
    if (p == NULL) {
        return;
    }
    for (size_t i = 0; i < p->count; i++) {
        pcre2_code_free(p->codes[i]);
    }
    memory_free(p->codes);
    pcre2_match_context_free(p->limits);
    memory_free(p);
}

static bert_status compile(pcre2_code **out, const char *pattern,
                           bert_error *err)
{
    int         code;
    PCRE2_SIZE  at;
    PCRE2_UCHAR why[200];

    *out = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                         PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code,
                         &at, NULL);
    if (*out == NULL) {
        pcre2_get_error_message(code, why, sizeof why);
        return error_set(err, BERT_BAD_CALL, "pattern %s: %s at byte %zu",
                         pattern, (const char *)why, (size_t)at + 1);
    }
    /* Without the compiler (or memory for it) matching is only slower. */
    (void)pcre2_jit_compile(*out, PCRE2_JIT_COMPLETE);
    return BERT_OK;
}

bert_status protect_new(protect **out, const char *const *patterns,
                        size_t count, bert_error *err)
{
    bert_status s = BERT_OK;

    *out = NULL;
    if (count == 0) {
        return BERT_OK;
    }
    protect *p = memory_new_zeroed(1, sizeof *p);
    if (p == NULL) {
        return error_memory(err);
    }
    p->codes = memory_new_zeroed(count, sizeof *p->codes);
    p->limits = pcre2_match_context_create(NULL);
    if (p->codes == NULL || p->limits == NULL) {
        s = error_memory(err);
    } else {
        pcre2_set_heap_limit(p->limits, MOST_HEAP);
    }
    for (; s == BERT_OK && p->count < count; p->count++) {
        s = compile(&p->codes[p->count], patterns[p->count], err);
        if (s != BERT_OK) {
            break;
        }
    }
    if (s != BERT_OK) {
        protect_free(p);
        return s;
    }
    *out = p;
    return BERT_OK;
}

void protect_state_free(protect_state *state)
{
    if (state != NULL) {
        for (size_t i = 0; i < state->count; i++) {
            pcre2_match_data_free(state->found[i].data);
        }
        memory_free(state->found);
        memory_free(state);
    }
}

protect_state *protect_state_new(const protect *p)
{
    protect_state *state = memory_new_zeroed(1, sizeof *state);

    if (state == NULL) {
        return NULL;
    }
    state->found = memory_new_zeroed(p->count, sizeof(found));
    bool done = state->found != NULL;
    for (; done && state->count < p->count; state->count++) {
        pcre2_match_data *data = pcre2_match_data_create(1, NULL);
        state->found[state->count].data = data;
        done = data != NULL;
    }
    if (!done) {
        protect_state_free(state);
        return NULL;
    }
    return state;
}

/* pcre2_match() without compiled code: its stack is the heap. The match data
   keeps what it took, so they are of this match only. */
static int interpret(const protect *p, const pcre2_code *code, const char *text,
                     size_t from, size_t size, size_t place[2])
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);

    if (data == NULL) {
        return PCRE2_ERROR_NOMEMORY;
    }
    int result = pcre2_match(code, (PCRE2_SPTR)text, size, from,
                             PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY | PCRE2_NO_JIT,
                             data, p->limits);
    if (result >= 0) {
        memcpy(place, pcre2_get_ovector_pointer(data), 2 * sizeof *place);
    }
    pcre2_match_data_free(data);
    return result;
}

/* A pcre2_match() and its place. The compiled code's stack has a fixed 32 kB:
   where they do not do, or there is no such code, pattern i is interpreted. */
static int find(const protect *p, const protect_state *state, size_t i,
                const char *text, size_t from, size_t size, size_t place[2])
{
    const pcre2_code *code = p->codes[i];
    pcre2_match_data *data = state->found[i].data;
    size_t            compiled = 0;
    int               result = PCRE2_ERROR_JIT_STACKLIMIT;

    (void)pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &compiled);
    if (compiled > 0) {
        result = pcre2_match(code, (PCRE2_SPTR)text, size, from,
                             PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY, data, NULL);
    }
    if (result >= 0) {
        memcpy(place, pcre2_get_ovector_pointer(data), 2 * sizeof *place);
    }
    return result != PCRE2_ERROR_JIT_STACKLIMIT
               ? result
               : interpret(p, code, text, from, size, place);
}

/* The next match of pattern i, from `from` on. */
static bert_status match(const protect *p, protect_state *state, size_t i,
                         const char *text, size_t from, size_t size,
                         bert_error *err)
{
    found *f = &state->found[i];
    size_t place[2] = {size, size};
    int    result = find(p, state, i, text, from, size, place);

    if (result == PCRE2_ERROR_NOMATCH) {
        f->begin = size;
        return BERT_OK;
    }
    if (result == PCRE2_ERROR_NOMEMORY) {
        return error_memory(err);
    }
    if (result == PCRE2_ERROR_HEAPLIMIT) {
        return error_set(err, BERT_BAD_INPUT,
                         "protected text: a match needs more than %d MB",
                         MOST_HEAP / 1024);
    }
    if (result < 0) {
        PCRE2_UCHAR why[200];
        pcre2_get_error_message(result, why, sizeof why);
        return error_set(err, BERT_BAD_INPUT, "protected text: %s",
                         (const char *)why);
    }
    f->begin = place[0];
    f->end = place[1];
    /* \K in a lookahead may end a match before it begins: no match to us. */
    if (f->begin >= f->end || f->begin < from) {
        f->begin = size;
    }
    return BERT_OK;
}

bert_status protect_next(const protect *p, protect_state *state,
                         const char *text, size_t from, size_t size, bool again,
                         size_t *begin, size_t *end, bert_error *err)
{
    *begin = *end = size;
    for (size_t i = 0; i < p->count; i++) {
        found *f = &state->found[i];
        if (!again || f->begin < from) {
            bert_status s = match(p, state, i, text, from, size, err);
            if (s != BERT_OK) {
                return s;
            }
        }
        if (f->begin < *begin) {
            *begin = f->begin;
            *end = f->end;
        }
    }
    return BERT_OK;
}
