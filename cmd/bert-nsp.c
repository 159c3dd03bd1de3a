/*
 * bert-nsp - is the second text of a pair the next one?
 */
#include <stdlib.h>
#include <string.h>

#include "common/load.h"
#include "common/nsp.h"
#include "common/pipeline.h"
#include "common/shared.h"

enum {
    DEFAULT_BEST = 5,
    PAIR_TEMPLATE = 3, /* [CLS] a [SEP] b [SEP] */
    NSP_LONG_ERROR = 1 /* in "truncate|error": two texts meet in one place
                          only, so there are no windows */
};

static struct {
    bool        raw;
    int         format;
    size_t      best;
    const char *candidates;
} own = {.format = NOT_GIVEN};

#define IN_NEXT "The next text"

static const option_row rows[] = {
    SHARED_MODEL_ROWS,
    SHARED_CASE_ROWS,
    SHARED_DTYPE_ROW,
    SHARED_INPUT_ROWS,
    OPTION(0, "candidates", "FILE", NULL, IN_NEXT, true, KIND_TEXT,
           &own.candidates, 0,
           "try each text with every line of FILE as the next"),
    OPTION('k', "best", "N", "5", IN_NEXT, true, KIND_SIZE, &own.best, 1,
           "with --candidates; write the N best"),
    OPTION(0, "raw", NULL, NULL, IN_NEXT, false, KIND_FLAG, &own.raw, 0,
           "both logits instead of the probability"),
    SHARED_FIT_ROWS("truncate|error", "truncate",
                    "cut as the model's own tokenizer does, or bad records"),
    SHARED_CUT_ROWS("longest-first", ""),
    OPTION('f', "format", "jsonl|tsv", "jsonl", IN_OUTPUT, true, KIND_CHOICE,
           &own.format, 0, "how records are written"),
    SHARED_DIGITS_ROW,
    SHARED_OUTPUT_ROWS,
    SHARED_BATCH_ROW,
    SHARED_RUN_ROWS,
};

static const tool bert_nsp = {
    .name = "bert-nsp",
    .summary = "Say of pairs of texts whether the second is the next one",
    .usage = "[OPTION]... [FILE]...",
    .notes =
        "A text line is FIRST, TAB, SECOND. Files and models are described "
        "in\nbert-nsp(1) and bert-stream(5).\n",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .libraries = {bert_tokenizer_libraries, bert_model_libraries},
};

/* Everything that lives as long as the run. */
typedef struct run {
    loaded     l;
    candidates tried;
    nsp        n;
} run;

static void check_options(size_t operands)
{
    if (own.candidates == NULL && own.best > 0) {
        usage_error("--best goes with --candidates");
    }
    if (own.candidates != NULL && shared.pair) {
        usage_error("--pair does not go with --candidates: they are the "
                    "second texts");
    }
    if (own.candidates != NULL && strcmp(own.candidates, "-") == 0 &&
        operands == 0) {
        usage_error("--candidates -: the records need an operand then");
    }
    if (shared.long_mode == NSP_LONG_ERROR) {
        shared.long_mode = LONG_ERROR;
    }
    shared.pair = own.candidates == NULL;
    shared_check();
    shared_check_output(true, own.format == RECORDS_TSV,
                        own.format != RECORDS_TSV);
}

static void load(run *r)
{
    nsp *n = &r->n;

    load_model(&r->l, "nsp", LONG_TRUNCATE);
    load_head(&r->l, BERT_HEAD_NSP);
    if (r->l.fitting.fit.max_length < PAIR_TEMPLATE) {
        usage_error("--max-length: a pair needs %d at least", PAIR_TEMPLATE);
    }
    if (bert_model_config(r->l.model)->type_vocab_size < 2) {
        stop_error("%s: the model knows one segment only", r->l.folder);
    }
    load_workspace(&r->l);
    texts_start(&n->t, &r->l, 1);
    n->head = r->l.head;
    n->raw = own.raw;
    n->digits = (int)shared.digits;
    n->limit = own.best > 0 ? own.best : DEFAULT_BEST;
    if (own.candidates != NULL) {
        candidates_load(&r->tried, own.candidates, &n->t.prepare, r->l.team);
        n->candidates = &r->tried;
        report_verbose("%zu candidates, %zu tokens", r->tried.count,
                       r->tried.ids_at[r->tried.count]);
    }
    nsp_start(n);
}

/* ---- The stream ---- */

static void begin(pipeline *p, output_frame *frame)
{
    run                *r = p->context;
    const char         *names[NSP_RESULTS];
    bert_type           types[NSP_RESULTS];
    bert_layout_options options = {
        .format = own.format == RECORDS_TSV ? BERT_TSV : BERT_JSONL,
        .results = names,
        .result_count = nsp_results(&r->n, names, types),
        .types = types,
    };

    pipeline_lay_out(p, &options, frame);
    r->n.layout = p->layout;
}

static size_t weigh(pipeline *p, const slot *s)
{
    const run *r = p->context;

    return nsp_weigh(&r->n, s);
}

static void work(pipeline *p, slot *slots, size_t count)
{
    run *r = p->context;

    nsp_work(&r->n, slots, count);
}

static void end(pipeline *p)
{
    const run *r = p->context;

    texts_report(&r->n.t, p, "choosing and printing");
}

static void unload(run *r)
{
    nsp_free(&r->n);
    candidates_free(&r->tried);
    load_free(&r->l);
}

int main(int argc, char **argv)
{
    run r = {0};

    report_start("bert-nsp");
    int first = options_parse(&bert_nsp, argc, argv);
    check_options((size_t)(argc - first));
    pipeline p = {
        .paths = (const char *const *)argv + first,
        .path_count = (size_t)(argc - first),
        .reading = shared_reader(),
        .awaits = shared.pair ? "pairs of texts, with a TAB between"
                              : "texts, one a line, or token records",
        .slot_limit = TEXTS_SLOTS,
        .context = &r,
        .begin = begin,
        .work = work,
        .weigh = weigh,
        .end = end,
        .out = shared_output(),
    };
    load(&r);
    p.weight_limit = texts_weight_limit(&r.n.t);
    int status = pipeline_run(&p);
    unload(&r);
    return status;
}
