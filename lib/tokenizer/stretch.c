/*
 * stretch.c - a stretch of plain text to tokens, the quick way
 *
 * Some characters bound everything: no step of the normaliser looks or
 * reorders across white space, punctuation and Chinese characters. So text is
 * cut there into chunks, each of which has the same tokens wherever it stands.
 * Short chunks are looked up in the cache; words of ASCII letters and digits
 * go to the word pieces as they are; the rest goes through the normaliser.
 */
#include "tokenizer/stretch.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/memory.h"
#include "base/utf8.h"
#include "tokenizer/tokenizer.h"

void stretch_bytes(uint8_t bytes[256])
{
    memset(bytes, BYTE_OTHER, 256);
    for (unsigned c = '!'; c <= '~'; c++) {
        bytes[c] =
            (char_look(c).flags & CHAR_PUNCT) != 0 ? BYTE_PUNCT : BYTE_WORD;
    }
    bytes[' '] = bytes['\t'] = bytes['\n'] = bytes['\r'] = BYTE_SPACE;
}

/* Letters and digits that text [size] begins with, counted up to 16; `size`
   is at least 16 where it is read at once. */
static inline size_t word_size(const uint8_t *bytes, const char *text,
                               size_t size)
{
    size_t n = 0;

#if defined(__SSE2__)
    if (size >= 16) {
        __m128i c = _mm_loadu_si128((const __m128i *)text);
        /* Signed comparisons: move each range to begin at -128. */
        __m128i letter = _mm_add_epi8(_mm_or_si128(c, _mm_set1_epi8(0x20)),
                                      _mm_set1_epi8((char)(128 - 'a')));
        __m128i digit = _mm_add_epi8(c, _mm_set1_epi8((char)(128 - '0')));
        __m128i is =
            _mm_or_si128(_mm_cmplt_epi8(letter, _mm_set1_epi8(-128 + 26)),
                         _mm_cmplt_epi8(digit, _mm_set1_epi8(-128 + 10)));
        unsigned not = ~(unsigned)_mm_movemask_epi8(is);
        return (size_t)__builtin_ctz(not );
    }
#endif
    while (n < size && n < 16 && bytes[(unsigned char)text[n]] == BYTE_WORD) {
        n++;
    }
    return n;
}

/* The tokens of one entry for a word at `at`. */
static inline bool put_cached(worker *w, const cache_entry *entry, size_t at)
{
    bert_encoding *enc = w->words.enc;
    size_t         length = enc->length;

    if (enc->capacity - length < CACHE_TOKENS &&
        !encoding_reserve(enc, CACHE_TOKENS)) {
        return false;
    }
    /* All of it is copied; what is too much is overwritten later. */
    memcpy(enc->ids + length, entry->ids, sizeof entry->ids);
    int32_t number = w->words.next_word;
    w->words.next_word += !w->words.numbered;
    w->words.made++;
    enc->length = length + entry->count;
    if (w->ids_only) {
        return true;
    }
    for (size_t i = 0; i < entry->count; i++) {
        enc->words[length + i] = number;
        enc->spans[length + i] =
            (bert_span){at + entry->begins[i], at + entry->ends[i]};
    }
    return true;
}

/* A word of ASCII letters and digits, or one symbol. */
static void put_plain(worker *w, const char *text, size_t begin, size_t end)
{
    words *all = &w->words;
    size_t size = end - begin;
    bool   lower = w->tok->settings.lower;

    if (size > all->wp->max_chars) {
        words_put_token(all, all->wp->unknown, begin, end);
        return;
    }
    if (!words_reserve(all, size)) {
        return;
    }
    for (size_t i = 0; i < size; i++) {
        char c = text[begin + i];
        all->bytes[i] = lower && c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    size_t count = wordpiece_split(all->wp, all->bytes, size, all->pieces);
    if (count == 0) {
        words_put_token(all, all->wp->unknown, begin, end);
        return;
    }
    int32_t number = words_take_number(all);
    size_t  at = begin;
    for (size_t i = 0; i < count && !all->failed; i++) {
        size_t next = begin + all->pieces[i].end;
        all->failed =
            !encoding_push(all->enc, all->pieces[i].id, number, at, next);
        at = next;
    }
}

/* A chunk by the normaliser, or a plain word without it. */
static void put_slowly(worker *w, const char *text, size_t begin, size_t end,
                       bool plain)
{
    if (plain) {
        put_plain(w, text, begin, end);
    } else {
        worker_normalize_text(w, text, begin, end);
        words_end(&w->words);
    }
}

/*
 * Chunks wait in a short queue while their cache lines come from memory, for
 * waiting for each in turn took most of the time.
 */
enum { QUEUE = 16 };

typedef struct chunk {
    cache_key    key;
    cache_entry *two; /* NULL: not for the cache */
    size_t       begin, end;
    bool         plain; /* ASCII letters and digits, or a symbol */
} chunk;

typedef struct queue {
    size_t count;
    chunk  chunks[QUEUE];
} queue;

/* The tokens of a chunk that the cache may know. */
static inline void put_chunk(worker *w, const char *text, const chunk *c)
{
    if (c->two == NULL) {
        put_slowly(w, text, c->begin, c->end, c->plain);
        return;
    }
    const cache_entry *entry = cache_find(c->two, c->key);
    if (entry != NULL) {
        w->words.failed |= !put_cached(w, entry, c->begin);
        return;
    }
    size_t from = w->words.enc->length, made = w->words.made;
    put_slowly(w, text, c->begin, c->end, c->plain);
    if (w->words.made == made + 1 && !w->words.failed) {
        cache_store(c->two, c->key, w->words.enc, from, c->begin);
    }
}

static void put_queue(worker *w, const char *text, queue *q)
{
    for (size_t i = 0; i < q->count; i++) {
        put_chunk(w, text, &q->chunks[i]);
    }
    q->count = 0;
}

/* text[begin,end) as a chunk; `size` bytes of text can be read. */
static inline void put_later(worker *w, queue *q, const char *text,
                             size_t begin, size_t end, size_t size, bool plain)
{
    chunk *c = &q->chunks[q->count++];
    size_t n = end - begin;

    *c = (chunk){.begin = begin, .end = end, .plain = plain};
    if (n <= CACHE_KEY && (plain || memchr(text + begin, 0, n) == NULL)) {
        c->key = cache_key_of(text + begin, n, size - begin);
        c->two = &w->cache[cache_place(c->key)];
#if defined(__GNUC__)
        __builtin_prefetch(c->two);
#endif
    }
    if (q->count == QUEUE) {
        put_queue(w, text, q);
    }
}

/* Whether a character ends chunks on both sides: it is a word of its own or
   white space, and no step changes or moves it. */
static inline bool is_bound(const worker *w, uint32_t c, unsigned *flags)
{
    const settings *s = &w->tok->settings;
    char_record     record = char_look(c);
    unsigned        bounds = CHAR_SPACE | CHAR_PUNCT;

    *flags = record.flags;
    if (s->chinese) {
        bounds |= CHAR_CHINESE;
    }
    return (record.flags & bounds) != 0 && record.combining == 0 &&
           (record.flags &
            (CHAR_REMOVED | CHAR_NFD | CHAR_MARK | CHAR_LOWER)) == 0;
}

/* From i on, the next character that bounds, and its end and flags; end where
   there is none. */
static size_t find_bound(const worker *w, const char *text, size_t i,
                         size_t end, size_t *next, unsigned *flags)
{
    const uint8_t *bytes = w->tok->bytes;
    bool           google = w->tok->settings.google;

    while (i < end) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x80) {
            if (bytes[byte] >= BYTE_SPACE) {
                break;
            }
            i++;
            continue;
        }
        const char *p = text + i;
        uint32_t    c = utf8_next(&p);
        *next = (size_t)(p - text);
        if (!google && is_bound(w, c, flags)) {
            return i;
        }
        i = *next;
    }
    *next = i;
    *flags = CHAR_SPACE;
    return i;
}

/* A chunk that begins with or holds what the quick way does not know. */
static size_t put_other(worker *w, queue *q, const char *text, size_t begin,
                        size_t end, size_t size)
{
    size_t   next;
    unsigned flags;
    size_t   bound = find_bound(w, text, begin, end, &next, &flags);

    if (bound > begin) {
        put_later(w, q, text, begin, bound, size, false);
    }
    if (next > bound && (flags & CHAR_SPACE) == 0) {
        put_later(w, q, text, bound, next, size, false);
    }
    return next;
}

void stretch_put(worker *w, const char *text, size_t begin, size_t end,
                 size_t size)
{
    const uint8_t *bytes = w->tok->bytes;
    queue          q;

    q.count = 0;
    for (size_t i = begin; i < end && !w->words.failed;) {
        size_t n = word_size(bytes, text + i, size - i), next = i + n;
        if (n == 0) {
            uint8_t kind = bytes[(unsigned char)text[i]];
            if (kind == BYTE_SPACE) {
                i++;
            } else if (kind == BYTE_PUNCT) {
                put_later(w, &q, text, i, i + 1, size, true);
                i++;
            } else {
                i = put_other(w, &q, text, i, end, size);
            }
            continue;
        }
        if (n == 16 || next > end) {
            next = i;
            while (next < end &&
                   bytes[(unsigned char)text[next]] == BYTE_WORD) {
                next++;
            }
        }
        if (next < end && bytes[(unsigned char)text[next]] == BYTE_OTHER) {
            i = put_other(w, &q, text, i, end, size);
            continue;
        }
        put_later(w, &q, text, i, next, size, true);
        i = next;
        if (i < end && text[i] == ' ') {
            i++;
        }
    }
    put_queue(w, text, &q);
}
