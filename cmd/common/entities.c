/*
 * entities.c - labels of tokens to labels of words, and to entities
 */
#include "common/entities.h"

bool tag_by_words(tag_aggregate how)
{
    return how != TAG_NONE && how != TAG_SIMPLE;
}

/* ---- Units ---- */

static bool same_word(const bert_tokens *tokens, size_t a, size_t b)
{
    return tokens->words[a] >= 0 && tokens->words[a] == tokens->words[b] &&
           (a < tokens->second) == (b < tokens->second);
}

size_t tag_units_make(const bert_tokens *tokens, tag_aggregate how,
                      tag_unit *units)
{
    bool   words = tag_by_words(how);
    size_t count = 0;

    for (size_t i = 0; i < tokens->length; i++) {
        if (tokens->special[i]) {
            continue;
        }
        if (words && count > 0 && same_word(tokens, units[count - 1].last, i)) {
            units[count - 1].last = i;
        } else {
            units[count++] = (tag_unit){.first = i, .last = i, .row = i};
        }
    }
    return count;
}

/* The first of the largest numbers. */
static size_t largest(const float *row, size_t C)
{
    size_t best = 0;

    for (size_t i = 1; i < C; i++) {
        best = row[i] > row[best] ? i : best;
    }
    return best;
}

/* The first token whose largest probability is the word's largest. */
static size_t surest_row(const tag_unit *unit, const float *scores, size_t C)
{
    size_t best = unit->first;
    float  most = scores[best * C + largest(scores + best * C, C)];

    for (size_t t = unit->first + 1; t <= unit->last; t++) {
        float p = scores[t * C + largest(scores + t * C, C)];

        if (p > most) {
            most = p;
            best = t;
        }
    }
    return best;
}

/* The mean of the word's rows, over its first. */
static void average_rows(const tag_unit *unit, float *scores, size_t C)
{
    float *mean = scores + unit->first * C;
    float  n = (float)(unit->last - unit->first + 1);

    for (size_t t = unit->first + 1; t <= unit->last; t++) {
        for (size_t c = 0; c < C; c++) {
            mean[c] += scores[t * C + c];
        }
    }
    for (size_t c = 0; c < C; c++) {
        mean[c] /= n;
    }
}

void tag_units_label(tag_unit *units, size_t count, tag_aggregate how,
                     float *scores, size_t C)
{
    for (size_t i = 0; i < count; i++) {
        tag_unit *unit = &units[i];

        if (how == TAG_MAX) {
            unit->row = surest_row(unit, scores, C);
        } else if (how == TAG_AVERAGE && unit->last > unit->first) {
            average_rows(unit, scores, C);
        }
        const float *row = scores + unit->row * C;
        unit->label = largest(row, C);
        unit->score = row[unit->label];
    }
}

/* ---- Entities ---- */

static bool goes_on(const tag_labels *labels, const tag_unit *before,
                    const tag_unit *unit, size_t second)
{
    const tag_label *from = &labels->all[before->label];
    const tag_label *to = &labels->all[unit->label];

    return from->tag == to->tag && to->part != TAG_BEGIN &&
           to->part != TAG_SINGLE && from->part != TAG_END &&
           from->part != TAG_SINGLE &&
           (before->last < second) == (unit->first < second);
}

static size_t single_units(const tag_unit *units, size_t count,
                           const tag_labels *labels, tag_entity *entities)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        const tag_label *label = &labels->all[units[i].label];

        if (!label->outside) {
            entities[n++] = (tag_entity){i, i, label->name, units[i].score};
        }
    }
    return n;
}

size_t tag_entities_make(const tag_unit *units, size_t count,
                         const tag_labels *labels, tag_aggregate how,
                         size_t second, tag_entity *entities)
{
    size_t n = 0;

    if (how == TAG_NONE) {
        return single_units(units, count, labels, entities);
    }
    for (size_t i = 0; i < count;) {
        const tag_label *label = &labels->all[units[i].label];
        double           sum = (double)units[i].score;
        size_t           end = i + 1;

        while (end < count &&
               goes_on(labels, &units[end - 1], &units[end], second)) {
            sum += (double)units[end++].score;
        }
        if (!label->ignored) {
            entities[n++] = (tag_entity){i, end - 1, label->type,
                                         (float)(sum / (double)(end - i))};
        }
        i = end;
    }
    return n;
}
