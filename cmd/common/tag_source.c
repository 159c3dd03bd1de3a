/*
 * tag_source.c - the texts of a record, from which tokens are sliced
 */
#include "common/tag_source.h"

/* Words that are numbers in a split text: in order, and of words it has. */
static bool check_words(const tag_source *source)
{
    const bert_tokens *t = &source->tokens;
    int32_t            before[2] = {0, 0};

    for (size_t i = 0; i < t->length; i++) {
        int             k = i >= t->second;
        const tag_side *side = &source->sides[k];

        if (t->special[i] || !side->there || !side->side.split) {
            continue;
        }
        if (t->words == NULL) {
            slot_bad(source->slot, "no \"words\": which of the words already "
                                   "split a token is of is not known");
            return false;
        }
        if (t->words[i] < before[k] ||
            (size_t)t->words[i] >= side->side.count) {
            slot_bad(source->slot,
                     "words: %d of token %zu does not fit the text's %zu words",
                     t->words[i], i, side->side.count);
            return false;
        }
        before[k] = t->words[i];
    }
    return true;
}

bool tag_source_open(tag_source *source, slot *s, const bert_tokens *tokens)
{
    static const bert_member members[2] = {BERT_M_TEXT, BERT_M_PAIR};

    source->slot = s;
    source->tokens = *tokens;
    source->unit = record_unit(s->record);
    source->pair = tokens->second < tokens->length;
    for (int k = 0; k < 2; k++) {
        tag_side *side = &source->sides[k];

        side->there =
            record_side(s->record, members[k], &side->value, &side->side);
        side->placed = 0;
    }
    return check_words(source);
}

void tag_source_free(tag_source *source)
{
    text_places_free(&source->sides[0].places);
    text_places_free(&source->sides[1].places);
}

tag_place tag_source_place(const tag_source *source, size_t first, size_t last)
{
    const bert_tokens *t = &source->tokens;
    tag_place          place = {.side = first >= t->second};
    const tag_side    *side = &source->sides[place.side];

    if (t->spans != NULL) {
        place.known = true;
        place.start = t->spans[first].begin;
        place.end = t->spans[last].end;
    }
    if (t->words != NULL && t->words[first] >= 0 && t->words[last] >= 0 &&
        (!side->there || side->side.split)) {
        place.in_words = true;
        place.word = (size_t)t->words[first];
        place.word_end = (size_t)t->words[last] + 1;
    }
    if (side->there && place.known) {
        place.count = side->side.split ? place.word_end - place.word : 1;
    }
    return place;
}

/* The places of one part of a text: the text, or one of its words. */
static bool set_places(tag_source *source, int k, size_t part)
{
    tag_side *side = &source->sides[k];

    if (side->placed == part + 1) {
        return true;
    }
    if (!text_places_set(&side->places, side->side.parts[part], source->unit)) {
        return slot_no_memory(source->slot);
    }
    side->placed = part + 1;
    return true;
}

bool tag_source_slice(tag_source *source, const tag_place *place, size_t i,
                      bert_text *out, bert_span *chars)
{
    tag_side *side = &source->sides[place->side];
    size_t    part = side->side.split ? place->word + i : 0;
    bert_text text = side->side.parts[part];
    bert_span bytes = {0, text.size};

    if (!set_places(source, place->side, part)) {
        return false;
    }
    *chars = (bert_span){0, 0};
    bool fits = i > 0 || text_places_find(&side->places, place->start,
                                          &bytes.begin, &chars->begin);
    if (i + 1 == place->count) {
        fits = fits && text_places_find(&side->places, place->end, &bytes.end,
                                        &chars->end);
    }
    if (!fits || bytes.begin > bytes.end) {
        slot_bad(source->slot, "offsets: [%zu,%zu] does not fit the text",
                 place->start, place->end);
        return false;
    }
    *out = (bert_text){text.data + bytes.begin, bytes.end - bytes.begin};
    return true;
}

bool tag_source_chars(tag_source *source, int side, size_t *chars)
{
    if (!set_places(source, side, 0)) {
        return false;
    }
    *chars = text_places_chars(&source->sides[side].places);
    return true;
}
