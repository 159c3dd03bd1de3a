/*
 * tag_lines.c - labels and entities as lines of other tools: CoNLL, brat
 */
#include <string.h>

#include "common/alloc.h"
#include "common/tag_write.h"

static bool put(slot *s, const char *text)
{
    return bert_buffer_put(&s->out, text, strlen(text)) || slot_no_memory(s);
}

/* A number and what follows it. */
static bool put_size(slot *s, size_t number, const char *end)
{
    bert_value value = {.type = BERT_INT, .count = 1};
    bert_error err;

    value.as.integer = (int64_t)number;
    if (bert_value_put(&value, 0, &s->out, &err) != BERT_OK) {
        slot_fail(s, &err);
        return false;
    }
    return put(s, end);
}

/* ---- CoNLL ---- */

/* Bytes of the character that p begins with, if it ends a line for some readers
   (str.splitlines() in Python) and is not LF or CR; 0: it is another. */
static size_t line_end_size(const unsigned char *p, size_t size)
{
    switch (p[0]) {
    case 0xC2: /* U+0085 */
        return size > 1 && p[1] == 0x85 ? 2 : 0;
    case 0xE2: /* U+2028, U+2029 */
        return size > 2 && p[1] == 0x80 && (p[2] == 0xA8 || p[2] == 0xA9) ? 3
                                                                          : 0;
    default: /* VT, FF; FS, GS, RS */
        return p[0] == 0x0B || p[0] == 0x0C || (p[0] >= 0x1C && p[0] <= 0x1E);
    }
}

/* A word in one line, up to its TAB. A backslash and spaces stay: readers of
   this format undo no escapes, and end a word at the TAB. */
static bool put_word(slot *s, bert_text text)
{
    if (!bert_buffer_reserve(&s->out, 2 * text.size)) {
        return slot_no_memory(s);
    }
    char *p = s->out.data + s->out.size;
    for (size_t i = 0; i < text.size;) {
        char   c = text.data[i];
        size_t end =
            line_end_size((const unsigned char *)text.data + i, text.size - i);

        if (c == '\t' || c == '\n' || c == '\r') {
            *p++ = '\\';
            c = c == '\t' ? 't' : c == '\n' ? 'n' : 'r';
        }
        *p++ = end > 0 ? '_' : c;
        i += end > 0 ? end : 1;
    }
    s->out.size += text.size > 0 ? (size_t)(p - s->out.data) - s->out.size : 0;
    return true;
}

/* Bytes of the control character or white space that p begins with; 0: it is
   another character. Readers in Python split at those of Unicode, too. */
static size_t blank_size(const unsigned char *p, size_t size)
{
    unsigned next = size > 1 ? p[1] : 0, last = size > 2 ? p[2] : 0;

    switch (p[0]) {
    case 0xC2: /* U+0080 to U+00A0 */
        return next >= 0x80 && next <= 0xA0 ? 2 : 0;
    case 0xE1: /* U+1680 */
        return next == 0x9A && last == 0x80 ? 3 : 0;
    case 0xE2: /* U+2000 to U+200A, U+2028, U+2029, U+202F; U+205F */
        return (next == 0x80 &&
                ((last >= 0x80 && last <= 0x8A) || last == 0xA8 ||
                 last == 0xA9 || last == 0xAF)) ||
                       (next == 0x81 && last == 0x9F)
                   ? 3
                   : 0;
    case 0xE3: /* U+3000 */
        return next == 0x80 && last == 0x80 ? 3 : 0;
    default:
        return p[0] <= ' ' || p[0] == 0x7F;
    }
}

/* A label or type in one field: it has no white space and no control character
   in it, and is not empty. */
static bool put_name(slot *s, bert_text name)
{
    if (name.size == 0) {
        return put(s, "_");
    }
    if (!bert_buffer_reserve(&s->out, name.size)) {
        return slot_no_memory(s);
    }
    for (size_t i = 0; i < name.size;) {
        size_t blank =
            blank_size((const unsigned char *)name.data + i, name.size - i);

        s->out.data[s->out.size++] = blank > 0 ? '_' : name.data[i];
        i += blank > 0 ? blank : 1;
    }
    return true;
}

static bool put_line(slot *s, bert_text word, bert_text label)
{
    return put_word(s, word) && put(s, "\t") && put_name(s, label) &&
           put(s, "\n");
}

/* Every word that was given; one without a token is outside. */
static bool put_split(const tagging *t, tag_member *m, const tag_unit *units,
                      size_t count, const bert_side *side)
{
    slot  *s = m->source.slot;
    size_t at = 0;

    for (size_t w = 0; w < side->count; w++) {
        bert_text label = {"O", 1};

        if (at < count && (size_t)m->tokens.words[units[at].first] == w) {
            label = t->labels.all[units[at++].label].name;
        }
        if (!put_line(s, side->parts[w], label)) {
            return false;
        }
    }
    return true;
}

static bool put_words(const tagging *t, tag_member *m, const tag_unit *units,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tag_place place =
            tag_source_place(&m->source, units[i].first, units[i].last);
        bert_text word;
        bert_span chars;

        if (!tag_source_slice(&m->source, &place, 0, &word, &chars) ||
            !put_line(m->source.slot, word,
                      t->labels.all[units[i].label].name)) {
            return false;
        }
    }
    return true;
}

/* One text's lines and the blank one after them. */
static bool put_side(const tagging *t, tag_member *m, const tag_unit *units,
                     size_t count, int k)
{
    tag_source     *source = &m->source;
    const tag_side *side = &source->sides[k];
    bool            good;

    if (!side->there || source->tokens.spans == NULL) {
        slot_bad(source->slot, "no \"%s\": --format conll writes its words",
                 !side->there ? k == 1 ? "pair" : "text" : "offsets");
        return false;
    }
    good = side->side.split ? put_split(t, m, units, count, &side->side)
                            : put_words(t, m, units, count);
    return good && put(source->slot, "\n");
}

void tag_write_conll(const tagging *t, tag_member *m, size_t count)
{
    size_t second = tag_second_text(m, count);

    if (put_side(t, m, m->units, second, 0) && m->source.pair) {
        put_side(t, m, m->units + second, count - second, 1);
    }
}

/* ---- brat's standoff format ---- */

/* Characters of the record's line in the document; before: of what stands
   before each text. */
static bool measure(tag_source *source, size_t before[2], size_t *chars)
{
    size_t length[2] = {0, 0};

    for (int k = 0; k <= source->pair; k++) {
        const tag_side *side = &source->sides[k];

        if (!side->there || side->side.split) {
            slot_bad(source->slot, side->there
                                       ? "words already split: --format brat "
                                         "counts in a text"
                                   : k == 1 ? "no \"pair\": --format brat "
                                              "counts in it"
                                            : "no \"text\": --format brat "
                                              "counts in it");
            return false;
        }
        if (!tag_source_chars(source, k, &length[k])) {
            return false;
        }
    }
    before[0] = 0;
    before[1] = length[0] + 1;
    *chars = length[0] + 1 + (source->pair ? length[1] + 1 : 0);
    return true;
}

void tag_collect_marks(const tagging *t, tag_member *m, size_t count,
                       tag_marks *marks)
{
    void  *all = marks->all;
    size_t before[2];
    size_t n = tag_entities_make(m->units, count, &t->labels, t->how,
                                 m->tokens.second, m->entities);

    marks->count = 0;
    if (!measure(&m->source, before, &marks->chars)) {
        return;
    }
    if (!grow_array(&all, &marks->capacity, n, sizeof *marks->all)) {
        slot_no_memory(m->source.slot);
        return;
    }
    marks->all = all;
    for (size_t i = 0; i < n; i++) {
        const tag_entity *e = &m->entities[i];
        tag_place place = tag_source_place(&m->source, m->units[e->first].first,
                                           m->units[e->last].last);
        tag_mark *mark = &marks->all[i];
        bert_span chars;

        if (!tag_source_slice(&m->source, &place, 0, &mark->text, &chars)) {
            return;
        }
        mark->type = e->type;
        mark->begin = before[place.side] + chars.begin;
    }
    marks->count = n;
}

/* " 3 8", or " 3 5;6 8" around a newline, which no span may hold. */
static bool put_spans(slot *s, bert_text text, size_t begin)
{
    size_t at = begin, from = begin;
    bool   any = false;

    for (size_t i = 0; i <= text.size; i++) {
        bool end = i == text.size || text.data[i] == '\n';

        if (!end && ((unsigned char)text.data[i] & 0xC0) == 0x80) {
            continue;
        }
        if (end && at > from) {
            if (!put(s, any ? ";" : " ") || !put_size(s, from, " ") ||
                !put_size(s, at, "")) {
                return false;
            }
            any = true;
        }
        from = end ? at + 1 : from;
        at++;
    }
    return true;
}

/* The text in one line: white space becomes spaces. */
static bool put_flat(slot *s, bert_text text)
{
    size_t begin = s->out.size;

    if (!bert_buffer_put(&s->out, text.data, text.size)) {
        return slot_no_memory(s);
    }
    for (size_t i = begin; i < s->out.size; i++) {
        char *c = &s->out.data[i];

        *c = *c == '\t' || *c == '\n' || *c == '\r' ? ' ' : *c;
    }
    return put(s, "\n");
}

void tag_write_marks(tagging *t, slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        slot      *s = &slots[i];
        tag_marks *marks = &t->marks[i];

        for (size_t k = 0; s->state == SLOT_GOOD && k < marks->count; k++) {
            const tag_mark *mark = &marks->all[k];

            if (mark->text.size == 0) {
                continue;
            }
            t->found++;
            if (!put(s, "T") || !put_size(s, t->found, "\t") ||
                !put_name(s, mark->type) ||
                !put_spans(s, mark->text, t->before + mark->begin) ||
                !put(s, "\t") || !put_flat(s, mark->text)) {
                break;
            }
        }
        if (s->state == SLOT_GOOD) {
            t->before += marks->chars;
        }
    }
}
