/*
 * qa_write.c - answers to the bytes of a record's output
 *
 * SQuAD's prediction file is one object, {"id":"text",...}; so is that of the
 * null odds. An entry is made with its record, and the comma before it when
 * the batch is done: which entry is the first is known only then.
 */
#include <string.h>

#include "common/qa.h"
#include "common/report.h"
#include "common/shared.h"

size_t qa_results(const qa *q, const char **names, bert_type *types)
{
    size_t n = 0;

    if (q->format == QA_TSV) {
        names[n] = "answer", types[n++] = BERT_STRING;
        names[n] = "start", types[n++] = BERT_INT;
        names[n] = "end", types[n++] = BERT_INT;
        names[n] = "score", types[n++] = BERT_FLOAT;
    } else {
        names[n] = "answers", types[n++] = BERT_JSON;
    }
    if (q->no_answer) {
        names[n] = "null_odds", types[n++] = BERT_FLOAT;
    }
    names[n] = "truncated", types[n++] = BERT_TRUE;
    return n;
}

/* ---- The empty answer ---- */

static answer empty_answer(const qa_member *m)
{
    return (answer){
        .text = {"", 0},
        .score = m->null_score,
        .logits = {m->null[0], m->null[1]},
    };
}

/*
 * How many of the answers come before the empty one; SIZE_MAX: all, and it is
 * none of them. Without a threshold its score decides (transformers'
 * handle_impossible_answer); with one it is the answer where the odds are
 * above it, and none elsewhere (run_squad.py).
 */
static size_t empty_place(const qa *q, const qa_member *m, float null_odds)
{
    size_t place = 0;

    if (!q->no_answer) {
        return SIZE_MAX;
    }
    if (m->answers.count == 0) {
        return 0;
    }
    if (q->has_threshold) {
        return null_odds > q->threshold ? 0 : SIZE_MAX;
    }
    while (place < m->answers.count &&
           m->answers.items[place].score >= m->null_score) {
        place++;
    }
    return place;
}

/* Answer i, the empty one among them; false: there are no more. */
static bool get_answer(const qa *q, const qa_member *m, size_t empty, size_t i,
                       answer *out)
{
    size_t place = empty < i ? i - 1 : i;

    if (i >= q->best || (i != empty && place >= m->answers.count)) {
        return false;
    }
    *out = i == empty ? empty_answer(m) : m->answers.items[place];
    return true;
}

/* ---- Records ---- */

static void put_answer(const qa *q, json_out *j, const answer *a)
{
    json_text(j, "{\"text\":", a->text);
    json_size(j, ",\"start\":", a->at.begin);
    json_size(j, ",\"end\":", a->at.end);
    json_float(j, ",\"score\":", (float)a->score);
    if (q->raw) {
        json_float(j, ",\"start_logit\":", a->logits[0]);
        json_float(j, ",\"end_logit\":", a->logits[1]);
    }
    json_put(j, "}");
}

static void put_answers(const qa *q, qa_member *m, size_t empty)
{
    answer a;

    json_begin(&m->json, q->digits);
    json_put(&m->json, "[");
    for (size_t i = 0; get_answer(q, m, empty, i, &a); i++) {
        json_put(&m->json, i == 0 ? "" : ",");
        put_answer(q, &m->json, &a);
    }
    json_put(&m->json, "]");
}

/* The best answer's columns. */
static size_t fill_columns(const qa *q, const qa_member *m, size_t empty,
                           bert_value *results)
{
    answer a;

    if (get_answer(q, m, empty, 0, &a)) {
        results[0].type = BERT_STRING;
        results[0].as.text = a.text;
        results[1].type = results[2].type = BERT_INT;
        results[1].as.integer = (int64_t)a.at.begin;
        results[2].as.integer = (int64_t)a.at.end;
        results[3].type = BERT_FLOAT;
        results[3].as.number = (float)a.score;
    }
    return 4;
}

static void write_record(const qa *q, qa_member *m, slot *s, size_t empty,
                         float null_odds)
{
    bert_value results[QA_RESULTS] = {{0}};
    bert_error err = {.status = BERT_OK};
    size_t     n = 1;

    if (q->format == QA_TSV) {
        n = fill_columns(q, m, empty, results);
    } else {
        put_answers(q, m, empty);
        results[0] = json_result(&m->json);
        err = m->json.error;
    }
    if (q->no_answer) {
        results[n].type = BERT_FLOAT;
        results[n++].as.number = null_odds;
    }
    results[n].type = s->cut ? BERT_TRUE : BERT_ABSENT;
    if (err.status != BERT_OK ||
        bert_layout_put(q->layout, s->record, results, &s->out, &s->clashed,
                        &err) != BERT_OK) {
        slot_fail(s, &err);
    }
}

/* ---- SQuAD's predictions ---- */

static bool put_text(bert_buffer *out, const char *text)
{
    return bert_buffer_put(out, text, strlen(text));
}

/* A field of TSV as a JSON string. */
static bool put_field(slot *s, bert_text field, bert_buffer *out)
{
    static const char from[] = "tnr\\", to[] = "\t\n\r\\";
    bert_buffer       plain = {0};
    bool              memory = bert_buffer_reserve(&plain, field.size);
    bert_error        err;

    for (size_t i = 0; memory && i < field.size; i++) {
        const char *known = NULL;

        if (field.data[i] == '\\' && i + 1 < field.size) {
            known = memchr(from, field.data[i + 1], sizeof from - 1);
        }
        i += known != NULL;
        plain.data[plain.size++] =
            known != NULL ? to[known - from] : field.data[i];
    }
    bert_value value = {.type = BERT_STRING,
                        .as.text = {plain.data, plain.size}};
    memory = memory && bert_value_put(&value, 0, out, &err) == BERT_OK;
    bert_buffer_free(&plain);
    return memory || slot_no_memory(s);
}

static bool find_id(const slot *s, bert_text *raw)
{
    return bert_record_raw(s->record, "id", 2, raw) && raw->size > 0 &&
           raw->data[0] != '{' && raw->data[0] != '[';
}

/* The record's id as the name of an entry, a string whatever it was. */
static bool put_id(slot *s, bert_buffer *out)
{
    bert_text raw;

    if (!find_id(s, &raw)) {
        slot_bad(s, "no \"id\" to name the prediction by");
        return false;
    }
    if (shared.input == BERT_TSV) {
        return put_field(s, raw, out) &&
               (put_text(out, ":") || slot_no_memory(s));
    }
    const char *quote = raw.data[0] == '"' ? "" : "\"";
    return (put_text(out, quote) && bert_buffer_put(out, raw.data, raw.size) &&
            put_text(out, quote) && put_text(out, ":")) ||
           slot_no_memory(s);
}

/* 7 and "7" are one name. Two spellings of one string ("a", "\u0061") pass for
   two: no file was seen that has them. */
static void count_id(qa *q, const slot *s)
{
    bert_text raw = {"", 0};

    (void)find_id(s, &raw);
    if (shared.input != BERT_TSV && raw.size > 1 && raw.data[0] == '"') {
        raw = (bert_text){raw.data + 1, raw.size - 2};
    }
    q->repeated += id_set_add(&q->seen, raw.data, raw.size);
}

static void write_entry(const qa *q, const qa_member *m, slot *s, size_t empty)
{
    answer     a = {.text = {"", 0}};
    bert_error err;

    (void)get_answer(q, m, empty, 0, &a);
    bert_value text = {.type = BERT_STRING, .as.text = a.text};
    if (!put_text(&s->out, ",\n")) {
        slot_no_memory(s);
    } else if (put_id(s, &s->out) &&
               bert_value_put(&text, 0, &s->out, &err) != BERT_OK) {
        slot_fail(s, &err);
    }
}

/* One line of the null odds. */
static void write_odds(const qa *q, slot *s, float null_odds)
{
    bert_buffer line = {0};
    bert_value  number = {.type = BERT_FLOAT, .as.number = null_odds};
    bert_error  err;

    if (!put_text(&line, q->begun ? ",\n" : "\n")) {
        stop_error("out of memory");
    }
    if (put_id(s, &line)) {
        if (bert_value_put(&number, q->digits, &line, &err) != BERT_OK) {
            stop_library(&err);
        }
        output_put(q->odds, line.data, line.size);
    }
    bert_buffer_free(&line);
}

/* --on-error emit: no answer, under the id of a record that failed; the
   scorer of SQuAD 2.0 fails where a question has no prediction. false: it has
   no id, or there is no memory. */
static bool write_none(slot *s)
{
    bert_text raw;

    s->out.size = 0;
    return shared.on_error == ON_ERROR_EMIT && find_id(s, &raw) &&
           (put_text(&s->out, ",\n") || slot_no_memory(s)) &&
           put_id(s, &s->out) &&
           (put_text(&s->out, "\"\"") || slot_no_memory(s));
}

void qa_write_entries(qa *q, slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        slot *s = &slots[i];
        bool  good = s->state == SLOT_GOOD;
        bool  is_entry = good || write_none(s);

        if (slot_stops(s)) {
            return; /* nothing after it is written */
        }
        if (!is_entry) {
            continue;
        }
        count_id(q, s);
        if (q->odds != NULL) {
            write_odds(q, s, good ? q->null_odds[i] : QA_NOTHING_ELSE);
        }
        if (!q->begun) { /* no comma */
            memmove(s->out.data, s->out.data + 1, --s->out.size);
            q->begun = true;
        }
    }
}

void qa_write(const qa *q, qa_member *m, slot *s, float null_odds)
{
    size_t empty = empty_place(q, m, null_odds);

    if (q->format == QA_SQUAD) {
        write_entry(q, m, s, empty);
    } else {
        write_record(q, m, s, empty, null_odds);
    }
}
