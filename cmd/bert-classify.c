/*
 * bert-classify - texts or pairs to labels with scores, or to a number
 */
#include <math.h>
#include <string.h>

#include "common/classify.h"
#include "common/load.h"
#include "common/pipeline.h"
#include "common/shared.h"

enum { MOST_GROUP = 256 }; /* bytes: messages bear the name */

static int            format = NOT_GIVEN;
static classify_asked own = {
    .function = NOT_GIVEN,
    .reduce = NOT_GIVEN,
    .threshold = NAN,
};

#define IN_LABELS "Labels and scores"

static const option_row rows[] = {
    SHARED_MODEL_ROWS,
    SHARED_CASE_ROWS,
    SHARED_DTYPE_ROW,
    SHARED_INPUT_ROWS,
    OPTION(0, "all", NULL, NULL, IN_LABELS, true, KIND_FLAG, &own.all, 0,
           "all labels with their scores, best first"),
    OPTION('k', "best", "N", NULL, IN_LABELS, true, KIND_SIZE, &own.best, 1,
           "the N best labels; with --rank the N best records of a group"),
    OPTION(0, "multi", NULL, NULL, IN_LABELS, true, KIND_FLAG, &own.multi, 0,
           "every label by itself (sigmoid); those that reach the threshold"),
    OPTION(0, "threshold", "X", "0.5 with --multi", IN_LABELS, true, KIND_REAL,
           &own.threshold, 0, "the least score, for --multi and --reject"),
    OPTION(0, "reject", "LABEL", NULL, IN_LABELS, false, KIND_TEXT, &own.reject,
           0, "the label where the best score is below the threshold"),
    OPTION(0, "raw", NULL, NULL, IN_LABELS, false, KIND_FLAG, &own.raw, 0,
           "scores are the logits"),
    OPTION(0, "function", "softmax|sigmoid|none", "the model's", IN_LABELS,
           false, KIND_CHOICE, &own.function, 0, "from logits to scores"),
    OPTION(0, "score-map", "LIST", NULL, IN_LABELS, false, KIND_TEXT, &own.map,
           0,
           "LABEL=NUMBER of every label, with commas; the score is the "
           "expected number, alone"),
    OPTION(0, "rank", NULL, NULL, IN_LABELS, true, KIND_FLAG, &own.rank, 0,
           "the records of each group in order of score"),
    OPTION(0, "group", "MEMBER", NULL, IN_LABELS, true, KIND_TEXT, &own.group,
           0, "with --rank; a group ends where this member changes"),
    SHARED_FIT_ROWS("truncate|window|error|head-tail", "truncate",
                    "cut as the model's own tokenizer does, read in "
                    "overlapping windows, bad records, or cut to their first "
                    "and last tokens"),
    SHARED_OVERLAP_ROW,
    SHARED_CUT_ROWS("longest-first", SHARED_MOVES),
    OPTION(0, "reduce", "mean|max|last", "mean", IN_LENGTH, false, KIND_CHOICE,
           &own.reduce, 0, "with --long window; the windows' logits as one"),
    OPTION('f', "format", "jsonl|tsv", "jsonl", IN_OUTPUT, true, KIND_CHOICE,
           &format, 0, "how records are written"),
    SHARED_DIGITS_ROW,
    SHARED_OUTPUT_ROWS,
    SHARED_BATCH_ROW,
    SHARED_RUN_ROWS,
};

static const tool bert_classify = {
    .name = "bert-classify",
    .summary = "Label texts or pairs, or give them a number",
    .usage = "[OPTION]... [FILE]...",
    .notes = "Files and models are described in bert-classify(1) and "
             "bert-stream(5).\n",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .libraries = {bert_tokenizer_libraries, bert_model_libraries},
};

/* ---- Options ---- */

static void check_rank(void)
{
    const excluded of_rank[] = {
        {own.all, "--all"},
        {own.multi, "--multi"},
        {own.reject != NULL, "--reject"},
    };

    if (own.rank != (own.group != NULL)) {
        usage_error(own.rank ? "--rank needs --group MEMBER"
                             : "--group goes with --rank");
    }
    if (own.rank && strlen(own.group) > MOST_GROUP) {
        usage_error("--group: a name of more than %d bytes", MOST_GROUP);
    }
    if (own.rank) {
        shared_exclude("--rank", of_rank, sizeof of_rank / sizeof *of_rank);
    }
    shared_forbid_resume(own.rank, "does not go with --rank");
}

static void check_scores(void)
{
    const excluded of_multi[] = {
        {own.all, "--all"},
        {own.raw, "--raw"},
        {own.function != NOT_GIVEN, "--function"},
        {own.reject != NULL, "--reject"},
    };
    const excluded of_map[] = {
        {own.all, "--all"},
        {own.best > 0 && !own.rank, "--best"},
        {own.multi, "--multi"},
        {own.raw, "--raw"},
        {own.reject != NULL, "--reject"},
    };

    if (own.multi) {
        shared_exclude("--multi", of_multi, sizeof of_multi / sizeof *of_multi);
    }
    if (own.map != NULL) {
        shared_exclude("--score-map", of_map, sizeof of_map / sizeof *of_map);
    }
    if (own.all && own.best > 0) {
        usage_error("--all and --best exclude each other");
    }
    if (own.raw && own.function != NOT_GIVEN) {
        usage_error("--raw and --function exclude each other");
    }
    if (own.reject != NULL && (own.all || own.best > 0)) {
        usage_error("--reject goes with the best label alone");
    }
    if (own.reject != NULL && isnan(own.threshold)) {
        usage_error("--reject needs --threshold X");
    }
    if (!isnan(own.threshold) && own.reject == NULL && !own.multi) {
        usage_error("--threshold goes with --multi or --reject");
    }
}

static void check_options(void)
{
    shared_check();
    check_scores();
    check_rank();
    shared_check_output(true, format == RECORDS_TSV, format != RECORDS_TSV);
    if (own.reduce != NOT_GIVEN && shared.long_mode != LONG_WINDOW) {
        usage_error("--reduce goes with --long window");
    }
}

/* ---- Loading ---- */

static void load(pipeline *p, loaded *l)
{
    classifier *c = p->context;

    load_model(l, "classify", LONG_TRUNCATE);
    load_head(l, BERT_HEAD_CLASSIFY);
    classify_choose(c, l, &own);
    load_workspace(l);
    texts_start(&c->t, l, 1);
    classify_start(c);
}

/* ---- The stream ---- */

static void begin(pipeline *p, output_frame *frame)
{
    classifier         *c = p->context;
    const char         *names[CLASSIFY_RESULTS];
    bert_type           types[CLASSIFY_RESULTS];
    bert_layout_options options = {
        .format = format == RECORDS_TSV ? BERT_TSV : BERT_JSONL,
        .results = names,
        .result_count = classify_results(c, names, types),
        .types = types,
    };

    pipeline_lay_out(p, &options, frame);
    c->layout = p->layout;
}

static void end(pipeline *p)
{
    classifier *c = p->context;
    bert_buffer last = {0};

    texts_report(p, "labels and printing");
    if (!ranking_end(&c->rank, &last)) {
        stop_error("out of memory");
    }
    if (last.size > 0) {
        output_put(p->out, last.data, last.size);
    }
    bert_buffer_free(&last);
}

int main(int argc, char **argv)
{
    classifier c = {0};

    report_start("bert-classify");
    int first = options_parse(&bert_classify, argc, argv);
    check_options();
    pipeline p = {
        .context = &c,
        .texts = &c.t,
        .begin = begin,
        .work = classify_work,
        .end = end,
    };
    return texts_main(&p, load, classify_free, (size_t)(argc - first),
                      argv + first);
}
