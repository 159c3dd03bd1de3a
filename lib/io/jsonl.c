/*
 * jsonl.c - the scanner: one JSON object a line (RFC 8259), in one pass
 *
 * Nothing is built: the grammar is checked and the place of each member of the
 * outer object noted, so that members can be copied byte for byte. Containers
 * inside are followed with a stack of bits, no recursion. The byte after the
 * line is a NUL, which no rule accepts, so that the end needs no test of its
 * own.
 */
#include "io/jsonl.h"

#include <string.h>

#include "base/utf8.h"
#include "io/json_bytes.h"

enum { MAX_DEPTH = 1000 };

typedef struct scan {
    const char *p;       /* the next byte */
    const char *end;     /* a NUL stands here */
    const char *problem; /* what was wrong at p */
    bool        too_deep;
} scan;

static bool wrong(scan *s, const char *problem)
{
    s->problem = problem;
    return false;
}

static inline void skip_space(scan *s)
{
    while (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r') {
        s->p++;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit plus one; 0: none. */
static const unsigned char hex_digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static inline unsigned hex(char c)
{
    return hex_digits[(unsigned char)c];
}

/* From after the opening quote to after the closing one. */
static bool skip_string(scan *s)
{
    for (;;) {
        s->p = json_plain_end(s->p, s->end);
        if (*s->p == '"') {
            s->p++;
            return true;
        }
        if (*s->p != '\\') {
            return wrong(s, s->p == s->end ? "a string without end"
                                           : "a control character in a string");
        }
        char c = s->p[1];
        if (c == 'u') {
            /* one after another: a NUL ends the line */
            if (!hex(s->p[2]) || !hex(s->p[3]) || !hex(s->p[4]) ||
                !hex(s->p[5])) {
                return wrong(s, "a bad \\u escape");
            }
            s->p += 6;
        } else if (c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' ||
                   c == 'n' || c == 'r' || c == 't') {
            s->p += 2;
        } else {
            return wrong(s, "a bad escape");
        }
    }
}

static bool skip_digits(scan *s)
{
    if (!is_digit(*s->p)) {
        return wrong(s, "a bad number");
    }
    while (is_digit(*s->p)) {
        s->p++;
    }
    return true;
}

static bool skip_number(scan *s)
{
    if (*s->p == '-') {
        s->p++;
    }
    if (*s->p == '0') {
        s->p++;
    } else if (!skip_digits(s)) {
        return false;
    }
    if (*s->p == '.') {
        s->p++;
        if (!skip_digits(s)) {
            return false;
        }
    }
    if (*s->p == 'e' || *s->p == 'E') {
        s->p++;
        if (*s->p == '+' || *s->p == '-') {
            s->p++;
        }
        return skip_digits(s);
    }
    return true;
}

static bool skip_word(scan *s, const char *word, size_t size)
{
    if ((size_t)(s->end - s->p) < size || memcmp(s->p, word, size) != 0) {
        return wrong(s, "no value");
    }
    s->p += size;
    return true;
}

static bool skip_scalar(scan *s)
{
    switch (*s->p) {
    case '"':
        s->p++;
        return skip_string(s);
    case 't':
        return skip_word(s, "true", 4);
    case 'f':
        return skip_word(s, "false", 5);
    case 'n':
        return skip_word(s, "null", 4);
    default:
        if (*s->p == '-' || is_digit(*s->p)) {
            return skip_number(s);
        }
        return wrong(s, s->p == s->end ? "the line ends too soon" : "no value");
    }
}

/* A name and its colon, up to the value. */
static bool skip_name(scan *s)
{
    skip_space(s);
    if (*s->p != '"') {
        return wrong(s, "no name");
    }
    s->p++;
    if (!skip_string(s)) {
        return false;
    }
    skip_space(s);
    if (*s->p != ':') {
        return wrong(s, "no ':'");
    }
    s->p++;
    skip_space(s);
    return true;
}

/* The containers around a value: bit d is 1 where that at depth d is an object.
   The outer object is one level, so one less is left. */
typedef struct nesting {
    uint64_t kinds[(MAX_DEPTH + 63) / 64];
    size_t   depth;
} nesting;

/* Enter an object or array, up to its first value; *empty: it has none, and is
   passed. */
static bool enter(scan *s, nesting *n, bool *empty)
{
    bool object = *s->p == '{';

    if (n->depth + 1 == MAX_DEPTH) {
        s->too_deep = true;
        return wrong(s, "nested deeper than 1000");
    }
    s->p++;
    skip_space(s);
    *empty = *s->p == (object ? '}' : ']');
    if (*empty) {
        s->p++;
        return true;
    }
    n->depth++;
    uint64_t bit = (uint64_t)1 << n->depth % 64;
    if (object) {
        n->kinds[n->depth / 64] |= bit;
    } else {
        n->kinds[n->depth / 64] &= ~bit;
    }
    return !object || skip_name(s);
}

/* Behind a value: leave what ends there, up to the next value or, at depth 0,
   the end of all. */
static bool leave(scan *s, nesting *n)
{
    while (n->depth > 0) {
        bool object = (n->kinds[n->depth / 64] >> n->depth % 64 & 1) != 0;
        skip_space(s);
        if (*s->p == ',') {
            s->p++;
            skip_space(s);
            return !object || skip_name(s);
        }
        if (*s->p != (object ? '}' : ']')) {
            return wrong(s, object ? "no ',' or '}'" : "no ',' or ']'");
        }
        s->p++;
        n->depth--;
    }
    return true;
}

static bool skip_value(scan *s)
{
    nesting n;

    n.depth = 0;
    do {
        bool whole = true;

        if (*s->p != '{' && *s->p != '[') {
            if (!skip_scalar(s)) {
                return false;
            }
        } else if (!enter(s, &n, &whole)) {
            return false;
        }
        if (whole && !leave(s, &n)) {
            return false;
        }
    } while (n.depth > 0);
    return true;
}

/* The member whose name, still escaped, lies there. */
static int find_member(const char *name, size_t size, bool question)
{
    char plain[16];

    if (memchr(name, '\\', size) == NULL) {
        return record_find(name, size, question);
    }
    /* The longest known name is 11 characters, each at most \uXXXX. */
    if (size > 11 * 6) {
        return RECORD_USER;
    }
    for (int i = 0; i < BERT_M_COUNT; i++) {
        const char *known = record_member_name((bert_member)i);
        size_t      known_size = strlen(known);
        if (jsonl_name_is(name, size, known, known_size)) {
            memcpy(plain, known, known_size);
            return record_find(plain, known_size, question);
        }
    }
    return RECORD_USER;
}

/* One member of the outer object. */
static bool scan_member(scan *s, bert_record *record, bool question,
                        bool *memory)
{
    const char *line = record->line.data;
    record_slot slot;

    skip_space(s);
    const char *name = s->p + 1;
    if (*s->p != '"') {
        return wrong(s, "no name");
    }
    s->p++;
    if (!skip_string(s)) {
        return false;
    }
    size_t name_size = (size_t)(s->p - 1 - name);
    skip_space(s);
    if (*s->p != ':') {
        return wrong(s, "no ':'");
    }
    s->p++;
    skip_space(s);
    const char *value = s->p;
    if (!skip_value(s)) {
        return false;
    }
    if (name_size > UINT32_MAX) {
        return wrong(s, "a name longer than 4 GiB");
    }
    slot = (record_slot){.name = (size_t)(name - line),
                         .value = (size_t)(value - line),
                         .value_size = (size_t)(s->p - value),
                         .name_size = (uint32_t)name_size,
                         .member = find_member(name, name_size, question)};
    if (!record_add_slot(record, &slot)) {
        *memory = false;
        return wrong(s, "out of memory");
    }
    return true;
}

static bool scan_object(scan *s, bert_record *record, bool question,
                        bool *memory)
{
    skip_space(s);
    if (*s->p != '{') {
        return wrong(s, "no object");
    }
    s->p++;
    skip_space(s);
    if (*s->p == '}') {
        s->p++;
    } else {
        for (;;) {
            if (!scan_member(s, record, question, memory)) {
                return false;
            }
            skip_space(s);
            if (*s->p == '}') {
                s->p++;
                break;
            }
            if (*s->p != ',') {
                return wrong(s, "no ',' or '}'");
            }
            s->p++;
        }
    }
    skip_space(s);
    return s->p == s->end || wrong(s, "more after the object");
}

bert_status jsonl_scan(bert_record *record, bool question, bert_error *err)
{
    const char *line = record->line.data;
    scan        s = {.p = line, .end = line + record->line.size};
    bool        memory = true;

    if (scan_object(&s, record, question, &memory)) {
        return BERT_OK;
    }
    if (!memory) {
        return error_memory(err);
    }
    record->no_json = !s.too_deep;
    return error_set(err, BERT_BAD_INPUT, "not JSON: %s at byte %zu", s.problem,
                     (size_t)(s.p - line) + 1);
}

static uint32_t hex4(const char *p)
{
    return (hex(p[0]) - 1) << 12 | (hex(p[1]) - 1) << 8 | (hex(p[2]) - 1) << 4 |
           (hex(p[3]) - 1);
}

/* The escape at *p, a '\': its UTF-8 to out and its size, 0 for a surrogate
   alone; *p is moved behind it. */
static size_t escape(const char **p, const char *end, char out[4])
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char       *s = *p;

    if (s[1] != 'u') {
        *p = s + 2;
        out[0] = to[strchr(from, s[1]) - from];
        return 1;
    }
    uint32_t c = hex4(s + 2);
    s += 6;
    if (c >= 0xD800 && c < 0xDC00 && end - s >= 6 && s[0] == '\\' &&
        s[1] == 'u') {
        uint32_t low = hex4(s + 2);
        if (low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            s += 6;
        }
    }
    *p = s;
    return c >= 0xD800 && c < 0xE000 ? 0 : utf8_encode(c, out);
}

bool jsonl_unescape(const char *text, size_t size, char *out, size_t *out_size)
{
    const char *p = text, *end = text + size;
    char       *to = out;

    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t      plain = (size_t)((slash != NULL ? slash : end) - p);
        memcpy(to, p, plain);
        to += plain;
        p += plain;
        while (p < end && *p == '\\') {
            size_t n = escape(&p, end, to);
            if (n == 0) {
                return false;
            }
            to += n;
        }
    }
    *out_size = (size_t)(to - out);
    return true;
}

bool jsonl_name_is(const char *raw, size_t raw_size, const char *name,
                   size_t size)
{
    const char *p = raw, *end = raw + raw_size;
    size_t      at = 0;
    char        c[4];

    if (memchr(raw, '\\', raw_size) == NULL) {
        return raw_size == size && memcmp(raw, name, size) == 0;
    }
    while (p < end) {
        size_t n = 1;
        if (*p == '\\') {
            n = escape(&p, end, c);
        } else {
            c[0] = *p++;
        }
        if (n == 0 || size - at < n || memcmp(name + at, c, n) != 0) {
            return false;
        }
        at += n;
    }
    return at == size;
}
