/*
 * squad.c - SQuAD's documents, 1.1 and 2.0, as JSON lines
 *
 * Outside of paragraphs the scanner follows the grammar a byte at a time, with
 * a stack of bits for nesting and the name of the member it is in; what is
 * neither data, paragraphs nor title is passed over (its scalars unread). A
 * paragraph is copied whole and goes through jsonl.c.
 */
#include "io/squad.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "io/jsonl.h"
#include "io/record.h"

enum { MAX_DEPTH = 1000, NAME_SIZE = 64 };

typedef enum expect {
    WANT_VALUE,
    WANT_VALUE_OR_END,
    WANT_NAME,
    WANT_NAME_OR_END,
    WANT_COLON,
    WANT_AFTER, /* a comma, or the end of what it is in */
} expect;

/* What stands around, from the outside; deeper things are nobody's. */
typedef enum role {
    OUTSIDE,
    ROOT,       /* {"data": */
    DATA,       /* [ */
    ARTICLE,    /* {"paragraphs": */
    PARAGRAPHS, /* [ */
    PARAGRAPH   /* {"context":..,"qas":[..]} */
} role;

struct squad {
    /* The scanner */
    uint64_t kinds[(MAX_DEPTH + 63) / 64]; /* 1: an object */
    size_t   depth;
    role     inside; /* the innermost role */
    size_t   roles;  /* depth at which it stands */
    expect   next;
    bool     in_string, in_name, in_title, in_scalar;
    bool     escaped;         /* a '\\' stands before this byte */
    size_t   hex;             /* digits of \uXXXX that must still come */
    char     name[NAME_SIZE]; /* of the member, as it stands */
    size_t   name_size;       /* more than NAME_SIZE: not all of it */
    size_t   line, paragraph_line;
    bool     seen_data;
    bool     seen_paragraphs; /* of this article */

    bert_buffer title;     /* with its quotes; empty: none */
    bert_buffer paragraph; /* what has come of it */

    /* The paragraph that is being given out */
    bert_record *whole; /* NULL before the first */
    const char  *at;    /* in its qas; NULL: none is left */
    bool         bare;  /* it has no qas: to be given out itself */
    bert_text    context;
    bert_buffer  out;
};

squad *squad_new(void)
{
    squad *s = memory_new_zeroed(1, sizeof *s);

    if (s != NULL) {
        s->line = 1;
    }
    return s;
}

void squad_free(squad *s)
{
    if (s != NULL) {
        bert_buffer_free(&s->title);
        bert_buffer_free(&s->paragraph);
        bert_buffer_free(&s->out);
        bert_record_free(s->whole);
        memory_free(s);
    }
}

static bert_status wrong(const squad *s, const char *what, bert_error *err)
{
    return error_set(err, BERT_BAD_FILE, "%zu: no SQuAD document: %s", s->line,
                     what);
}

/* ---- The scanner ---- */

static bool in_object(const squad *s)
{
    return s->depth > 0 && (s->kinds[s->depth / 64] >> s->depth % 64 & 1) != 0;
}

static bool name_is(const squad *s, const char *name)
{
    return s->name_size <= NAME_SIZE &&
           jsonl_name_is(s->name, s->name_size, name, strlen(name));
}

/* What a container that begins here is; OUTSIDE: nothing that matters. */
static role role_of(const squad *s, bool object)
{
    if (s->depth != s->roles) { /* in something that does not matter */
        return OUTSIDE;
    }
    switch (s->inside) {
    case OUTSIDE:
        return object ? ROOT : OUTSIDE;
    case ROOT:
        return !object && name_is(s, "data") ? DATA : OUTSIDE;
    case DATA:
        return object ? ARTICLE : OUTSIDE;
    case ARTICLE:
        return !object && name_is(s, "paragraphs") ? PARAGRAPHS : OUTSIDE;
    case PARAGRAPHS:
        return object ? PARAGRAPH : OUTSIDE;
    case PARAGRAPH:
        return OUTSIDE;
    }
    return OUTSIDE;
}

/* What is wrong with a value here that begins with '{', '[' or, 0, anything
   else; or NULL. */
static const char *misplaced(const squad *s, char open)
{
    if (s->depth != s->roles) {
        return NULL;
    }
    switch (s->inside) {
    case ROOT:
        return open != '[' && name_is(s, "data") ? "\"data\" is no array"
                                                 : NULL;
    case DATA:
        return open != '{' ? "in \"data\" stands what is no object" : NULL;
    case ARTICLE:
        return open != '[' && name_is(s, "paragraphs")
                   ? "\"paragraphs\" is no array"
                   : NULL;
    case PARAGRAPHS:
        return open != '{' ? "in \"paragraphs\" stands what is no object"
                           : NULL;
    default:
        return NULL;
    }
}

static bert_status open_container(squad *s, bool object, bert_error *err)
{
    role        what = role_of(s, object);
    const char *why = misplaced(s, object ? '{' : '[');

    if (s->next != WANT_VALUE && s->next != WANT_VALUE_OR_END) {
        return wrong(s, "a value too many", err);
    }
    if (s->depth == 0 && what != ROOT) {
        return wrong(s, "no object", err);
    }
    if (why != NULL) {
        return wrong(s, why, err);
    }
    if (++s->depth == MAX_DEPTH) {
        return wrong(s, "nested deeper than 1000", err);
    }
    uint64_t bit = (uint64_t)1 << s->depth % 64;
    if (object) {
        s->kinds[s->depth / 64] |= bit;
    } else {
        s->kinds[s->depth / 64] &= ~bit;
    }
    if (what != OUTSIDE) {
        s->inside = what;
        s->roles = s->depth;
    }
    if (what == DATA) {
        s->seen_data = true;
    } else if (what == ARTICLE) {
        s->title.size = 0;
        s->seen_paragraphs = false;
    } else if (what == PARAGRAPHS) {
        s->seen_paragraphs = true;
    } else if (what == PARAGRAPH) {
        s->paragraph.size = 0;
        s->paragraph_line = s->line;
    }
    s->next = object ? WANT_NAME_OR_END : WANT_VALUE_OR_END;
    return BERT_OK;
}

/* *whole is set where that was a paragraph. */
static bert_status close_container(squad *s, bool object, bool *whole,
                                   bert_error *err)
{
    expect empty = object ? WANT_NAME_OR_END : WANT_VALUE_OR_END;

    if (s->depth == 0 || in_object(s) != object ||
        (s->next != WANT_AFTER && s->next != empty)) {
        return wrong(s, object ? "a '}' too many" : "a ']' too many", err);
    }
    if (s->depth == s->roles) {
        if (s->inside == ARTICLE && !s->seen_paragraphs) {
            return wrong(s, "an article without an array \"paragraphs\"", err);
        }
        *whole = s->inside == PARAGRAPH;
        s->inside--;
        s->roles--;
    }
    s->depth--;
    s->next = s->depth > 0 ? WANT_AFTER : WANT_VALUE;
    return BERT_OK;
}

static bert_status open_string(squad *s, bert_error *err)
{
    s->in_string = true;
    if (s->next == WANT_NAME || s->next == WANT_NAME_OR_END) {
        s->in_name = true;
        s->name_size = 0;
        return BERT_OK;
    }
    if (s->depth == 0 ||
        (s->next != WANT_VALUE && s->next != WANT_VALUE_OR_END)) {
        return wrong(s, "a string too many", err);
    }
    const char *why = misplaced(s, 0);
    if (why != NULL) {
        return wrong(s, why, err);
    }
    s->in_title =
        s->inside == ARTICLE && s->depth == s->roles && name_is(s, "title");
    if (s->in_title) {
        s->title.size = 0;
        return buffer_put_char(&s->title, '"') ? BERT_OK : error_memory(err);
    }
    return BERT_OK;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
           (c >= 'A' && c <= 'F');
}

/* Follow the escapes; false: a bad one. */
static bool scan_escape(squad *s, char c)
{
    if (s->hex > 0) {
        s->hex--;
        return is_hex(c);
    }
    if (s->escaped) {
        s->escaped = false;
        s->hex = c == 'u' ? 4 : 0;
        return c != '\0' && strchr("\"\\/bfnrtu", c) != NULL;
    }
    s->escaped = c == '\\';
    return true;
}

static bert_status scan_string(squad *s, char c, bert_error *err)
{
    bool ends = c == '"' && !s->escaped;

    if ((unsigned char)c < 0x20) {
        return wrong(s, "a control character in a string", err);
    }
    if (!scan_escape(s, c)) {
        return wrong(s, "a bad escape", err);
    }
    if (s->in_name && !ends) {
        if (s->name_size < NAME_SIZE) {
            s->name[s->name_size] = c;
        }
        s->name_size += s->name_size <= NAME_SIZE;
    }
    if (s->in_title && !buffer_put_char(&s->title, c)) {
        return error_memory(err);
    }
    if (ends) {
        s->next = s->in_name ? WANT_COLON : WANT_AFTER;
        s->in_string = s->in_name = s->in_title = false;
    }
    return BERT_OK;
}

static bool is_of_scalar(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '+' || c == '.' || c == 'E';
}

static bert_status scan_comma(squad *s, bert_error *err)
{
    if (s->depth == 0 || s->next != WANT_AFTER) {
        return wrong(s, "a ',' too many", err);
    }
    s->next = in_object(s) ? WANT_NAME : WANT_VALUE;
    return BERT_OK;
}

/* The first byte of a number, true, false or null; or of nothing known. */
static bert_status scan_scalar(squad *s, char c, bert_error *err)
{
    if (!is_of_scalar(c) || s->depth == 0 ||
        (s->next != WANT_VALUE && s->next != WANT_VALUE_OR_END)) {
        return wrong(s, "no value", err);
    }
    const char *why = misplaced(s, 0);
    if (why != NULL) {
        return wrong(s, why, err);
    }
    s->in_scalar = true;
    s->next = WANT_AFTER;
    return BERT_OK;
}

/* One byte outside of strings. */
static bert_status scan_byte(squad *s, char c, bool *whole, bert_error *err)
{
    if (s->in_scalar && is_of_scalar(c)) {
        return BERT_OK;
    }
    s->in_scalar = false;
    switch (c) {
    case '\n':
        s->line++;
        return BERT_OK;
    case ' ':
    case '\t':
    case '\r':
        return BERT_OK;
    case '{':
    case '[':
        return open_container(s, c == '{', err);
    case '}':
    case ']':
        return close_container(s, c == '}', whole, err);
    case '"':
        return open_string(s, err);
    case ',':
        return scan_comma(s, err);
    case ':':
        if (s->next != WANT_COLON) {
            return wrong(s, "a ':' too many", err);
        }
        s->next = WANT_VALUE;
        return BERT_OK;
    default:
        return scan_scalar(s, c, err);
    }
}

/* ---- The paragraph ---- */

/* The member of that name, or NULL. */
static const record_slot *find(const bert_record *record, const char *name)
{
    for (size_t i = 0; i < record->slot_count; i++) {
        const record_slot *slot = &record->slots[i];

        if (jsonl_name_is(record->line.data + slot->name, slot->name_size, name,
                          strlen(name))) {
            return slot;
        }
    }
    return NULL;
}

/* It is all there: find its context and its questions. */
static bert_status take_paragraph(squad *s, bert_error *err)
{
    bert_error why;

    if (s->whole == NULL) {
        s->whole = bert_record_new();
    }
    if (s->whole == NULL) {
        return error_memory(err);
    }
    record_clear(s->whole);
    if (!record_set_line(s->whole, s->paragraph.data, s->paragraph.size)) {
        return error_memory(err);
    }
    bert_status status = jsonl_scan(s->whole, true, &why);
    if (status == BERT_NO_MEMORY) {
        return error_memory(err);
    }
    if (status != BERT_OK) {
        s->line = s->paragraph_line;
        return error_set(err, BERT_BAD_FILE,
                         "%zu: no SQuAD document: a paragraph is %.400s",
                         s->line, why.message);
    }
    char *bytes = s->whole->line.data;
    for (size_t i = 0; i < s->whole->line.size; i++) {
        if ((unsigned char)bytes[i] < 0x20) {
            bytes[i] = ' '; /* white space: a record is one line */
        }
    }
    const record_slot *context = find(s->whole, "context");
    const record_slot *qas = find(s->whole, "qas");
    s->context = (bert_text){0};
    if (context != NULL) {
        s->context = (bert_text){bytes + context->value, context->value_size};
    }
    s->bare = qas == NULL || bytes[qas->value] != '[';
    s->at = s->bare ? NULL : bytes + qas->value + 1;
    return BERT_OK;
}

bert_status squad_feed(squad *s, const char *bytes, size_t size,
                       bert_error *err)
{
    bert_status status = BERT_OK;
    bool        inside = s->inside == PARAGRAPH, whole = false;
    size_t      from = 0;

    for (size_t i = 0; i < size && status == BERT_OK; i++) {
        status = s->in_string ? scan_string(s, bytes[i], err)
                              : scan_byte(s, bytes[i], &whole, err);
        if (!inside && s->inside == PARAGRAPH) {
            inside = true;
            from = i;
        }
        if (whole) { /* its '}' is the last of these bytes */
            size = i + 1;
        }
    }
    if (status == BERT_OK && inside &&
        !buffer_put(&s->paragraph, bytes + from, size - from)) {
        return error_memory(err);
    }
    return status == BERT_OK && whole ? take_paragraph(s, err) : status;
}

/* The end of the sound JSON value that begins at p. */
static const char *value_end(const char *p)
{
    size_t depth = 0;

    for (;; p++) {
        if (*p == '"') {
            for (p++; *p != '"'; p++) {
                p += *p == '\\';
            }
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']') {
            if (depth == 0) {
                return p; /* a scalar before it */
            }
            depth--;
        } else if (*p == ',' && depth == 0) {
            return p;
        } else {
            continue;
        }
        if (depth == 0) {
            return p + 1;
        }
    }
}

/* ,"name":value */
static bool put_member(squad *s, const char *name, const char *value,
                       size_t size)
{
    char last = s->out.data[s->out.size - 1];

    return (last == '{' || buffer_put_char(&s->out, ',')) &&
           buffer_put_text(&s->out, name) && buffer_put(&s->out, value, size);
}

/* Without the white space at its end: what begins it is seen then. */
static void trim_end(bert_buffer *out)
{
    while (out->size > 1 && out->data[out->size - 1] == ' ') {
        out->size--;
    }
}

bert_status squad_next(squad *s, bert_text *line, size_t *number, bool *more,
                       bert_error *err)
{
    const char *p = s->at;

    *more = s->bare;
    if (s->bare) {
        s->bare = false;
        *line = (bert_text){s->whole->line.data, s->whole->line.size};
        *number = s->paragraph_line;
        return error_set(err, BERT_BAD_INPUT,
                         "a paragraph without an array \"qas\"");
    }
    while (p != NULL && (*p == ' ' || *p == ',')) {
        p++;
    }
    if (p == NULL || *p == ']') {
        s->at = NULL;
        return BERT_OK;
    }
    const char *end = value_end(p);
    s->at = end;
    s->out.size = 0;
    bool memory;
    if (*p == '{') {
        memory = buffer_put(&s->out, p, (size_t)(end - p) - 1);
        if (memory) {
            trim_end(&s->out);
        }
        memory =
            memory &&
            (s->context.data == NULL ||
             put_member(s, "\"context\":", s->context.data, s->context.size)) &&
            (s->title.size == 0 ||
             put_member(s, "\"title\":", s->title.data, s->title.size)) &&
            buffer_put_char(&s->out, '}');
    } else { /* no object: the record's own fault */
        memory = buffer_put(&s->out, p, (size_t)(end - p));
    }
    if (!memory) {
        return error_memory(err);
    }
    *line = (bert_text){s->out.data, s->out.size};
    *number = s->paragraph_line;
    *more = true;
    return BERT_OK;
}

bert_status squad_end(squad *s, bert_error *err)
{
    bool whole = s->depth == 0 && !s->in_string && s->seen_data;

    if (!whole) {
        return wrong(s,
                     s->depth > 0 || s->in_string ? "it ends too soon"
                                                  : "no array \"data\"",
                     err);
    }
    s->line = 1;
    s->seen_data = false;
    return BERT_OK;
}
