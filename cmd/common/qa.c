/*
 * qa.c - the work of bert-qa on a batch
 */
#include "common/qa.h"

#include <math.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "common/report.h"
#include "common/shared.h"

/* transformers 4.57: candidates before they are widened to words, for `best`
   answers after it. */
static size_t candidates(const qa *q)
{
    return q->words ? 2 * q->best + 10 : q->best;
}

/* ---- Rows of the encoder, on a member of the team ---- */

static bool make_room(qa_member *m, size_t count)
{
    void *start = m->start, *end = m->end;
    bool  done = grow_array(&start, &m->start_capacity, count, sizeof(float)) &&
                grow_array(&end, &m->end_capacity, count, sizeof(float));

    m->start = start;
    m->end = end;
    return done;
}

static void begin_text(void *context, size_t item, size_t member)
{
    qa         *q = context;
    qa_member  *m = &q->members[member];
    bert_tokens tokens = bert_encoding_tokens(q->t.texts[item].encoding);

    m->low = tokens.second;
    m->high = tokens.length;
    if (m->high > m->low && tokens.special[m->high - 1]) {
        m->high--;
    }
    m->windows = 0;
    m->has_null = tokens.special[0] && m->low > 0;
    m->null_score = m->has_null ? 1 : 0;
    m->best = -INFINITY;
    m->answers.count = 0;
    if (!make_room(m, m->high - m->low)) {
        slot_no_memory(q->t.items[item].slot);
    }
}

/* The two logits of one row; false: the slot failed. */
static bool run_row(const qa *q, qa_member *m, const encode_piece *piece,
                    size_t row, slot *s, float logits[2])
{
    bert_head_run(q->head, piece->values + row * piece->H, 1, piece->H,
                  m->scratch, logits);
    if (!isfinite(logits[0]) || !isfinite(logits[1])) {
        slot_bad(s, "a result that is not finite");
        return false;
    }
    return true;
}

/* The window's [CLS]: the least of all windows is what no answer scores
   (run_squad.py, write_predictions). */
static bool take_null(const qa *q, qa_member *m, const encode_piece *piece,
                      slot *s, float null[2])
{
    if (!m->has_null) {
        return true;
    }
    if (!run_row(q, m, piece, 0, s, null)) {
        return false;
    }
    if (m->windows == 0 || null[0] + null[1] < m->null[0] + m->null[1]) {
        m->null[0] = null[0];
        m->null[1] = null[1];
    }
    return true;
}

/* Choose among the first `count` logits, which are of tokens from `low` on. */
static bool find_answers(const qa *q, qa_member *m, const bert_tokens *tokens,
                         size_t low, size_t count, const float null[2],
                         double *null_score)
{
    span_logits logits = {
        .start = m->start,
        .end = m->end,
        .count = count,
        .has_null = m->has_null,
        .null_start = m->has_null ? null[0] : 0,
        .null_end = m->has_null ? null[1] : 0,
    };

    if (!spans_find(&logits, q->longest, candidates(q), &m->spans,
                    null_score)) {
        return false;
    }
    for (size_t i = 0; i < m->spans.count; i++) {
        const span *one = &m->spans.items[i];
        answer      a = {
                 .at = span_place(tokens, low + one->first, low + one->last, low,
                                  low + count, q->words),
                 .score = one->score,
                 .logits = {m->start[one->first], m->end[one->last]},
        };

        if (!answers_add(&m->answers, &a)) {
            return false;
        }
    }
    if (m->spans.count > 0 && m->spans.items[0].logit > m->best) {
        m->best = m->spans.items[0].logit;
    }
    return true;
}

/* Window number m->windows by itself. The context alone slides, to the right:
   `high - low` tokens of it in windows that have room for `room`. */
static void answer_window(const qa *q, qa_member *m, const bert_tokens *tokens,
                          const encode_piece *piece, slot *s,
                          const float null[2])
{
    const bert_fit *fit = q->t.encoder.fit;
    size_t          tail = tokens->length - m->high;
    size_t          count = piece->rows - m->low - tail, low = m->low;
    double          null_score = 0;
    float           two[2];

    if (m->windows > 0) {
        size_t room = fit->max_length - m->low - tail;

        /* An overlap that yields leaves a step of one token. */
        low += m->windows * (room > fit->overlap ? room - fit->overlap : 1);
    }
    for (size_t i = 0; i < count; i++) {
        if (!run_row(q, m, piece, m->low + i, s, two)) {
            return;
        }
        m->start[i] = two[0];
        m->end[i] = two[1];
    }
    if (!find_answers(q, m, tokens, low, count, null, &null_score)) {
        slot_no_memory(s);
    }
    m->null_score = null_score < m->null_score ? null_score : m->null_score;
}

static void take_piece(void *context, size_t item, size_t member,
                       const encode_piece *piece)
{
    qa         *q = context;
    qa_member  *m = &q->members[member];
    slot       *s = q->t.items[item].slot;
    bert_tokens tokens = bert_encoding_tokens(q->t.texts[item].encoding);
    float       two[2] = {0, 0};

    if (s->state != SLOT_GOOD || !take_null(q, m, piece, s, two)) {
        return;
    }
    if (q->transformers) {
        answer_window(q, m, &tokens, piece, s, two);
    }
    for (size_t i = 0; i < piece->count && !q->transformers; i++) {
        size_t row = piece->takes != NULL ? piece->takes[i].row : i;
        size_t token = piece->takes != NULL ? piece->takes[i].token : i;

        if (token < m->low || token >= m->high) {
            continue;
        }
        if (!run_row(q, m, piece, row, s, two)) {
            return;
        }
        m->start[token - m->low] = two[0];
        m->end[token - m->low] = two[1];
    }
    m->windows++;
}

/* How much better no answer is than the best one: a difference of logits
   (run_squad.py, score_diff). */
static float null_odds(const qa_member *m)
{
    if (!m->has_null) {
        return 0;
    }
    double odds = (double)m->null[0] + (double)m->null[1] - m->best;
    return isfinite(odds) ? (float)odds : QA_NOTHING_ELSE;
}

static void end_text(void *context, size_t item, size_t member)
{
    qa         *q = context;
    qa_member  *m = &q->members[member];
    slot       *s = q->t.items[item].slot;
    bert_tokens tokens = bert_encoding_tokens(q->t.texts[item].encoding);
    bert_text   text;
    bool        fits = true;

    if (s->state != SLOT_GOOD || !qa_context(s->record, &text)) {
        return;
    }
    if (!q->transformers &&
        !find_answers(q, m, &tokens, m->low, m->high - m->low, m->null,
                      &m->null_score)) {
        slot_no_memory(s);
        return;
    }
    if (!answers_locate(&m->answers, text, record_unit(s->record), &fits)) {
        if (fits) {
            slot_no_memory(s);
        } else {
            slot_bad(s, "offsets are no places in the context");
        }
        return;
    }
    if (!answers_merge(&m->answers)) {
        slot_no_memory(s);
        return;
    }
    q->null_odds[item] = null_odds(m);
    qa_write(q, m, s, q->null_odds[item]);
}

/* ---- The batch ---- */

/* Ids were made of text and pair. */
bool qa_context(const bert_record *record, bert_text *context)
{
    bool       ids = bert_record_value(record, BERT_M_IDS).type != BERT_ABSENT;
    bert_value value =
        bert_record_value(record, ids ? BERT_M_PAIR : BERT_M_CONTEXT);

    if (value.type == BERT_ABSENT) {
        value = bert_record_value(record, ids ? BERT_M_CONTEXT : BERT_M_PAIR);
    }
    *context = value.as.text;
    return value.type == BERT_STRING;
}

/* What a token record must have beside its ids. */
static void check_slot(const qa *q, slot *s, const prepared *text)
{
    bert_tokens tokens = bert_encoding_tokens(text->encoding);
    bert_text   context;

    if (!qa_context(s->record, &context)) {
        slot_bad(s, "no \"pair\" with the context as one text: answers are "
                    "parts of it");
    } else if (tokens.spans == NULL) {
        slot_bad(s, "no \"offsets\": where an answer stands is not known");
    } else if (q->words && tokens.words == NULL) {
        slot_bad(s, "no \"words\": which tokens are a word is not known "
                    "(--pieces goes without)");
    } else if ((q->no_answer || q->odds != NULL) && !tokens.special[0]) {
        slot_bad(s, "no [CLS]: what no answer scores is not known");
    }
}

void qa_work(pipeline *p, slot *slots, size_t count)
{
    qa *q = p->context;

    texts_prepare(&q->t, slots, count);
    for (size_t i = 0; i < count; i++) {
        if (slots[i].state == SLOT_GOOD) {
            check_slot(q, &slots[i], &q->t.texts[i]);
        }
    }
    texts_run(&q->t);
    if (q->format == QA_SQUAD) {
        qa_write_entries(q, slots, count);
    }
    texts_trim(&q->t);
}

/* ---- Start and end ---- */

void qa_start(qa *q)
{
    size_t team = bert_team_size(q->t.encoder.team);

    q->members = alloc_zeroed(team, sizeof *q->members);
    q->null_odds = alloc_zeroed(TEXTS_SLOTS, sizeof *q->null_odds);
    for (size_t i = 0; i < team; i++) {
        q->members[i].scratch =
            alloc_zeroed(bert_head_scratch(q->head) + 1, sizeof(float));
    }
    q->t.prepare.question = true;
    q->t.encoder.context = q;
    q->t.encoder.begin = begin_text;
    q->t.encoder.piece = take_piece;
    q->t.encoder.end = end_text;
}

void qa_free(void *context)
{
    qa *q = context;

    for (size_t i = 0; i < bert_team_size(q->t.encoder.team); i++) {
        qa_member *m = &q->members[i];

        free(m->start);
        free(m->end);
        free(m->scratch);
        span_list_free(&m->spans);
        answer_list_free(&m->answers);
        bert_buffer_free(&m->json.text);
    }
    free(q->members);
    free(q->null_odds);
    id_set_free(&q->seen);
}
