/*
 * normalize.c - clean, space Chinese characters, strip accents, lowercase
 *
 * NFD sorts each run (a character of class 0 and those of other classes that
 * follow) by class, stably. The alignments of Hugging Face do not follow the
 * characters: in the new order, the j-th character that is first in its
 * decomposition takes the place of the j-th character of the run, and the
 * others repeat the place before (tokenizer/normalizer.rs, transform_range).
 */
#include "tokenizer/normalize.h"

#include "base/memory.h"
#include "base/utf8.h"

void normalizer_free(normalizer *n)
{
    memory_free(n->marks);
    memory_free(n->sorted);
    memory_free(n->places);
    *n = (normalizer){0};
}

/* Lowercase, look up again what the character has become, pass on. */
static void put(normalizer *n, uint32_t c, char_record record, place where)
{
    const settings *s = n->settings;

    if (s->lower && (record.flags & CHAR_LOWER) != 0) {
        uint32_t lower = (uint32_t)((int32_t)c + record.lower);
        record = char_look(lower);
        words_put(n->words, lower, record.flags, n->whole, where.begin,
                  where.end);
        if (c == 0x130) { /* the one that becomes two: i, dot above */
            words_put(n->words, 0x307, char_look(0x307).flags, n->whole,
                      where.begin, where.end);
        }
        return;
    }
    words_put(n->words, c, record.flags, n->whole, where.begin, where.end);
}

/* After NFD: marks go, the rest is lowercased and passed on. In Google's
   order it has been lowercased before. */
static void put_stripped(normalizer *n, uint32_t c, place where)
{
    if (n->settings->google) {
        unsigned flags = google_flags(c);
        if ((flags & CHAR_MARK) == 0) {
            words_put(n->words, c, flags, n->whole, where.begin, where.end);
        }
        return;
    }
    char_record record = char_look(c);
    if ((record.flags & CHAR_MARK) == 0) {
        put(n, c, record, where);
    }
}

/* Stable sort by class: counted, for a run may be as long as the text. */
static bool sort_marks(normalizer *n)
{
    size_t starts[257] = {0};
    void  *sorted = n->sorted;

    if (!memory_reserve(&sorted, &n->sorted_capacity, n->mark_count,
                        sizeof(mark))) {
        return false;
    }
    n->sorted = sorted;
    for (size_t i = 0; i < n->mark_count; i++) {
        starts[n->marks[i].combining + 1]++;
    }
    for (size_t class = 0; class < 256; class ++) {
        starts[class + 1] += starts[class];
    }
    for (size_t i = 0; i < n->mark_count; i++) {
        n->sorted[starts[n->marks[i].combining]++] = n->marks[i];
    }
    return true;
}

void normalize_end_run(normalizer *n)
{
    if (n->mark_count == 0) {
        return;
    }
    if (!n->survivors) { /* nearly always: all are stripped */
        if (n->place_count > 0) {
            n->last = n->places[n->place_count - 1];
        }
    } else if (sort_marks(n)) {
        size_t next = 0;
        for (size_t i = 0; i < n->mark_count; i++) {
            if (n->sorted[i].first) {
                n->last = n->places[next++];
            }
            put_stripped(n, n->sorted[i].c, n->last);
        }
    } else {
        n->failed = true;
    }
    n->mark_count = n->place_count = 0;
    n->survivors = false;
}

static void put_mark(normalizer *n, mark m, bool survives, place where)
{
    void *marks = n->marks, *places = n->places;
    bool  done = memory_reserve(&marks, &n->mark_capacity, n->mark_count + 1,
                                sizeof(mark)) &&
                memory_reserve(&places, &n->place_capacity, n->place_count + 1,
                               sizeof(place));

    n->marks = marks;
    n->places = places;
    if (!done) {
        n->failed = true;
        return;
    }
    n->marks[n->mark_count++] = m;
    if (m.first) {
        n->places[n->place_count++] = where;
    }
    n->survivors |= survives;
}

/*
 * One character of class 0 ends the run before it, and being the first of its
 * own in any order it need not wait.
 */
static void put_nfd(normalizer *n, uint32_t c, uint8_t combining, bool mark_,
                    bool first, place where)
{
    if (combining != 0) {
        put_mark(n, (mark){c, combining, first}, !mark_, where);
        return;
    }
    normalize_end_run(n);
    if (first) {
        n->last = where;
    }
    put_stripped(n, c, n->last);
}

void normalize_put_decomposed(normalizer *n, const uint32_t *chars,
                              const uint8_t *combining, size_t count,
                              size_t begin, size_t end)
{
    for (size_t i = 0; i < count; i++) {
        bool is_mark =
            combining[i] != 0 && (google_flags(chars[i]) & CHAR_MARK) != 0;
        put_nfd(n, chars[i], combining[i], is_mark, i == 0,
                (place){begin, end});
    }
}

static void put_accented(normalizer *n, uint32_t c, char_record record,
                         place where)
{
    uint32_t parts[CHARS_MAX_NFD];

    if ((record.flags & CHAR_NFD) == 0) {
        put_nfd(n, c, record.combining, record.flags & CHAR_MARK, true, where);
        return;
    }
    size_t count = char_decompose(c, parts);
    for (size_t i = 0; i < count; i++) {
        char_record part = char_look(parts[i]);
        put_nfd(n, parts[i], part.combining, part.flags & CHAR_MARK, i == 0,
                where);
    }
}

/* A cleaned character: what surrounds it in Chinese, then the accents. */
static void put_cleaned(normalizer *n, uint32_t c, char_record record,
                        place where)
{
    const settings *s = n->settings;
    bool apart = s->chinese && !n->whole && (record.flags & CHAR_CHINESE) != 0;

    if (apart) {
        normalize_end_run(n);
        words_put(n->words, ' ', CHAR_SPACE, false, where.begin, where.end);
    }
    if (s->strip) {
        put_accented(n, c, record, where);
    } else {
        put(n, c, record, where);
    }
    if (apart) {
        n->last = where;
        words_put(n->words, ' ', CHAR_SPACE, false, where.begin, where.end);
    }
}

void normalize_text(normalizer *n, const char *text, size_t begin, size_t end)
{
    const settings *s = n->settings;
    const char     *p = text + begin, *stop = text + end;

    while (p < stop && !n->failed && !n->words->failed) {
        place       where = {(size_t)(p - text), 0};
        uint32_t    c = utf8_next(&p);
        char_record record = char_look(c);
        where.end = (size_t)(p - text);
        if (s->clean) {
            if ((record.flags & CHAR_REMOVED) != 0) {
                continue;
            }
            if ((record.flags & CHAR_SPACE) != 0) {
                c = ' ';
                record = char_look(' ');
            }
        }
        put_cleaned(n, c, record, where);
    }
    normalize_end_run(n);
}
