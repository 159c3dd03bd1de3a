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

static void check_options(size_t operands)
{
    if (own.candidates == NULL && own.best > 0) {
        usage_error("--best goes with --candidates");
    }
    if (own.candidates != NULL && own.candidates[0] == '\0') {
        usage_error("--candidates: an empty name of a file");
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

static void load(pipeline *p, loaded *l)
{
    nsp *n = p->context;

    load_model(l, "nsp", LONG_TRUNCATE);
    load_head(l, BERT_HEAD_NSP);
    if (l->fitting.fit.max_length < PAIR_TEMPLATE) {
        usage_error("--max-length: a pair needs %d at least", PAIR_TEMPLATE);
    }
    if (bert_model_config(l->model)->type_vocab_size < 2) {
        stop_error("%s: the model knows one segment only", l->folder);
    }
    load_workspace(l);
    texts_start(&n->t, l, 1);
    n->head = l->head;
    n->raw = own.raw;
    n->digits = (int)shared.digits;
    n->limit = own.best > 0 ? own.best : DEFAULT_BEST;
    if (own.candidates != NULL) {
        candidates *tried = &n->candidates;

        n->replies = true;
        candidates_load(tried, own.candidates, &n->t.prepare, l->team);
        report_verbose("%zu candidate%s, %zu tokens", tried->count,
                       tried->count == 1 ? "" : "s",
                       tried->ids_at[tried->count]);
    }
    nsp_start(n);
}

/* ---- The stream ---- */

static void begin(pipeline *p, output_frame *frame)
{
    nsp                *n = p->context;
    const char         *names[NSP_RESULTS];
    bert_type           types[NSP_RESULTS];
    bert_layout_options options = {
        .format = own.format == RECORDS_TSV ? BERT_TSV : BERT_JSONL,
        .results = names,
        .result_count = nsp_results(n, names, types),
        .types = types,
    };

    pipeline_lay_out(p, &options, frame);
    n->layout = p->layout;
}

static void end(pipeline *p)
{
    texts_report(p, "choosing and printing");
}

int main(int argc, char **argv)
{
    nsp n = {0};

    report_start("bert-nsp");
    int first = options_parse(&bert_nsp, argc, argv);
    check_options((size_t)(argc - first));
    pipeline p = {
        .context = &n,
        .texts = &n.t,
        .begin = begin,
        .work = nsp_work,
        .weigh = nsp_weigh,
        .end = end,
    };
    return texts_main(&p, load, nsp_free, (size_t)(argc - first), argv + first);
}
