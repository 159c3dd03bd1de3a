/*
 * tag_write.c - entities and labels as members of a record
 */
#include "common/tag_write.h"

size_t tag_results(const tagging *t, const char **names, bert_type *types)
{
    names[0] = t->words ? "labels" : "entities";
    types[0] = BERT_JSON;
    names[1] = "truncated";
    types[1] = BERT_TRUE;
    return TAG_RESULTS;
}

/* A slice, where the slot has not failed: its first failure stays. */
static bool get_slice(tag_member *m, const tag_place *place, size_t i,
                      bert_text *text, bert_span *chars)
{
    return m->source.slot->state == SLOT_GOOD &&
           tag_source_slice(&m->source, place, i, text, chars);
}

/* The slice of a text, or the slices of a split one as an array. */
static void put_slices(tag_member *m, const tag_place *place)
{
    bool      split = m->source.sides[place->side].side.split;
    bert_text text;
    bert_span chars;

    json_put(&m->json, split ? ",\"text\":[" : ",\"text\":");
    for (size_t i = 0;
         i < place->count && get_slice(m, place, i, &text, &chars); i++) {
        json_text(&m->json, i > 0 ? "," : "", text);
    }
    json_put(&m->json, split ? "]" : "");
}

static void put_side(tag_member *m, int side)
{
    if (m->source.pair) {
        json_put(&m->json, side == 1 ? ",\"in\":\"pair\"" : ",\"in\":\"text\"");
    }
}

/* What says where tokens stand. */
static void put_place(tag_member *m, const tag_place *place)
{
    if (place->count > 0) {
        put_slices(m, place);
    }
    put_side(m, place->side);
    if (place->in_words) {
        json_size(&m->json, ",\"words\":[", place->word);
        json_size(&m->json, ",", place->word_end);
        json_put(&m->json, "]");
    }
    if (place->known) {
        json_size(&m->json, ",\"start\":", place->start);
        json_size(&m->json, ",\"end\":", place->end);
    }
}

static void begin_list(const tagging *t, tag_member *m)
{
    json_begin(&m->json, t->digits);
    json_put(&m->json, "[");
}

/* One line: the list, and truncated where the text was. */
static void end_list(const tagging *t, tag_member *m)
{
    slot      *s = m->source.slot;
    bert_value results[TAG_RESULTS] = {{.type = BERT_ABSENT}};

    json_put(&m->json, "]");
    results[0] = json_result(&m->json);
    results[1].type = s->cut ? BERT_TRUE : BERT_ABSENT;
    if (s->state == SLOT_GOOD &&
        (m->json.error.status != BERT_OK ||
         bert_layout_put(t->layout, s->record, results, &s->out, &s->clashed,
                         &m->json.error) != BERT_OK)) {
        slot_fail(s, &m->json.error);
    }
}

/* ---- Entities ---- */

/* What --aggregate none tells of a token besides. */
static void put_token(const tagging *t, tag_member *m, size_t token)
{
    size_t    C = t->labels.count;
    bert_text name = {"", 0};

    name.data = bert_tokenizer_token(t->t.prepare.tokenizer,
                                     m->tokens.ids[token], &name.size);
    if (name.data == NULL) {
        name = (bert_text){"", 0};
    }
    json_size(&m->json, ",\"index\":", token);
    json_text(&m->json, ",\"token\":", name);
    if (t->raw) {
        json_floats(&m->json, ",\"logits\":", m->logits + token * C, C);
    }
}

static void put_entity(const tagging *t, tag_member *m, const tag_entity *e)
{
    size_t    first = m->units[e->first].first, last = m->units[e->last].last;
    tag_place place = tag_source_place(&m->source, first, last);

    json_text(&m->json, "{\"type\":", e->type);
    put_place(m, &place);
    json_float(&m->json, ",\"score\":", e->score);
    if (t->how == TAG_NONE) {
        put_token(t, m, first);
    }
    json_put(&m->json, "}");
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

    begin_list(t, m);
    for (size_t i = 0; i < n; i++) {
        json_put(&m->json, i == 0 ? "" : ",");
        put_entity(t, m, &m->entities[i]);
    }
    end_list(t, m);
}

/* ---- A label a word ---- */

static void put_label(const tagging *t, tag_member *m, const tag_unit *unit)
{
    json_put(&m->json, m->json.text.size > 1 ? "," : "");
    if (unit != NULL) {
        json_text(&m->json, "{\"label\":", t->labels.all[unit->label].name);
    } else {
        json_put(&m->json, "{\"label\":null");
    }
}

/* A word of a text that is not split, or not there. */
static void put_unit(const tagging *t, tag_member *m, const tag_unit *unit)
{
    tag_place place = tag_source_place(&m->source, unit->first, unit->last);

    put_label(t, m, unit);
    put_place(m, &place);
    json_float(&m->json, ",\"score\":", unit->score);
    json_put(&m->json, "}");
}

/* Every word that was given; one without a token has no label. */
static void put_split(const tagging *t, tag_member *m, const tag_unit *units,
                      size_t count, int k)
{
    const bert_side *side = &m->source.sides[k].side;
    size_t           at = 0;

    for (size_t w = 0; w < side->count; w++) {
        const tag_unit *unit = NULL;

        if (at < count && (size_t)m->tokens.words[units[at].first] == w) {
            unit = &units[at++];
        }
        put_label(t, m, unit);
        json_text(&m->json, ",\"text\":", side->parts[w]);
        put_side(m, k);
        json_size(&m->json, ",\"word\":", w);
        if (unit != NULL) {
            json_float(&m->json, ",\"score\":", unit->score);
        }
        json_put(&m->json, "}");
    }
}

static void put_words(const tagging *t, tag_member *m, const tag_unit *units,
                      size_t count, int k)
{
    const tag_side *side = &m->source.sides[k];

    if (side->there && side->side.split) {
        put_split(t, m, units, count, k);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        put_unit(t, m, &units[i]);
    }
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

    begin_list(t, m);
    put_words(t, m, m->units, second, 0);
    if (m->source.pair) {
        put_words(t, m, m->units + second, count - second, 1);
    }
    end_list(t, m);
}

/* ---- spaCy's training data ---- */

/* [begin,end,"TYPE"], in characters whatever the record counts. */
static void put_triple(tag_member *m, const tag_entity *e)
{
    tag_place place = tag_source_place(&m->source, m->units[e->first].first,
                                       m->units[e->last].last);
    bert_text text;
    bert_span chars;

    if (get_slice(m, &place, 0, &text, &chars)) {
        json_size(&m->json, "[", chars.begin);
        json_size(&m->json, ",", chars.end);
        json_text(&m->json, ",", e->type);
        json_put(&m->json, "]");
    }
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
    begin_list(t, m);
    for (size_t i = 0; i < n; i++) {
        json_put(&m->json, i == 0 ? "" : ",");
        put_triple(m, &m->entities[i]);
    }
    end_list(t, m);
}
