/*
 * bert-tag - texts or token records to entities, or a label a word
 */
#include "common/alloc.h"
#include "common/load.h"
#include "common/pipeline.h"
#include "common/shared.h"
#include "common/tag.h"
#include "common/tag_write.h"

static struct {
    int  aggregate, format;
    bool words, viterbi, raw;
} own = {
    .aggregate = NOT_GIVEN,
    .format = TAG_JSONL,
};

#define IN_LABELS "Labels"

static const option_row rows[] = {
    SHARED_MODEL_ROWS,
    SHARED_CASE_ROWS,
    SHARED_DTYPE_ROW,
    SHARED_INPUT_ROWS,
    OPTION(0, "aggregate", "none|simple|first|average|max", "first", IN_LABELS,
           true, KIND_CHOICE, &own.aggregate, 0,
           "how tokens become entities; each by itself, joined as they are, or "
           "as words with the label of their first token, of their mean, of "
           "the surest"),
    OPTION(0, "words", NULL, NULL, IN_LABELS, true, KIND_FLAG, &own.words, 0,
           "a label a word instead of entities"),
    OPTION(0, "viterbi", NULL, NULL, IN_LABELS, false, KIND_FLAG, &own.viterbi,
           0, "the most probable labels that may follow one another"),
    OPTION(0, "raw", NULL, NULL, IN_LABELS, false, KIND_FLAG, &own.raw, 0,
           "with --aggregate none: every token, with its logits"),
    SHARED_LENGTH_ROWS("window"),
    OPTION('f', "format", "jsonl|tsv|conll|brat|spacy", "jsonl", IN_OUTPUT,
           true, KIND_CHOICE, &own.format, 0,
           "records with entities, a word and its label a line, standoff "
           "lines, or spaCy's training data"),
    SHARED_DIGITS_ROW,
    SHARED_OUTPUT_ROWS,
    SHARED_BATCH_ROW,
    SHARED_RUN_ROWS,
};

static const tool bert_tag = {
    .name = "bert-tag",
    .summary = "Find entities in texts, or label their words",
    .usage = "[OPTION]... [FILE]...",
    .notes = "Files and models are described in bert-tag(1) and "
             "bert-stream(5).\n",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .libraries = {bert_tokenizer_libraries, bert_model_libraries},
};

/* ---- Options ---- */

static void check_aggregate(void)
{
    bool tokens = own.aggregate == TAG_NONE || own.aggregate == TAG_SIMPLE;
    const excluded of_none[] = {
        {own.format == TAG_BRAT, "--format brat"},
        {own.format == TAG_SPACY, "--format spacy"},
    };

    if (tokens && own.words) {
        usage_error("--words goes with --aggregate first, average or max");
    }
    if (tokens && own.format == TAG_CONLL) {
        usage_error("--format conll goes with --aggregate first, average or "
                    "max: its lines are words");
    }
    if (own.aggregate == TAG_NONE) {
        shared_exclude("--aggregate none", of_none,
                       sizeof of_none / sizeof *of_none);
    }
    if (own.raw && own.aggregate != TAG_NONE) {
        usage_error("--raw goes with --aggregate none");
    }
}

static void check_options(void)
{
    bool           lines = own.format == TAG_CONLL || own.format == TAG_BRAT;
    const excluded of_words[] = {
        {own.format == TAG_CONLL, "--format conll, which has them anyway,"},
        {own.format == TAG_BRAT, "--format brat"},
        {own.format == TAG_SPACY, "--format spacy"},
    };

    shared_check();
    shared_check_output(!lines, own.format == TAG_TSV,
                        own.format == TAG_JSONL || own.format == TAG_SPACY);
    check_aggregate();
    if (own.words) {
        shared_exclude("--words", of_words, sizeof of_words / sizeof *of_words);
    }
    shared_forbid_resume(lines, "needs one result a record: --format jsonl, "
                                "tsv or spacy");
    if (own.format == TAG_SPACY && shared.pair) {
        usage_error("--format spacy has one text a record: not with --pair");
    }
    /* Its offsets are characters, whatever the record's are. */
    if (own.format == TAG_SPACY && shared.keep == NULL) {
        shared.drop = shared.drop == NULL
                          ? "offset_unit"
                          : alloc_joined(shared.drop, ",", "offset_unit");
    }
    if (shared.digits > 0 && own.format != TAG_JSONL && own.format != TAG_TSV) {
        usage_error("--digits goes with --format jsonl or tsv");
    }
}

/* ---- Loading ---- */

static void load(pipeline *p, loaded *l)
{
    tagging *t = p->context;

    load_model(l, "tag", LONG_WINDOW);
    load_head(l, BERT_HEAD_TAG);
    if (own.viterbi && bert_head_outputs(l->head) > VITERBI_LABELS) {
        usage_error("--viterbi: the model has %zu labels, and more than %d "
                    "take too long",
                    bert_head_outputs(l->head), VITERBI_LABELS);
    }
    load_workspace(l); /* while the first records are on their way */
    texts_start(&t->t, l, 1);
    t->head = l->head;
    t->how =
        own.aggregate == NOT_GIVEN ? TAG_FIRST : (tag_aggregate)own.aggregate;
    t->format = (tag_format)own.format;
    t->words = own.words;
    t->viterbi = own.viterbi;
    t->raw = own.raw;
    t->digits = (int)shared.digits;
    tag_start(t);
}

/* ---- The stream ---- */

static void begin(pipeline *p, output_frame *frame)
{
    tagging    *t = p->context;
    const char *names[TAG_RESULTS];
    bert_type   types[TAG_RESULTS];

    if (own.format == TAG_CONLL || own.format == TAG_BRAT) {
        return;
    }
    bert_layout_options options = {
        .format = own.format == TAG_TSV ? BERT_TSV : BERT_JSONL,
        .results = names,
        .result_count = tag_results(t, names, types),
        .types = types,
    };
    pipeline_lay_out(p, &options, frame);
    t->layout = p->layout;
}

static void end(pipeline *p)
{
    texts_report(p, "labels and printing");
}

int main(int argc, char **argv)
{
    tagging t = {0};

    report_start("bert-tag");
    int first = options_parse(&bert_tag, argc, argv);
    check_options();
    pipeline p = {
        .context = &t,
        .texts = &t.t,
        .begin = begin,
        .work = tag_work,
        .end = end,
    };
    return texts_main(&p, load, tag_free, (size_t)(argc - first), argv + first);
}
