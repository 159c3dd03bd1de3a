/*
 * embed.c - the work of bert-embed on a batch
 */
#include "common/embed.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/embed_write.h"
#include "common/places.h"
#include "common/report.h"

/* Similarity takes the two texts of a record by themselves. */
size_t embed_texts_each(embed_mode mode)
{
    return mode == EMBED_SIMILARITY ? 2 : 1;
}

/* ---- Rows of the encoder, on a member of the team ---- */

static void begin_text(void *context, size_t item, size_t member)
{
    embedding    *e = context;
    embed_member *m = &e->members[member];

    m->item = item;
    m->rows.count = 0;
    bert_pool_begin(m->pool);
}

/* Hidden states averaged, row by row. */
static void pool_means(embed_member *m, const encode_piece *piece,
                       size_t prompt)
{
    for (size_t i = 0; i < piece->count; i++) {
        size_t row = piece->takes != NULL ? piece->takes[i].row : i;
        size_t token = piece->takes != NULL ? piece->takes[i].token : i;

        if (token >= prompt) {
            piece_row(piece, row, false, m->mean);
            bert_pool_add(m->pool, m->mean, 1, 0);
        }
    }
}

/* Rows that follow one another are pooled in one call. */
static void pool_piece(void *context, size_t item, size_t member,
                       const encode_piece *piece)
{
    embedding    *e = context;
    embed_member *m = &e->members[member];
    size_t        i = 0;

    (void)item;
    if (piece->layers > 1 && !e->concat) {
        pool_means(m, piece, e->prompt_length);
        return;
    }
    while (i < piece->count) {
        size_t row = piece->takes != NULL ? piece->takes[i].row : i;
        size_t token = piece->takes != NULL ? piece->takes[i].token : i;
        size_t n = piece->takes != NULL ? 1 : piece->count - i;

        if (token < e->prompt_length) {
            i++;
            continue;
        }
        while (i + n < piece->count && piece->takes[i + n].row == row + n) {
            n++;
        }
        bert_pool_add(m->pool, piece->values + row * piece->H, n,
                      piece->stride);
        i += n;
    }
}

static void end_pool(void *context, size_t item, size_t member)
{
    embedding    *e = context;
    embed_member *m = &e->members[member];
    slot         *s = e->t.items[item].slot;
    bert_error    err;
    bool          pair = e->mode == EMBED_SIMILARITY;
    float        *out = pair ? e->vectors + item * e->width : m->vector;
    bert_status   status = bert_pool_end(m->pool, out, &err);

    if (pair) {
        e->failed[item] = status != BERT_OK;
    } else if (status != BERT_OK) {
        slot_fail(s, &err);
    } else {
        embed_write_vector(e, m, s);
    }
}

/* Whether a token's vector is asked for (context: the member's view). */
typedef struct wanted_view {
    const embedding *e;
    bert_tokens      tokens;
} wanted_view;

static bool is_wanted(void *context, size_t token)
{
    const wanted_view *view = context;
    const embedding   *e = view->e;

    if (view->tokens.special[token]) {
        return e->mode == EMBED_TOKEN && e->with_special;
    }
    return token >= e->prompt_length;
}

static void collect_piece(void *context, size_t item, size_t member,
                          const encode_piece *piece)
{
    embedding  *e = context;
    wanted_view view = {
        .e = e,
        .tokens = bert_encoding_tokens(e->t.texts[item].encoding),
    };

    if (!token_rows_add(&e->members[member].rows, piece, e->concat, is_wanted,
                        &view)) {
        slot_no_memory(e->t.items[item].slot);
    }
}

static void end_rows(void *context, size_t item, size_t member)
{
    embedding    *e = context;
    embed_member *m = &e->members[member];
    slot         *s = e->t.items[item].slot;

    if (s->state == SLOT_GOOD) {
        embed_write_rows(e, m, s, &e->t.texts[item]);
    }
}

/* bert_work: the similarity of slot i's texts. */
static void compare_slot(void *context, size_t i, size_t member)
{
    embedding *e = context;
    slot      *s = &e->t.slots[i];

    (void)member;
    if (s->state != SLOT_GOOD) {
        return;
    }
    if (e->failed[2 * i] || e->failed[2 * i + 1]) {
        slot_bad(s, "a vector that is not finite");
        return;
    }
    const float *a = e->vectors + 2 * i * e->width;
    embed_write_similarity(
        e, s, vector_similarity(e->similarity, a, a + e->width, e->width));
}

/* ---- The batch ---- */

/* More rows than --rows promised: the first record beyond stops the run. */
static void check_limit(const embedding *e, slot *slots, size_t count,
                        size_t written)
{
    for (size_t i = 0; i < count; i++) {
        if (slots[i].state == SLOT_GOOD && written++ == e->row_limit) {
            slot_bad(&slots[i], "more records than --rows %zu", e->row_limit);
            slots[i].state = SLOT_FATAL;
            return;
        }
    }
}

void embed_work(pipeline *p, slot *slots, size_t count)
{
    embedding *e = p->context;
    bert_team *team = e->t.encoder.team;

    memset(e->failed, 0, 2 * TEXTS_SLOTS * sizeof *e->failed);
    texts_prepare(&e->t, slots, count);
    texts_run(&e->t);
    if (e->mode == EMBED_SIMILARITY) {
        bert_team_run(team, count, compare_slot, e);
    }
    check_limit(e, slots, count, p->written);
    texts_trim(&e->t);
    for (size_t i = 0; i < bert_team_size(team); i++) {
        if (e->members[i].rows.values_capacity > (size_t)4 << 20) {
            token_rows_free(&e->members[i].rows);
        }
    }
}

/* ---- Start and end ---- */

/*
 * The prompt's tokens, [CLS] with them: those that include_prompt = false
 * leaves out of the pooling (sentence-transformers,
 * SentenceTransformer._get_prompt_length), and those that have no place in a
 * text whose tokens are asked for.
 */
static void measure_prompt(embedding *e)
{
    const char *prompt = e->t.prepare.prompt;
    bool        rows = e->mode == EMBED_TOKEN || e->mode == EMBED_WORD;

    if (prompt == NULL || prompt[0] == '\0' ||
        (!rows && !bert_sentence_skips_prompt(e->sentence))) {
        return;
    }
    bert_text      text = {prompt, strlen(prompt)};
    bert_side      side = {&text, 1, false};
    bert_encoding *encoding = bert_encoding_new();
    bert_error     err = {BERT_NO_MEMORY, "out of memory"};
    if (encoding == NULL ||
        bert_tokenizer_encode(e->t.prepare.tokenizer, &side, NULL, NULL,
                              encoding, &err) != BERT_OK) {
        stop_library(&err);
    }
    e->prompt_length = bert_encoding_tokens(encoding).length - 1;
    for (int unit = 0; unit < 3; unit++) {
        e->prompt_size[unit] = text_length(text, (bert_unit)unit);
    }
    bert_encoding_free(encoding);
}

void embed_start(embedding *e)
{
    size_t     team = bert_team_size(e->t.encoder.team);
    size_t     H = (size_t)bert_model_config(e->t.encoder.model)->hidden_size;
    size_t     states = e->layer_count > 0 ? e->layer_count : 1;
    bool       rows = e->mode == EMBED_TOKEN || e->mode == EMBED_WORD;
    bert_error err;

    e->width =
        rows ? H * (e->concat ? states : 1) : bert_sentence_dims(e->sentence);
    if (rows && e->dims > 0) {
        e->width = e->dims;
    }
    e->failed = alloc_zeroed(2 * TEXTS_SLOTS, sizeof *e->failed);
    if (e->mode == EMBED_SIMILARITY) {
        e->vectors = alloc_zeroed(2 * TEXTS_SLOTS * e->width, sizeof(float));
    }
    e->members = alloc_zeroed(team, sizeof *e->members);
    for (size_t i = 0; i < team; i++) {
        embed_member *m = &e->members[i];

        m->vector = alloc_zeroed(e->width, sizeof *m->vector);
        m->mean = alloc_zeroed(H, sizeof *m->mean);
        m->bytes = alloc_zeroed(e->width, sizeof *m->bytes);
        if (bert_pool_new(&m->pool, e->sentence, &err) != BERT_OK) {
            stop_library(&err);
        }
    }
    e->t.prepare.prompt = e->prompt;
    measure_prompt(e);
    e->t.encoder.layers = e->layers;
    e->t.encoder.layer_count = e->layer_count;
    e->t.encoder.context = e;
    e->t.encoder.begin = begin_text;
    e->t.encoder.piece = rows ? collect_piece : pool_piece;
    e->t.encoder.end = rows ? end_rows : end_pool;
}

void embed_free(void *context)
{
    embedding *e = context;

    for (size_t i = 0; i < bert_team_size(e->t.encoder.team); i++) {
        embed_member *m = &e->members[i];

        bert_pool_free(m->pool);
        token_rows_free(&m->rows);
        free(m->vector);
        free(m->mean);
        free(m->bytes);
    }
    free(e->vectors);
    free(e->failed);
    free(e->members);
    free(e->layers);
    bert_sentence_free(e->sentence);
}
