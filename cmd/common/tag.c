/*
 * tag.c - the work of bert-tag on a batch
 */
#include "common/tag.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/report.h"
#include "common/tag_write.h"

/* What one member's memory may keep after a large text. */
enum { KEEP_SCORES = 4 << 20, KEEP_TOKENS = 64 << 10 };

/* ---- Rows of the encoder, on a member of the team ---- */

static bool make_room(const tagging *t, tag_member *m)
{
    size_t n = m->tokens.length, C = t->labels.count;
    void  *scores = m->scores, *logits = m->logits;
    void  *lists[4] = {m->units, m->entities, m->labels, (void *)m->rows};
    size_t sizes[4] = {sizeof *m->units, sizeof *m->entities, sizeof *m->labels,
                       sizeof *m->rows};
    bool   done = n <= SIZE_MAX / C;

    done = done &&
           grow_array(&scores, &m->scores_capacity, n * C, sizeof *m->scores);
    done = done && (!t->raw || grow_array(&logits, &m->logits_capacity, n * C,
                                          sizeof *m->logits));
    for (int i = 0; i < 4; i++) {
        done =
            done && grow_array(&lists[i], &m->tokens_capacity[i], n, sizes[i]);
    }
    m->scores = scores;
    m->logits = logits;
    m->units = lists[0];
    m->entities = lists[1];
    m->labels = lists[2];
    m->rows = lists[3];
    return done;
}

static void begin_text(void *context, size_t item, size_t member)
{
    tagging    *t = context;
    tag_member *m = &t->members[member];

    m->tokens = bert_encoding_tokens(t->t.texts[item].encoding);
    if (!make_room(t, m)) {
        slot_no_memory(t->t.items[item].slot);
    }
}

/* Rows that follow one another are given to the head in one call. */
static void take_piece(void *context, size_t item, size_t member,
                       const encode_piece *piece)
{
    tagging           *t = context;
    tag_member        *m = &t->members[member];
    const window_take *takes = piece->takes;

    if (t->t.items[item].slot->state != SLOT_GOOD) {
        return;
    }
    for (size_t i = 0, n; i < piece->count; i += n) {
        size_t row = takes != NULL ? takes[i].row : i;
        size_t token = takes != NULL ? takes[i].token : i;

        n = 1;
        if (m->tokens.special[token]) {
            continue;
        }
        while (i + n < piece->count && !m->tokens.special[token + n] &&
               (takes == NULL || (takes[i + n].row == row + n &&
                                  takes[i + n].token == token + n))) {
            n++;
        }
        bert_head_run(t->head, piece->values + row * piece->H, n, piece->H,
                      m->scratch, m->scores + token * t->labels.count);
    }
}

/* ---- Labels ---- */

/* Logits to probabilities. false: one is not finite. */
static bool make_scores(const tagging *t, tag_member *m)
{
    size_t C = t->labels.count;

    for (size_t i = 0; i < m->tokens.length; i++) {
        float *row = m->scores + i * C;

        if (m->tokens.special[i]) {
            continue;
        }
        for (size_t c = 0; c < C; c++) {
            if (!isfinite(row[c])) {
                return false;
            }
        }
        if (t->raw) {
            memcpy(m->logits + i * C, row, C * sizeof *row);
        }
        bert_head_softmax(t->head, row, C, row);
    }
    return true;
}

/* The units' labels by --viterbi, each text a sequence by itself. */
static bool decode(const tagging *t, tag_member *m, size_t count)
{
    size_t second = m->tokens.second;
    size_t C = t->labels.count, begin = 0;

    for (size_t i = 0; i < count; i++) {
        m->rows[i] = m->scores + m->units[i].row * C;
    }
    while (begin < count) {
        size_t end = begin + 1;

        while (end < count && (m->units[end].first < second) ==
                                  (m->units[begin].first < second)) {
            end++;
        }
        if (!viterbi_decode(&t->rules, m->rows + begin, end - begin,
                            &m->viterbi, m->labels + begin)) {
            return false;
        }
        begin = end;
    }
    for (size_t i = 0; i < count; i++) {
        m->units[i].label = m->labels[i];
        m->units[i].score = m->rows[i][m->labels[i]];
    }
    return true;
}

/* What the way of joining or the format needs of a token record. */
static bool check_needs(const tagging *t, const tag_member *m, slot *s)
{
    bool words = tag_by_words(t->how);
    bool places = t->how != TAG_NONE && !t->words;

    if (words && m->tokens.words == NULL) {
        slot_bad(s, "no \"words\": which tokens are a word is not known "
                    "(--aggregate simple or none)");
        return false;
    }
    if (places && m->tokens.spans == NULL) {
        slot_bad(s, "no \"offsets\": where an entity stands is not known "
                    "(--aggregate none, or --words)");
        return false;
    }
    return true;
}

static void write_text(tagging *t, tag_member *m, size_t item, size_t count)
{
    switch (t->format) {
    case TAG_CONLL:
        tag_write_conll(t, m, count);
        break;
    case TAG_BRAT:
        tag_collect_marks(t, m, count, &t->marks[item]);
        break;
    case TAG_SPACY:
        tag_write_spacy(t, m, count);
        break;
    default:
        if (t->words) {
            tag_write_words(t, m, count);
        } else {
            tag_write_entities(t, m, count);
        }
    }
}

static void trim(tag_member *m)
{
    if (m->scores_capacity > KEEP_SCORES) {
        free(m->scores);
        free(m->logits);
        m->scores = m->logits = NULL;
        m->scores_capacity = m->logits_capacity = 0;
    }
    if (m->tokens_capacity[0] > KEEP_TOKENS) {
        free(m->units);
        free(m->entities);
        free(m->labels);
        free((void *)m->rows);
        m->units = NULL;
        m->entities = NULL;
        m->labels = NULL;
        m->rows = NULL;
        memset(m->tokens_capacity, 0, sizeof m->tokens_capacity);
        viterbi_scratch_free(&m->viterbi);
        tag_source_free(&m->source);
    }
    json_trim(&m->json);
}

static void end_text(void *context, size_t item, size_t member)
{
    tagging    *t = context;
    tag_member *m = &t->members[member];
    slot       *s = t->t.items[item].slot;

    if (s->state != SLOT_GOOD || !check_needs(t, m, s) ||
        !tag_source_open(&m->source, s, &m->tokens)) {
        return;
    }
    if (!make_scores(t, m)) {
        slot_bad(s, "a result that is not finite");
        return;
    }
    size_t count = tag_units_make(&m->tokens, t->how, m->units);
    tag_units_label(m->units, count, t->how, m->scores, t->labels.count);
    if (t->viterbi && !decode(t, m, count)) {
        slot_no_memory(s);
        return;
    }
    write_text(t, m, item, count);
    trim(m);
}

/* ---- The batch ---- */

void tag_work(pipeline *p, slot *slots, size_t count)
{
    tagging *t = p->context;

    texts_prepare(&t->t, slots, count);
    texts_run(&t->t);
    if (t->format == TAG_BRAT) {
        tag_write_marks(t, slots, count);
    }
    texts_trim(&t->t);
}

void tag_start(tagging *t)
{
    size_t       team = bert_team_size(t->t.encoder.team);
    size_t       C = bert_head_outputs(t->head);
    size_t       scratch = bert_head_scratch(t->head);
    const char **names = alloc_zeroed(C, sizeof *names);

    for (size_t i = 0; i < C; i++) {
        names[i] = bert_head_label(t->head, i);
    }
    tag_labels_make(&t->labels, names, C);
    free((void *)names);
    if (t->viterbi) {
        label_rules_make(&t->rules, &t->labels);
    }
    t->members = alloc_zeroed(team, sizeof *t->members);
    for (size_t i = 0; i < team; i++) {
        t->members[i].scratch = alloc_zeroed(scratch, sizeof(float));
    }
    if (t->format == TAG_BRAT) {
        t->marks = alloc_zeroed(TEXTS_SLOTS, sizeof *t->marks);
    }
    t->t.encoder.context = t;
    t->t.encoder.begin = begin_text;
    t->t.encoder.piece = take_piece;
    t->t.encoder.end = end_text;
}

void tag_free(void *context)
{
    tagging *t = context;

    for (size_t i = 0; i < bert_team_size(t->t.encoder.team); i++) {
        tag_member *m = &t->members[i];

        free(m->scratch);
        free(m->scores);
        free(m->logits);
        free(m->units);
        free(m->entities);
        free(m->labels);
        free((void *)m->rows);
        viterbi_scratch_free(&m->viterbi);
        tag_source_free(&m->source);
        bert_buffer_free(&m->json.text);
    }
    for (size_t i = 0; t->marks != NULL && i < TEXTS_SLOTS; i++) {
        free(t->marks[i].all);
    }
    free(t->marks);
    free(t->members);
    tag_labels_free(&t->labels);
    label_rules_free(&t->rules);
}
