/*
 * protect.c - text that stays one word: what PCRE2 patterns match
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokenizer/protect.h"

#include <pcre2.h>
#include <string.h>

#include "base/memory.h"

struct protect {
    pcre2_code **codes;
    size_t       count;
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
    if (p->codes == NULL) {
        s = error_memory(err);
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

/* pcre2_match(); where the compiled code's stack, of a fixed 32 kB, is too
   small, again without that code, whose stack is the heap. */
static int find(const pcre2_code *code, const found *f, const char *text,
                size_t from, size_t size)
{
    const uint32_t options = PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY;
    int            result =
        pcre2_match(code, (PCRE2_SPTR)text, size, from, options, f->data, NULL);

    if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
        result = pcre2_match(code, (PCRE2_SPTR)text, size, from,
                             options | PCRE2_NO_JIT, f->data, NULL);
    }
    return result;
}

/* The next match of one pattern, from `from` on. */
static bert_status match(const pcre2_code *code, found *f, const char *text,
                         size_t from, size_t size, bert_error *err)
{
    int result = find(code, f, text, from, size);

    if (result == PCRE2_ERROR_NOMATCH) {
        f->begin = size;
        return BERT_OK;
    }
    if (result == PCRE2_ERROR_NOMEMORY) {
        return error_memory(err);
    }
    if (result < 0) {
        PCRE2_UCHAR why[200];
        pcre2_get_error_message(result, why, sizeof why);
        return error_set(err, BERT_BAD_INPUT, "protected text: %s",
                         (const char *)why);
    }
    const PCRE2_SIZE *ovector = pcre2_get_ovector_pointer(f->data);
    f->begin = ovector[0];
    f->end = ovector[1];
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
            bert_status s = match(p->codes[i], f, text, from, size, err);
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
