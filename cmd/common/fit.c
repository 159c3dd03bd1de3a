/*
 * fit.c - how long a sequence may be, and what happens to longer texts
 */
#include "common/fit.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The template's tokens: [CLS] a [SEP], [CLS] a [SEP] b [SEP]. */
enum { TEMPLATE_ONE = 2, TEMPLATE_PAIR = 3 };

static bool side_is_left(const char *side, size_t size)
{
    if (size == 4 && memcmp(side, "left", 4) == 0) {
        return true;
    }
    if (size != 5 || memcmp(side, "right", 5) != 0) {
        usage_error("--truncate-side: '%s' is not left, right, or one of each "
                    "for pairs: left,right",
                    shared.sides);
    }
    return false;
}

static void choose_sides(bert_fit *fit)
{
    if (shared.sides == NULL) {
        return;
    }
    size_t n = strcspn(shared.sides, ",");
    fit->cut_left[0] = side_is_left(shared.sides, n);
    fit->cut_left[1] = fit->cut_left[0];
    if (shared.sides[n] == ',') {
        const char *second = shared.sides + n + 1;

        fit->cut_left[1] = side_is_left(second, strlen(second));
    }
}

static size_t smaller_given(size_t a, size_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static size_t choose_length(const char *folder)
{
    bert_lengths lengths = {0};
    bert_error   err;

    if (folder != NULL &&
        bert_folder_lengths(folder, &lengths, &err) != BERT_OK) {
        stop_library(&err);
    }
    size_t most = lengths.max_position_embeddings;
    if (shared.max_length > 0) {
        if (most > 0 && shared.max_length > most) {
            usage_error("--max-length %zu: the model takes %zu tokens at most",
                        shared.max_length, most);
        }
        return shared.max_length;
    }
    size_t usual =
        shared.usual_length > 0 ? shared.usual_length : lengths.max_seq_length;
    size_t length =
        smaller_given(smaller_given(usual, lengths.model_max_length), most);
    if (length == 0 && folder == NULL) {
        usage_error("--long needs --max-length, or a model that gives one");
    }
    if (length < TEMPLATE_ONE) {
        stop_error("%s: its files name no length: give --max-length", folder);
    }
    return length;
}

/* "--long truncate or window": the tool's choices but `error`, and but
   head-tail where `sides`, since it leaves none to choose. */
static void name_modes(char *out, size_t size, bool sides)
{
    const char *choices = options_argument("long"), *left[4];
    size_t      sizes[4], count = 0, used = 0;

    for (const char *c = choices; *c != '\0' && count < 4;) {
        size_t n = strcspn(c, "|");

        if (strncmp(c, "error", n) != 0 &&
            !(sides && strncmp(c, "head-tail", n) == 0)) {
            left[count] = c;
            sizes[count++] = n;
        }
        c += n + (c[n] == '|');
    }
    used = (size_t)snprintf(out, size, "--long");
    for (size_t i = 0; i < count && used < size; i++) {
        const char *between = i == 0 ? " " : i + 1 < count ? ", " : " or ";

        used += (size_t)snprintf(out + used, size - used, "%s%.*s", between,
                                 (int)sizes[i], left[i]);
    }
}

/* Options that would do nothing. */
static void refuse_idle(const fitting *f)
{
    bool window = f->limited && f->mode == LONG_WINDOW;

    if (shared.overlap != SIZE_MAX && !window) {
        usage_error("--overlap goes with --long window");
    }
    if (f->mode == LONG_HEAD_TAIL && shared.sides != NULL) {
        usage_error("--truncate-side does not go with --long head-tail");
    }
    if (!f->limited || f->mode == LONG_ERROR) {
        const char *any = "--max-length or --long";
        char        modes[sizeof f->remedy];

        if (shared.strategy != NOT_GIVEN) {
            usage_error("--truncate goes with %s",
                        f->limited ? f->remedy : any);
        }
        name_modes(modes, sizeof modes, true);
        if (shared.sides != NULL) {
            usage_error("--truncate-side goes with %s",
                        f->limited ? modes : any);
        }
    }
}

/* Fewer than the tokens of a window: the default yields, one given does not. */
static void choose_overlap(bert_fit *fit)
{
    size_t length = fit->max_length, room = length - TEMPLATE_ONE;

    if (room == 0) {
        usage_error("--max-length %zu: a window of it has no room for a text",
                    length);
    }
    fit->overlap_yields = shared.overlap == SIZE_MAX;
    if (fit->overlap_yields) {
        size_t usual = shared.usual_overlap > 0
                           ? smaller_given(length / 2, shared.usual_overlap)
                           : length / 4;
        fit->overlap = usual < room ? usual : room - 1;
        return;
    }
    fit->overlap = shared.overlap;
    if (fit->overlap >= room) {
        usage_error("--overlap %zu: a window of %zu has room for %zu token%s, "
                    "and must move on",
                    fit->overlap, length, room, room == 1 ? "" : "s");
    }
}

void fit_choose(fitting *out, const char *folder, int mode)
{
    *out = (fitting){0};
    out->limited = mode != NOT_GIVEN || shared.max_length > 0 ||
                   shared.long_mode != NOT_GIVEN;
    mode = mode == NOT_GIVEN ? LONG_TRUNCATE : mode;
    out->mode = shared.long_mode == NOT_GIVEN ? (long_mode)mode
                                              : (long_mode)shared.long_mode;
    name_modes(out->remedy, sizeof out->remedy, false);
    refuse_idle(out);
    if (!out->limited) {
        return;
    }
    bert_fit *fit = &out->fit;
    fit->max_length = choose_length(folder);
    if (shared.pair && fit->max_length < TEMPLATE_PAIR) {
        usage_error("--max-length: a pair needs %d at least", TEMPLATE_PAIR);
    }
    fit->strategy = shared.strategy == NOT_GIVEN
                        ? BERT_LONGEST_FIRST
                        : (bert_truncation)shared.strategy;
    choose_sides(fit);
    if (out->mode == LONG_HEAD_TAIL) {
        out->mode = LONG_TRUNCATE;
        fit->cut_middle = true;
    }
    if (out->mode == LONG_WINDOW) {
        choose_overlap(fit);
    }
}
