/*
 * bert-mask - what may stand in the place of masked words
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/mask.h"
#include "common/pipeline.h"
#include "common/shared.h"

enum { DEFAULT_CANDIDATES = 5 };

static struct {
    size_t      k;
    const char *targets, *template_text, *stop_words;
    float       least; /* NAN: not given */
    bool        score, fill, expand, sparse, no_sequence;
    int         format;
} own = {
    .k = SIZE_MAX,
    .least = NAN,
};

#define IN_MASKS "Masks"

static const option_row rows[] = {
    SHARED_MODEL_ROWS,
    SHARED_CASE_ROWS,
    SHARED_DTYPE_ROW,
    SHARED_INPUT_ROWS,
    OPTION('k', "best", "N", "5; of --targets and --sparse all", IN_MASKS, true,
           KIND_SIZE, &own.k, 1, "candidates a mask or word; weights"),
    OPTION(0, "targets", "LIST", "the vocabulary", IN_MASKS, true, KIND_TEXT,
           &own.targets, 0,
           "the candidates, with commas between; they may be of several "
           "pieces"),
    OPTION(0, "min-score", "X", NULL, IN_MASKS, false, KIND_REAL, &own.least, 0,
           "leave out candidates and weights below"),
    OPTION(0, "no-sequence", NULL, NULL, IN_MASKS, false, KIND_FLAG,
           &own.no_sequence, 0, "candidates without the whole text"),
    OPTION(0, "fill", NULL, NULL, IN_MASKS, true, KIND_FLAG, &own.fill, 0,
           "fill all masks, the surest first, looking again after each"),
    OPTION(0, "score", NULL, NULL, IN_MASKS, true, KIND_FLAG, &own.score, 0,
           "how likely the text is; each token masked in turn"),
    OPTION(0, "expand", NULL, NULL, IN_MASKS, true, KIND_FLAG, &own.expand, 0,
           "other words for each content word, in its context"),
    OPTION(0, "template", "TEXT", NULL, IN_MASKS, false, KIND_TEXT,
           &own.template_text, 0,
           "with --expand: a context for short texts; {} is the text's place"),
    OPTION(0, "stop-words", "FILE", "English, German and Chinese", IN_MASKS,
           false, KIND_TEXT, &own.stop_words, 0,
           "with --expand: words that are not content words, one a line; '' "
           "for none"),
    OPTION(0, "sparse", NULL, NULL, IN_MASKS, true, KIND_FLAG, &own.sparse, 0,
           "the text as weights of the vocabulary's tokens, as SPLADE"),
    SHARED_LENGTH_ROWS("truncate"),
    OPTION('f', "format", "jsonl|tsv", "jsonl", IN_OUTPUT, true, KIND_CHOICE,
           &own.format, 0, "records as JSON, or as lines of columns"),
    SHARED_DIGITS_ROW,
    SHARED_OUTPUT_ROWS,
    SHARED_BATCH_ROW,
    SHARED_RUN_ROWS,
};

static const tool bert_mask = {
    .name = "bert-mask",
    .summary = "Fill masked words, score texts, expand words",
    .usage = "[OPTION]... [FILE]...",
    .notes = "Files and models are described in bert-mask(1) and "
             "bert-stream(5).\n",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .libraries = {bert_tokenizer_libraries, bert_model_libraries},
};

/* ---- Options ---- */

static mask_mode choose_mode(void)
{
    const struct {
        bool        given;
        const char *name;
        mask_mode   mode;
    } modes[] = {
        {own.fill, "--fill", MASK_FILL},
        {own.score, "--score", MASK_SCORE},
        {own.expand, "--expand", MASK_EXPAND},
        {own.sparse, "--sparse", MASK_SPARSE},
    };
    const char *name = NULL;
    mask_mode   mode = MASK_CANDIDATES;

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (modes[i].given && name != NULL) {
            usage_error("%s does not go with %s", modes[i].name, name);
        }
        if (modes[i].given) {
            name = modes[i].name;
            mode = modes[i].mode;
        }
    }
    const excluded of_masks[] = {
        {own.targets != NULL, "--targets"},
        {own.no_sequence, "--no-sequence"},
        {own.k != SIZE_MAX && (own.fill || own.score), "--best"},
        {!isnan(own.least) && (own.fill || own.score), "--min-score"},
    };
    if (name != NULL) {
        shared_exclude(name, of_masks, sizeof of_masks / sizeof *of_masks);
    }
    return mode;
}

static void check_options(void)
{
    shared_check();
    shared_check_output(true, own.format == RECORDS_TSV,
                        own.format != RECORDS_TSV);
    if (own.template_text != NULL && !own.expand) {
        usage_error("--template goes with --expand");
    }
    if (own.stop_words != NULL && !own.expand) {
        usage_error("--stop-words goes with --expand");
    }
}

static size_t choose_k(void)
{
    bool all = own.targets != NULL || own.sparse;

    return own.k != SIZE_MAX || all ? own.k : DEFAULT_CANDIDATES;
}

static void load(pipeline *p, loaded *l)
{
    masking *m = p->context;

    load_model(l, "mask", LONG_TRUNCATE);
    load_head(l, BERT_HEAD_MASK);
    load_workspace(l);
    m->k = choose_k();
    m->least = own.least > 0 ? own.least : 0;
    m->sequence = !own.no_sequence;
    m->digits = (int)shared.digits;
    m->targets = own.targets;
    m->template_text = own.template_text;
    m->stop_words = own.stop_words;
    mask_start(m, l);
}

/* ---- The stream ---- */

static void begin(pipeline *p, output_frame *frame)
{
    masking *m = p->context;
    size_t   count = 0;

    while (count < MASK_RESULTS && m->way->names[count] != NULL) {
        count++;
    }
    bert_layout_options options = {
        .format = own.format == RECORDS_TSV ? BERT_TSV : BERT_JSONL,
        .results = m->way->names,
        .result_count = count,
        .types = m->way->types,
    };
    pipeline_lay_out(p, &options, frame);
    m->layout = p->layout;
}

static void end(pipeline *p)
{
    mask_report(p->context);
    texts_report(p, "masked words and printing");
}

int main(int argc, char **argv)
{
    masking m = {0};

    report_start("bert-mask");
    int first = options_parse(&bert_mask, argc, argv);
    check_options();
    m.mode = choose_mode();
    pipeline p = {
        .context = &m,
        .texts = &m.t,
        .begin = begin,
        .work = mask_work,
        .end = end,
    };
    return texts_main(&p, load, mask_free, (size_t)(argc - first),
                      argv + first);
}
