/*
 * windows.c - which window speaks for each token of a long text
 *
 * The library cuts windows but does not say which token of the text a row is.
 * So the text's tokens are windowed a second time as a shadow whose spans are
 * the tokens' numbers.
 */
#include "common/windows.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

struct window_best {
    size_t window;
    size_t context; /* tokens on the shorter side, plus one; 0: none yet */
};

static bert_status no_memory(bert_error *err)
{
    if (err != NULL) {
        err->status = BERT_NO_MEMORY;
        strcpy(err->message, "out of memory");
    }
    return BERT_NO_MEMORY;
}

/* Copy the encoding with spans {i, i} for token i. */
static bert_status make_shadow(window_scratch      *scratch,
                               const bert_encoding *encoding, bert_error *err)
{
    bert_tokens tokens = bert_encoding_tokens(encoding);
    void       *places = scratch->places;

    if (scratch->shadow == NULL) {
        scratch->shadow = bert_encoding_new();
    }
    if (scratch->shadow == NULL ||
        !grow_array(&places, &scratch->places_capacity, tokens.length,
                    sizeof *scratch->places)) {
        return no_memory(err);
    }
    scratch->places = places;
    for (size_t i = 0; i < tokens.length; i++) {
        scratch->places[i] = (bert_span){i, i};
    }
    tokens.spans = scratch->places;
    tokens.words = NULL;
    return bert_encoding_set(scratch->shadow, &tokens, -1, -1, err);
}

static bert_status cut(const window_plan *plan, const bert_encoding *encoding,
                       const bert_fit *fit, size_t k, window_scratch *scratch,
                       bert_tokens *out, bert_error *err)
{
    if (scratch->window == NULL) {
        scratch->window = bert_encoding_new();
        if (scratch->window == NULL) {
            return no_memory(err);
        }
    }
    size_t      from = plan->backwards ? plan->count - 1 - k : k;
    bert_status status =
        bert_encoding_window(encoding, fit, from, scratch->window, err);
    if (status == BERT_OK) {
        *out = bert_encoding_tokens(scratch->window);
    }
    return status;
}

/* The end of the run of one text's tokens that begins at row i. */
static size_t run_end(const bert_tokens *tokens, size_t i)
{
    size_t end = i;

    while (end < tokens->length && !tokens->special[end] &&
           (end < tokens->second) == (i < tokens->second)) {
        end++;
    }
    return end;
}

/* Compare window k's claims with the best so far. */
static void claim(const bert_tokens *window, size_t k, struct window_best *best)
{
    for (size_t i = 0; i < window->length;) {
        size_t end = run_end(window, i);

        if (end == i) {
            i++; /* a token of the template */
            continue;
        }
        for (size_t row = i; row < end; row++) {
            size_t              left = row - i, right = end - 1 - row;
            size_t              context = (left < right ? left : right) + 1;
            struct window_best *b = &best[window->spans[row].begin];

            if (context > b->context) {
                *b = (struct window_best){k, context};
            }
        }
        i = end;
    }
}

/* Where the template's tokens stand, three at most; returns how many. */
static size_t find_template(const bert_tokens *tokens, size_t at[3])
{
    size_t n = 0;

    for (size_t i = 0; i < tokens->length && n < 3; i++) {
        if (tokens->special[i]) {
            at[n++] = i;
        }
    }
    return n;
}

/* Append what window k speaks for. */
static void take(window_plan *plan, const bert_tokens *window,
                 const size_t template_at[3], size_t templates, size_t k,
                 const struct window_best *best)
{
    size_t n = plan->starts[k], seen = 0;

    for (size_t i = 0; i < window->length; i++) {
        size_t token = window->spans[i].begin;
        bool   mine = !window->special[i] && best[token].window == k;

        if (window->special[i]) {
            bool last = seen > 0 && seen + 1 == templates;

            mine = seen < templates && (last ? k + 1 == plan->count : k == 0);
            token = template_at[seen < templates ? seen : 0];
            seen++;
        }
        if (mine) {
            plan->takes[n++] = (window_take){i, token};
        }
    }
    plan->starts[k + 1] = n;
}

/* One text's windows lie in its order or in the reverse; a pair's stay. */
static bert_status find_order(window_plan *plan, const bert_fit *fit,
                              window_scratch *scratch, bert_error *err)
{
    size_t first[2] = {0, 0};

    plan->backwards = false;
    for (size_t k = 0; k < 2; k++) {
        bert_tokens window;
        bert_status status =
            cut(plan, scratch->shadow, fit, k, scratch, &window, err);

        if (status != BERT_OK) {
            return status;
        }
        for (size_t i = window.length; i > 0; i--) {
            if (!window.special[i - 1]) {
                first[k] = window.spans[i - 1].begin;
            }
            if (i - 1 >= window.second) {
                return BERT_OK;
            }
        }
    }
    plan->backwards = first[1] < first[0];
    return BERT_OK;
}

static bool make_room(window_plan *plan, window_scratch *scratch, size_t tokens)
{
    void *starts = plan->starts, *takes = plan->takes, *best = scratch->best;
    bool  done = grow_array(&starts, &plan->starts_capacity, plan->count + 1,
                            sizeof *plan->starts) &&
                grow_array(&takes, &plan->takes_capacity, tokens,
                           sizeof *plan->takes) &&
                grow_array(&best, &scratch->best_capacity, tokens,
                           sizeof *scratch->best);

    plan->starts = starts;
    plan->takes = takes;
    scratch->best = best;
    return done;
}

bert_status window_plan_make(window_plan *plan, const bert_encoding *encoding,
                             const bert_fit *fit, window_scratch *scratch,
                             bert_error *err)
{
    bert_status status =
        bert_encoding_windows(encoding, fit, &plan->count, err);

    if (status != BERT_OK || plan->count == 1) {
        return status;
    }
    bert_tokens all = bert_encoding_tokens(encoding);
    if (!make_room(plan, scratch, all.length)) {
        return no_memory(err);
    }
    size_t template_at[3] = {0};
    size_t templates = find_template(&all, template_at);
    memset(scratch->best, 0, all.length * sizeof *scratch->best);
    status = make_shadow(scratch, encoding, err);
    if (status == BERT_OK) {
        status = find_order(plan, fit, scratch, err);
    }
    for (int pass = 0; pass < 2 && status == BERT_OK; pass++) {
        plan->starts[0] = 0;
        for (size_t k = 0; k < plan->count && status == BERT_OK; k++) {
            bert_tokens window;

            status = cut(plan, scratch->shadow, fit, k, scratch, &window, err);
            if (status == BERT_OK && pass == 0) {
                claim(&window, k, scratch->best);
            } else if (status == BERT_OK) {
                take(plan, &window, template_at, templates, k, scratch->best);
            }
        }
    }
    return status;
}

bert_status window_get(const window_plan *plan, const bert_encoding *encoding,
                       const bert_fit *fit, size_t k, window_scratch *scratch,
                       bert_tokens *out, bert_error *err)
{
    return cut(plan, encoding, fit, k, scratch, out, err);
}

void window_plan_free(window_plan *plan)
{
    free(plan->starts);
    free(plan->takes);
    *plan = (window_plan){0};
}

void window_scratch_free(window_scratch *scratch)
{
    bert_encoding_free(scratch->shadow);
    bert_encoding_free(scratch->window);
    free(scratch->places);
    free(scratch->best);
    *scratch = (window_scratch){0};
}
