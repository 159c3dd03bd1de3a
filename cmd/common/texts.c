/*
 * texts.c - a batch of records on its way through the encoder
 */
#include "common/texts.h"

#include <stdlib.h>

#include "common/alloc.h"
#include "common/progress.h"
#include "common/report.h"
#include "common/shared.h"

enum {
    DEFAULT_BATCH = 4096,  /* tokens computed at once */
    READ_BATCHES = 4,      /* batches read at once: then their sizes are even */
    BYTES_A_TOKEN = 4,     /* of text, about */
    KEEP_BYTES = 64 << 10, /* that a text's memory may keep */
};

void texts_start(texts *t, const loaded *l, size_t each)
{
    encoder *e = &t->encoder;

    t->prepare = load_preparer(l);
    t->each = each;
    t->texts = alloc_zeroed(each * TEXTS_SLOTS, sizeof *t->texts);
    t->items = alloc_zeroed(each * TEXTS_SLOTS, sizeof *t->items);
    t->scratch = alloc_zeroed(bert_team_size(l->team), sizeof *t->scratch);
    e->model = l->model;
    t->kernels = bert_model_kernels(l->model);
    e->team = l->team;
    e->workspace = l->workspace;
    e->fit = &l->fitting.fit;
    e->batch_tokens =
        shared.batch_tokens > 0 ? shared.batch_tokens : DEFAULT_BATCH;
    e->batch = bert_batch_new();
    if (e->batch == NULL) {
        stop_error("out of memory");
    }
}

static void free_texts(texts *t)
{
    for (size_t i = 0; i < t->each * TEXTS_SLOTS; i++) {
        prepared_free(&t->texts[i]);
    }
    for (size_t i = 0; i < bert_team_size(t->encoder.team); i++) {
        prepare_scratch_free(&t->scratch[i]);
    }
    free(t->texts);
    free(t->items);
    free(t->scratch);
    encoder_free(&t->encoder);
}

/* bert_work: slot i's texts. */
static void prepare_slot(void *context, size_t i, size_t member)
{
    static const bert_member sides[2] = {BERT_M_TEXT, BERT_M_PAIR};
    texts                   *t = context;
    slot                    *s = &t->slots[i];

    for (size_t k = 0; k < t->each; k++) {
        size_t number = t->each * i + k;

        t->items[number] = (encode_item){.slot = s, .text = &t->texts[number]};
        if (s->state == SLOT_GOOD &&
            prepare_record(&t->prepare, s, t->each == 2 ? &sides[k] : NULL,
                           &t->texts[number], &t->scratch[member])) {
            s->tokens += prepared_tokens(&t->texts[number]);
        }
    }
}

void texts_prepare(texts *t, slot *slots, size_t count)
{
    double start = clock_seconds();

    t->slots = slots;
    t->count = count;
    bert_team_run(t->encoder.team, count, prepare_slot, t);
    t->seconds += clock_seconds() - start;
}

void texts_need_cls(const texts *t, slot *slots)
{
    int32_t cls = bert_tokenizer_cls(t->prepare.tokenizer);

    for (size_t i = 0; i < t->each * t->count; i++) {
        slot *s = &slots[i / t->each];

        if (s->state != SLOT_GOOD) {
            continue;
        }
        bert_tokens tokens = bert_encoding_tokens(t->texts[i].encoding);
        if (!tokens.special[0] || tokens.ids[0] != cls) {
            slot_bad(s, "no [CLS] before its tokens: the head stands on it");
        }
    }
}

void texts_run(texts *t)
{
    encoder_run_items(&t->encoder, t->items, t->each * t->count);
}

void texts_trim(texts *t)
{
    for (size_t i = 0; i < t->count; i++) {
        for (size_t k = 0; t->slots[i].weight > KEEP_BYTES && k < t->each;
             k++) {
            prepared_free(&t->texts[t->each * i + k]);
        }
    }
}

/* Never less than the memory that a long text takes before it is cut. */
size_t texts_weigh(pipeline *p, const slot *s)
{
    const fitting *f = p->texts->prepare.fitting;
    bert_value     ids = bert_record_value(s->record, BERT_M_IDS);
    size_t         tokens =
        ids.type == BERT_ABSENT ? s->weight / BYTES_A_TOKEN + 2 : ids.count;
    size_t least = s->bytes / (16 * BYTES_A_TOKEN);

    if (f->mode != LONG_WINDOW && tokens > f->fit.max_length) {
        tokens = f->fit.max_length;
    }
    return tokens > least ? tokens : least;
}

void texts_report(const pipeline *p, const char *rest)
{
    const texts *t = p->texts;

    report_verbose("time: tokenising %.4f s, encoder %.4f s, %s %.4f s",
                   t->seconds, t->encoder.seconds, rest,
                   p->seconds_work - t->seconds - t->encoder.seconds);
    if (bert_model_kernels(t->encoder.model) != t->kernels) {
        report_verbose("kernels: %s", bert_model_kernels(t->encoder.model));
    }
}

/* What a person at a terminal is asked for. */
static const char *awaited(void)
{
    return shared.question ? "questions and contexts, with a TAB between"
           : shared.pair   ? "pairs of texts, with a TAB between"
                           : "texts, one a line, or token records";
}

int texts_main(pipeline *p, void (*load)(pipeline *p, loaded *l),
               void (*unload)(void *context), size_t count, char **operands)
{
    loaded l = {0};

    p->paths = (const char *const *)operands;
    p->path_count = count;
    p->reading = shared_reader();
    p->awaits = awaited();
    p->slot_limit = TEXTS_SLOTS;
    p->weigh = p->weigh != NULL ? p->weigh : texts_weigh;
    p->out = shared_output();
    load(p, &l);
    p->weight_limit = READ_BATCHES * p->texts->encoder.batch_tokens;
    int status = pipeline_run(p);
    unload(p->context);
    free_texts(p->texts);
    load_free(&l);
    return status;
}
