/*
 * windows.h - which window speaks for each token of a long text
 *
 * The rule: a token counts once, taken from the window in which it has most
 * context, that is, where the smaller of the numbers of tokens to its left and
 * to its right in its own text is largest; of several such windows, the first.
 * (google-research/bert run_squad.py, _check_is_max_context, without its 0.01
 * of the window's length.) The template's tokens count once too: the last of
 * them from the last window, the others from the first.
 *
 * Windows are numbered here in the order of the text, also where they were cut
 * from its right end backwards (--truncate-side left).
 */
#ifndef COMMON_WINDOWS_H
#define COMMON_WINDOWS_H

#include <bert.h>

/* Row `row` of a window is token `token` of the whole encoding. */
typedef struct window_take {
    size_t row, token;
} window_take;

typedef struct window_plan {
    size_t       count;     /* windows; 1: all fits, and nothing else is set */
    bool         backwards; /* numbered against the library's order */
    size_t      *starts;    /* [count+1]: window k's takes */
    window_take *takes;     /* [tokens], of each window in ascending order */
    size_t       starts_capacity, takes_capacity;
} window_plan;

/* Scratch memory of one thread; zero it to begin. */
typedef struct window_scratch {
    bert_encoding      *shadow, *window;
    bert_span          *places;
    struct window_best *best;
    size_t              places_capacity, best_capacity;
} window_scratch;

/* Errors: as bert_encoding_windows(). */
bert_status window_plan_make(window_plan *plan, const bert_encoding *encoding,
                             const bert_fit *fit, window_scratch *scratch,
                             bert_error *err);

/* Window k of the plan, lent by scratch until its next use. */
bert_status window_get(const window_plan *plan, const bert_encoding *encoding,
                       const bert_fit *fit, size_t k, window_scratch *scratch,
                       bert_tokens *out, bert_error *err);

void window_plan_free(window_plan *plan);
void window_scratch_free(window_scratch *scratch);

#endif
