/*
 * truncate.c - cutting tokens to a length, and cutting them into windows
 *
 * utils/truncation.rs, truncate_encodings, and tokenizer/encoding.rs, truncate,
 * of Hugging Face's tokenizers 0.23.3; the order of a pair's windows is that of
 * its overflowing encodings.
 */
#include "tokenizer/encoding.h"

#include <string.h>

typedef struct range {
    size_t begin, end;
} range;

/* What is kept of one text: a range, or two of them. */
typedef struct parts {
    range head, tail;
} parts;

/* Of 510 tokens, the first 128 and the last 382 (Sun et al. 2019, 5.3.1). */
enum { HEAD = 128, HEAD_OF = 510 };

/* Tokens of the template, which every piece bears. */
static size_t template_size(const bert_encoding *enc)
{
    return (size_t)enc->cls + enc->sep[0] + enc->sep[1];
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* truncate_encodings, longest first: the shorter text keeps its tokens while
   it fits into half, and the longer one (or the second) gets the odd one. */
static void longest_first(const bert_encoding *enc, size_t room, size_t keep[2])
{
    if (!enc->pair) {
        keep[0] = room;
        return;
    }
    bool   swapped = enc->text[0] > enc->text[1];
    size_t shorter = enc->text[swapped], longer;

    if (shorter > room || room - shorter < shorter) {
        longer = shorter;
    } else {
        longer = room - shorter;
    }
    if (shorter + longer > room) {
        shorter = room / 2;
        longer = shorter + room % 2;
    }
    keep[swapped] = smaller(shorter, enc->text[swapped]);
    keep[!swapped] = smaller(longer, enc->text[!swapped]);
}

/* How many tokens each text keeps in one piece of fit->max_length. */
static bert_status kept(const bert_encoding *enc, const bert_fit *fit,
                        size_t keep[2], bert_error *err)
{
    size_t total = enc->text[0] + enc->text[1];
    size_t fixed = template_size(enc);

    keep[0] = enc->text[0];
    keep[1] = enc->text[1];
    if (fit->max_length == 0) {
        return BERT_OK;
    }
    if (fit->max_length < fixed) {
        return error_set(err, BERT_BAD_INPUT,
                         "a length of %zu has no room for the %zu special "
                         "tokens",
                         fit->max_length, fixed);
    }
    size_t room = fit->max_length - fixed;
    if (total <= room) {
        return BERT_OK;
    }
    if (room == 0) {
        keep[0] = keep[1] = 0;
        return BERT_OK;
    }
    if (fit->strategy == BERT_LONGEST_FIRST) {
        longest_first(enc, room, keep);
        return BERT_OK;
    }
    size_t side = fit->strategy == BERT_ONLY_SECOND;
    if (side == 1 && !enc->pair) {
        return error_set(err, BERT_BAD_INPUT,
                         "only-second, but there is no second text");
    }
    if (enc->text[side] <= total - room) {
        return error_set(
            err, BERT_BAD_INPUT, "%zu tokens to cut, but the %s text has %zu",
            total - room, side == 0 ? "first" : "second", enc->text[side]);
    }
    keep[side] = enc->text[side] - (total - room);
    return BERT_OK;
}

/* Append tokens [begin,end) of from. */
static void copy(bert_encoding *to, const bert_encoding *from, size_t begin,
                 size_t end)
{
    size_t n = end - begin, at = to->length;

    if (n == 0) {
        return;
    }
    memmove(to->ids + at, from->ids + begin, n * sizeof *to->ids);
    if (from->own_types) {
        memmove(to->type_ids + at, from->type_ids + begin,
                n * sizeof *to->type_ids);
    }
    if (from->has_words) {
        memmove(to->words + at, from->words + begin, n * sizeof *to->words);
    }
    if (from->has_spans) {
        memmove(to->spans + at, from->spans + begin, n * sizeof *to->spans);
    }
    to->length = at + n;
}

/* The same of each range of a text that begins at token `at`; returns how many
   tokens they have. */
static size_t copy_parts(bert_encoding *to, const bert_encoding *from,
                         size_t at, const parts *p)
{
    copy(to, from, at + p->head.begin, at + p->head.end);
    copy(to, from, at + p->tail.begin, at + p->tail.end);
    return p->head.end - p->head.begin + p->tail.end - p->tail.begin;
}

/*
 * Write to `to` the template and parts p of each text of `from`, which may be
 * the same: what is copied only ever moves to the left.
 */
static void cut(bert_encoding *to, const bert_encoding *from, const parts p[2])
{
    size_t first = (size_t)from->cls;
    size_t sep = first + from->text[0];
    size_t second = sep + (size_t)from->sep[0];
    size_t end = second + from->text[1];
    bool   last = from->sep[1];

    to->has_words = from->has_words;
    to->has_spans = from->has_spans;
    to->pair = from->pair;
    to->own_types = from->own_types;
    to->cls = from->cls;
    to->late = from->late;
    to->sep[0] = from->sep[0];
    to->sep[1] = from->sep[1];
    to->length = 0;
    copy(to, from, 0, first);
    to->text[0] = copy_parts(to, from, first, &p[0]);
    copy(to, from, sep, second);
    to->text[1] = copy_parts(to, from, second, &p[1]);
    copy(to, from, end, end + (size_t)last);
    encoding_mark(to);
}

/* What stays of n tokens, of which `keep` may. */
static parts parts_kept(size_t n, size_t keep, bool left, bool middle)
{
    if (keep == n) {
        return (parts){.head = {0, n}};
    }
    if (middle) {
        /* keep * HEAD / HEAD_OF to the nearest, and no overflow. */
        size_t head = keep / HEAD_OF * HEAD +
                      (keep % HEAD_OF * HEAD + HEAD_OF / 2) / HEAD_OF;
        return (parts){.head = {0, head}, .tail = {n - (keep - head), n}};
    }
    return (parts){.head = left ? (range){n - keep, n} : (range){0, keep}};
}

bert_status bert_encoding_truncate(bert_encoding *enc, const bert_fit *fit,
                                   bert_error *err)
{
    size_t keep[2];
    parts  p[2];

    bert_status s = kept(enc, fit, keep, err);
    if (s != BERT_OK) {
        return s;
    }
    size_t dropped = enc->text[0] + enc->text[1] - keep[0] - keep[1];
    if (dropped == 0) {
        return BERT_OK;
    }
    for (int side = 0; side < 2; side++) {
        p[side] = parts_kept(enc->text[side], keep[side], fit->cut_left[side],
                             fit->cut_middle);
    }
    cut(enc, enc, p);
    enc->dropped += dropped;
    return BERT_OK;
}

/* How one text slides: `count` ranges of at most `keep` tokens. */
typedef struct slide {
    size_t n, keep, step, count;
    bool   left;
} slide;

static bert_status slide_of(const bert_encoding *enc, const bert_fit *fit,
                            int side, size_t keep, slide *out, bert_error *err)
{
    size_t n = enc->text[side], overlap = fit->overlap;

    *out =
        (slide){.n = n, .keep = keep, .count = 1, .left = fit->cut_left[side]};
    if (keep >= n) {
        return BERT_OK;
    }
    if (keep == 0) {
        return error_set(err, BERT_BAD_INPUT,
                         "a window of %zu tokens has no room for the %s",
                         fit->max_length,
                         !enc->pair  ? "text"
                         : side == 0 ? "first text"
                                     : "second text");
    }
    if (fit->overlap_yields && overlap >= keep) {
        overlap = keep - 1;
    }
    if (overlap >= keep) {
        return error_set(err, BERT_BAD_INPUT,
                         "an overlap of %zu token%s in windows that have room "
                         "for %zu",
                         overlap, overlap == 1 ? "" : "s", keep);
    }
    out->step = keep - overlap;
    out->count = 1 + (n - keep + out->step - 1) / out->step;
    return BERT_OK;
}

static range slide_range(const slide *s, size_t k)
{
    if (s->keep >= s->n) {
        return (range){0, s->n};
    }
    if (s->left) {
        size_t end = s->n - k * s->step;
        return (range){end > s->keep ? end - s->keep : 0, end};
    }
    size_t begin = k * s->step;
    return (range){begin, smaller(begin + s->keep, s->n)};
}

static bert_status slides(const bert_encoding *enc, const bert_fit *fit,
                          slide out[2], bert_error *err)
{
    size_t keep[2];

    bert_status s = kept(enc, fit, keep, err);
    for (int side = 0; side < 2 && s == BERT_OK; side++) {
        s = slide_of(enc, fit, side, keep[side], &out[side], err);
    }
    return s;
}

bert_status bert_encoding_windows(const bert_encoding *enc, const bert_fit *fit,
                                  size_t *count, bert_error *err)
{
    slide both[2];

    bert_status s = slides(enc, fit, both, err);
    if (s != BERT_OK) {
        return s;
    }
    if (both[0].count > SIZE_MAX / both[1].count) {
        return error_set(err, BERT_BAD_INPUT, "too many windows");
    }
    *count = both[0].count * both[1].count;
    return BERT_OK;
}

bert_status bert_encoding_window(const bert_encoding *enc, const bert_fit *fit,
                                 size_t k, bert_encoding *out, bert_error *err)
{
    slide both[2];

    bert_status s = slides(enc, fit, both, err);
    if (s != BERT_OK) {
        return s;
    }
    size_t m = both[1].count;
    if (out == enc || k / m >= both[0].count) {
        return error_set(err, BERT_BAD_CALL, "no window %zu", k);
    }
    /*
     * A0 B0; then for every further A: A B0, A B1 ..; at last A0 B1, A0 B2 ..
     */
    size_t a = k == 0 ? 0 : 1 + (k - 1) / m, b = k == 0 ? 0 : (k - 1) % m;
    if (a >= both[0].count) {
        a = 0;
        b++;
    }
    range r[2] = {slide_range(&both[0], a), slide_range(&both[1], b)};
    parts p[2] = {{.head = r[0]}, {.head = r[1]}};
    encoding_clear(out);
    if (!encoding_reserve(out, template_size(enc) + r[0].end - r[0].begin +
                                   r[1].end - r[1].begin)) {
        return error_memory(err);
    }
    cut(out, enc, p);
    return BERT_OK;
}
