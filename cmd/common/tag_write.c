/*
 * tag_write.c - entities and labels as members of a record
 */
#include "common/tag_write.h"

#include <string.h>

size_t tag_results(const tagging *t, const char **names, bert_type *types)
{
    names[0] = t->words ? "labels" : "entities";
    types[0] = BERT_JSON;
    names[1] = "truncated";
    types[1] = BERT_TRUE;
    return TAG_RESULTS;
}

/* ---- JSON, into m->json; false: the slot has failed ---- */

static bool put(tag_member *m, const char *text)
{
    return bert_buffer_put(&m->json, text, strlen(text)) ||
           slot_no_memory(m->source.slot);
}

static bool put_value(const tagging *t, tag_member *m, const bert_value *value)
{
    bert_error err;

    if (bert_value_put(value, t->digits, &m->json, &err) != BERT_OK) {
        slot_fail(m->source.slot, &err);
        return false;
    }
    return true;
}

static bool put_text(const tagging *t, tag_member *m, bert_text text)
{
    bert_value value = {.type = BERT_STRING, .count = 1};

    value.as.text = text;
    return put_value(t, m, &value);
}

/* A name and a number: ,"start":5 */
static bool put_number(const tagging *t, tag_member *m, const char *name,
                       size_t number)
{
    bert_value value = {.type = BERT_INT, .count = 1};

    value.as.integer = (int64_t)number;
    return put(m, name) && put_value(t, m, &value);
}

static bool put_score(const tagging *t, tag_member *m, float score)
{
    bert_value value = {.type = BERT_FLOAT, .count = 1};

    value.as.number = score;
    return put(m, ",\"score\":") && put_value(t, m, &value);
}

/* The slice of a text, or the slices of a split one as an array. */
static bool put_slices(const tagging *t, tag_member *m, const tag_place *place)
{
    bool split = m->source.sides[place->side].side.split;

    if (!put(m, split ? ",\"text\":[" : ",\"text\":")) {
        return false;
    }
    for (size_t i = 0; i < place->count; i++) {
        bert_text text;
        bert_span chars;

        if ((i > 0 && !put(m, ",")) ||
            !tag_source_slice(&m->source, place, i, &text, &chars) ||
            !put_text(t, m, text)) {
            return false;
        }
    }
    return !split || put(m, "]");
}

static bool put_side(tag_member *m, int side)
{
    return !m->source.pair ||
           put(m, side == 1 ? ",\"in\":\"pair\"" : ",\"in\":\"text\"");
}

/* What says where tokens stand. */
static bool put_place(const tagging *t, tag_member *m, const tag_place *place)
{
    if ((place->count > 0 && !put_slices(t, m, place)) ||
        !put_side(m, place->side)) {
        return false;
    }
    if (place->in_words &&
        !(put_number(t, m, ",\"words\":[", place->word) &&
          put_number(t, m, ",", place->word_end) && put(m, "]"))) {
        return false;
    }
    return !place->known || (put_number(t, m, ",\"start\":", place->start) &&
                             put_number(t, m, ",\"end\":", place->end));
}

/* One line: the list, and truncated where the text was. */
static void put_record(const tagging *t, tag_member *m)
{
    slot      *s = m->source.slot;
    bert_value results[TAG_RESULTS] = {{.type = BERT_JSON, .count = 1},
                                       {.type = BERT_ABSENT}};
    bert_error err;

    results[0].as.text = (bert_text){m->json.data, m->json.size};
    results[1].type = s->cut ? BERT_TRUE : BERT_ABSENT;
    if (bert_layout_put(t->layout, s->record, results, &s->out, &s->clashed,
                        &err) != BERT_OK) {
        slot_fail(s, &err);
    }
}

/* ---- Entities ---- */

/* What --aggregate none tells of a token besides. */
static bool put_token(const tagging *t, tag_member *m, size_t token)
{
    size_t    C = t->labels.count;
    bert_text name = {"", 0};

    name.data = bert_tokenizer_token(t->t.prepare.tokenizer,
                                     m->tokens.ids[token], &name.size);
    if (name.data == NULL) {
        name = (bert_text){"", 0};
    }
    if (!put_number(t, m, ",\"index\":", token) || !put(m, ",\"token\":") ||
        !put_text(t, m, name)) {
        return false;
    }
    bert_value logits = {.type = BERT_FLOATS, .count = C};
    logits.as.floats = t->raw ? m->logits + token * C : NULL;
    return !t->raw || (put(m, ",\"logits\":") && put_value(t, m, &logits));
}

static bool put_entity(const tagging *t, tag_member *m, const tag_entity *e)
{
    size_t    first = m->units[e->first].first, last = m->units[e->last].last;
    tag_place place = tag_source_place(&m->source, first, last);

    return put(m, "{\"type\":") && put_text(t, m, e->type) &&
           put_place(t, m, &place) && put_score(t, m, e->score) &&
           (t->how != TAG_NONE || put_token(t, m, first)) && put(m, "}");
}

/* --raw: every token is one, labelled "O" or not. */
static size_t all_units(const tagging *t, tag_member *m, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const tag_unit *u = &m->units[i];

        m->entities[i] =
            (tag_entity){i, i, t->labels.all[u->label].name, u->score};
    }
    return count;
}

static size_t find_entities(const tagging *t, tag_member *m, size_t count)
{
    return t->raw ? all_units(t, m, count)
                  : tag_entities_make(m->units, count, &t->labels, t->how,
                                      m->tokens.second, m->entities);
}

void tag_write_entities(const tagging *t, tag_member *m, size_t count)
{
    size_t n = find_entities(t, m, count);
    bool   good = true;

    m->json.size = 0;
    good = put(m, "[");
    for (size_t i = 0; good && i < n; i++) {
        good = (i == 0 || put(m, ",")) && put_entity(t, m, &m->entities[i]);
    }
    if (good && put(m, "]")) {
        put_record(t, m);
    }
}

/* ---- A label a word ---- */

static bool put_label(const tagging *t, tag_member *m, const tag_unit *unit)
{
    return put(m, m->json.size > 1 ? ",{\"label\":" : "{\"label\":") &&
           (unit != NULL ? put_text(t, m, t->labels.all[unit->label].name)
                         : put(m, "null"));
}

/* A word of a text that is not split, or not there. */
static bool put_unit(const tagging *t, tag_member *m, const tag_unit *unit)
{
    tag_place place = tag_source_place(&m->source, unit->first, unit->last);

    return put_label(t, m, unit) && put_place(t, m, &place) &&
           put_score(t, m, unit->score) && put(m, "}");
}

/* Every word that was given; one without a token has no label. */
static bool put_split(const tagging *t, tag_member *m, const tag_unit *units,
                      size_t count, int k)
{
    const bert_side *side = &m->source.sides[k].side;
    size_t           at = 0;

    for (size_t w = 0; w < side->count; w++) {
        const tag_unit *unit = NULL;

        if (at < count && (size_t)m->tokens.words[units[at].first] == w) {
            unit = &units[at++];
        }
        if (!put_label(t, m, unit) || !put(m, ",\"text\":") ||
            !put_text(t, m, side->parts[w]) || !put_side(m, k) ||
            !put_number(t, m, ",\"word\":", w) ||
            (unit != NULL && !put_score(t, m, unit->score)) || !put(m, "}")) {
            return false;
        }
    }
    return true;
}

static bool put_words(const tagging *t, tag_member *m, const tag_unit *units,
                      size_t count, int k)
{
    const tag_side *side = &m->source.sides[k];

    if (side->there && side->side.split) {
        return put_split(t, m, units, count, k);
    }
    for (size_t i = 0; i < count; i++) {
        if (!put_unit(t, m, &units[i])) {
            return false;
        }
    }
    return true;
}

size_t tag_second_text(const tag_member *m, size_t count)
{
    size_t i = 0;

    while (i < count && m->units[i].first < m->tokens.second) {
        i++;
    }
    return i;
}

void tag_write_words(const tagging *t, tag_member *m, size_t count)
{
    size_t second = tag_second_text(m, count);

    m->json.size = 0;
    if (put(m, "[") && put_words(t, m, m->units, second, 0) &&
        (!m->source.pair ||
         put_words(t, m, m->units + second, count - second, 1)) &&
        put(m, "]")) {
        put_record(t, m);
    }
}

/* ---- spaCy's training data ---- */

/* [begin,end,"TYPE"], in characters whatever the record counts. */
static bool put_triple(const tagging *t, tag_member *m, const tag_entity *e)
{
    tag_place place = tag_source_place(&m->source, m->units[e->first].first,
                                       m->units[e->last].last);
    bert_text text;
    bert_span chars;

    return tag_source_slice(&m->source, &place, 0, &text, &chars) &&
           put_number(t, m, "[", chars.begin) &&
           put_number(t, m, ",", chars.end) && put(m, ",") &&
           put_text(t, m, e->type) && put(m, "]");
}

void tag_write_spacy(const tagging *t, tag_member *m, size_t count)
{
    const tag_side *side = &m->source.sides[0];
    size_t          n = find_entities(t, m, count);

    if (m->source.pair || !side->there || side->side.split) {
        slot_bad(m->source.slot, "%s: --format spacy needs one text",
                 m->source.pair ? "a pair"
                 : side->there  ? "words already split"
                                : "no \"text\"");
        return;
    }
    m->json.size = 0;
    bool good = put(m, "[");
    for (size_t i = 0; good && i < n; i++) {
        good = (i == 0 || put(m, ",")) && put_triple(t, m, &m->entities[i]);
    }
    if (good && put(m, "]")) {
        put_record(t, m);
    }
}
