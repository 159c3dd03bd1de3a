/*
 * mask.c - the work of bert-mask on a batch
 */
#include "common/mask.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/report.h"

/* Numbers that the results of a group take, but for a record that alone takes
   more. */
enum { GROUP_ROOM = 8 << 20, KEEP_ROOM = 16 << 20, KEEP_JSON = 1 << 20 };

static const mask_way *const ways[] = {
    [MASK_CANDIDATES] = &mask_candidates,
    [MASK_SCORE] = &mask_score,
    [MASK_FILL] = &mask_fill,
    [MASK_EXPAND] = &mask_expand,
    [MASK_SPARSE] = &mask_sparse,
};

bert_tokens mask_tokens(const masking *m, size_t record)
{
    return bert_encoding_tokens(m->t.texts[record].encoding);
}

size_t mask_count(masking *m, size_t record)
{
    bert_tokens tokens = mask_tokens(m, record);
    size_t      count = 0;

    for (size_t i = 0; i < tokens.length; i++) {
        count += tokens.ids[i] == m->mask;
    }
    return count;
}

/* ---- The batch ---- */

/* A record without a mask has no candidates; one of whose masks some were cut
   away is bad. */
static void check_masks(masking *m, size_t record)
{
    slot  *s = &m->t.slots[record];
    size_t all = m->t.texts[record].counted;
    size_t left = mask_count(m, record);

    if (left < all) {
        slot_bad(s,
                 "%zu of its %zu masks lie beyond %zu tokens and were cut away "
                 "(--long window, --truncate-side)",
                 all - left, all, m->t.encoder.fit->max_length);
    }
}

/* Those that are written: none behind the one that stops the run. */
static void count_maskless(masking *m, const slot *slots, size_t count)
{
    for (size_t i = 0; i < count && !slot_stops(&slots[i]); i++) {
        m->maskless +=
            slots[i].state == SLOT_GOOD && m->t.texts[i].counted == 0;
    }
}

/* Results of records [begin, end), as many as have room together. */
static size_t take_group(masking *m, size_t begin, size_t count)
{
    size_t size = m->way->size(m), total = 0, end = begin;

    while (end < count && (end == begin || total < GROUP_ROOM / size)) {
        m->first[end] = total;
        if (m->t.slots[end].state == SLOT_GOOD) {
            total += m->way->count(m, end);
        }
        m->first[++end] = total;
    }
    return end;
}

/* bert_work: the line of record i of the group. */
static void write_record(void *context, size_t i, size_t member)
{
    masking     *m = context;
    size_t       record = m->group + i;
    mask_member *w = &m->members[member];

    if (m->t.slots[record].state == SLOT_GOOD) {
        w->json.size = 0;
        if (!m->way->write(m, record, m->first[record], w)) {
            slot_fail(&m->t.slots[record], &w->error);
        }
    }
}

static void run_group(masking *m, size_t begin, size_t end)
{
    bool again;

    m->group = begin;
    do {
        for (size_t i = begin; i < end; i++) {
            if (m->t.slots[i].state == SLOT_GOOD) {
                m->way->add(m, i, m->first[i]);
            }
        }
        mask_rows_run(&m->rows);
        again = m->way->again != NULL && m->way->again(m, begin, end);
    } while (again);
    bert_team_run(m->t.encoder.team, end - begin, write_record, m);
}

/* What a large batch took is given back. */
static void trim(masking *m)
{
    if (m->numbers_capacity > KEEP_ROOM) {
        free(m->numbers);
        m->numbers = NULL;
        m->numbers_capacity = 0;
    }
    if (m->best_capacity > KEEP_ROOM) {
        free(m->best);
        m->best = NULL;
        m->best_capacity = 0;
    }
    for (size_t i = 0; i < bert_team_size(m->t.encoder.team); i++) {
        if (m->members[i].json.capacity > KEEP_JSON) {
            bert_buffer_free(&m->members[i].json);
        }
    }
    texts_trim(&m->t);
}

void mask_work(pipeline *p, slot *slots, size_t count)
{
    masking *m = p->context;

    texts_prepare(&m->t, slots, count);
    for (size_t i = 0; m->way->needs_masks && i < count; i++) {
        if (slots[i].state == SLOT_GOOD) {
            check_masks(m, i);
        }
    }
    for (size_t begin = 0; begin < count;) {
        size_t end = take_group(m, begin, count);

        run_group(m, begin, end);
        begin = end;
    }
    if (m->way->needs_masks) {
        count_maskless(m, slots, count);
    }
    trim(m);
}

void mask_report(const masking *m)
{
    if (m->maskless > 0) {
        report_warning("%zu text%s no %s", m->maskless,
                       m->maskless == 1 ? " has" : "s have",
                       bert_tokenizer_token(m->l->tokenizer, m->mask, NULL));
    }
}

/* ---- Start and end ---- */

/* What stands around the text; {} is its place. */
static void set_template(masking *m)
{
    const char *text = m->template_text;

    if (text == NULL) {
        return;
    }
    const char *place = strstr(text, "{}");
    if (place == NULL || strstr(place + 2, "{}") != NULL) {
        usage_error("--template: '%s' needs one {}, the text's place", text);
    }
    size_t before = (size_t)(place - text);
    m->before = alloc_text(text, before);
    m->t.prepare.prompt = m->before;
    m->t.prepare.prompt_end = place + 2;
    for (int unit = 0; unit < 3; unit++) {
        m->template_size[unit] =
            text_length((bert_text){text, before}, (bert_unit)unit);
    }
}

void mask_ready_members(masking *m, size_t best, size_t scores)
{
    for (size_t i = 0; i < bert_team_size(m->t.encoder.team); i++) {
        m->members[i].best = alloc_zeroed(best, sizeof *m->members[i].best);
        m->members[i].scores =
            alloc_zeroed(scores, sizeof *m->members[i].scores);
    }
}

void mask_start(masking *m, const loaded *l)
{
    size_t team = bert_team_size(l->team);

    m->l = l;
    m->way = ways[m->mode];
    m->V = bert_head_outputs(l->head);
    m->k = m->k < m->V ? m->k : m->V;
    m->mask = bert_tokenizer_mask(l->tokenizer);
    m->pad = bert_tokenizer_pad(l->tokenizer);
    if (m->mask < 0 || (size_t)m->mask >= m->V) {
        stop_error("%s: its vocabulary has no mask", l->folder);
    }
    texts_start(&m->t, l, 1);
    m->t.prepare.counted = m->way->needs_masks ? m->mask : -1;
    set_template(m);
    m->rows = (mask_rows){
        .encoder = &m->t.encoder,
        .head = l->head,
        .H = (size_t)bert_model_config(l->model)->hidden_size,
        .each = m->way->each,
        .context = m,
    };
    m->first = alloc_zeroed(TEXTS_SLOTS + 1, sizeof *m->first);
    m->members = alloc_zeroed(team, sizeof *m->members);
    for (size_t i = 0; i < MASK_LOCKS; i++) {
        if (pthread_mutex_init(&m->locks[i], NULL) != 0) {
            stop_error("out of memory");
        }
    }
    if (m->way->start != NULL) {
        m->way->start(m);
    }
}

void mask_free(void *context)
{
    masking *m = context;

    for (size_t i = 0; i < bert_team_size(m->t.encoder.team); i++) {
        mask_member *w = &m->members[i];

        bert_buffer_free(&w->json);
        bert_buffer_free(&w->text);
        bert_buffer_free(&w->folded[0]);
        bert_buffer_free(&w->folded[1]);
        free(w->ids);
        free(w->best);
        free(w->scores);
        text_places_free(&w->places);
    }
    for (size_t i = 0; i < MASK_LOCKS; i++) {
        pthread_mutex_destroy(&m->locks[i]);
    }
    void *const owned[] = {
        m->before,  m->target_list, m->target_ids, m->is_word, m->first,
        m->numbers, m->best,        m->counts,     m->words,   m->ids,
        m->order,   m->filled,      m->members,    m->places,  m->types,
        m->line,    m->special,
    };
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        free(owned[i]);
    }
    word_list_free(&m->stops);
    bert_encoding_free(m->shadow);
    window_scratch_free(&m->windows);
    mask_rows_free(&m->rows);
}
