/*
 * bert-qa - questions and contexts to answers, which are parts of the context
 */
#include <math.h>

#include "common/load.h"
#include "common/pipeline.h"
#include "common/qa.h"
#include "common/shared.h"

enum { MOST_ANSWERS = 1000 };

/* transformers 4.57, QuestionAnsweringPipeline.preprocess: what max_seq_len
   and doc_stride are at most where they are not given. */
enum { PIPELINE_LENGTH = 384, PIPELINE_OVERLAP = 128 };

static struct {
    int         format, compat;
    size_t      best, longest;
    bool        pieces, no_answer, raw;
    float       threshold;
    const char *odds;
} own = {
    .format = QA_JSONL,
    .compat = NOT_GIVEN,
    .best = 1,
    .longest = 15,
    .threshold = NAN,
};

#define IN_ANSWERS "Answers"

static const option_row rows[] = {
    SHARED_MODEL_ROWS,
    SHARED_CASE_ROWS,
    SHARED_DTYPE_ROW,
    SHARED_INPUT_ROWS_OF("auto|text|jsonl|tsv|squad"),
    OPTION('k', "best", "N", "1", IN_ANSWERS, true, KIND_SIZE, &own.best, 1,
           "the N best answers, no two of them alike"),
    OPTION(0, "max-answer", "N", "15", IN_ANSWERS, true, KIND_SIZE,
           &own.longest, 1, "tokens an answer at most"),
    OPTION(0, "no-answer", NULL, NULL, IN_ANSWERS, true, KIND_FLAG,
           &own.no_answer, 0,
           "there may be none: the empty answer takes part, and null_odds says "
           "how likely it is"),
    OPTION(0, "null-threshold", "X", NULL, IN_ANSWERS, true, KIND_REAL,
           &own.threshold, 0,
           "no answer where null_odds is above X, else one; turns --no-answer "
           "on"),
    OPTION(0, "pieces", NULL, NULL, IN_ANSWERS, false, KIND_FLAG, &own.pieces,
           0, "answers may begin and end inside a word"),
    OPTION(0, "raw", NULL, NULL, IN_ANSWERS, false, KIND_FLAG, &own.raw, 0,
           "logits of each answer's best span beside its score"),
    OPTION(0, "compat", "transformers", NULL, IN_ANSWERS, false, KIND_CHOICE,
           &own.compat, 0,
           "windows score by themselves and have 384 tokens, 128 of them "
           "shared, as in the pipeline of transformers 4.57"),
    SHARED_LENGTH_ROWS_OF("window", "only-second"),
    OPTION('f', "format", "jsonl|tsv|squad", "jsonl", IN_OUTPUT, true,
           KIND_CHOICE, &own.format, 0,
           "records with answers, or a file of predictions by id for SQuAD's "
           "scorer"),
    OPTION(0, "null-odds", "FILE", NULL, IN_OUTPUT, false, KIND_TEXT, &own.odds,
           0, "with --format squad: the null odds by id, too"),
    SHARED_DIGITS_ROW,
    SHARED_OUTPUT_ROWS,
    SHARED_BATCH_ROW,
    SHARED_RUN_ROWS,
};

static const tool bert_qa = {
    .name = "bert-qa",
    .summary = "Answer questions with parts of a given context",
    .usage = "[OPTION]... [FILE]...",
    .notes = "Files and models are described in bert-qa(1) and "
             "bert-stream(5).\n",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .libraries = {bert_tokenizer_libraries, bert_model_libraries},
};

/* ---- Options ---- */

static void check_squad(void)
{
    if (own.odds != NULL && own.format != QA_SQUAD) {
        usage_error("--null-odds goes with --format squad");
    }
    shared_forbid_resume(own.format == QA_SQUAD,
                         "does not go with --format squad: its file is one "
                         "object");
}

static void check_windows(void)
{
    const excluded list[] = {
        {shared.strategy != NOT_GIVEN &&
             shared.strategy != (int)BERT_ONLY_SECOND,
         "--truncate"},
        {own.compat != NOT_GIVEN && shared.sides != NULL, "--truncate-side"},
    };
    bool windows =
        shared.long_mode == NOT_GIVEN || shared.long_mode == LONG_WINDOW;

    if (windows) {
        shared_exclude("--long window: only the context moves, to the right",
                       list, sizeof list / sizeof *list);
    }
}

static void check_options(void)
{
    shared.pair = shared.question = true;
    shared_check();
    check_squad();
    check_windows();
    shared_check_output(own.format != QA_SQUAD, own.format == QA_TSV,
                        own.format != QA_TSV);
    if (own.best > MOST_ANSWERS) {
        usage_error("--best %zu: %d at most", own.best, MOST_ANSWERS);
    }
    if (own.raw && own.format != QA_JSONL) {
        usage_error("--raw goes with --format jsonl");
    }
    if (shared.digits > 0 && own.format == QA_SQUAD && own.odds == NULL) {
        usage_error("--digits: predictions without --null-odds have no "
                    "numbers");
    }
    if (own.best > 1 && own.format != QA_JSONL) {
        usage_error("--best goes with --format jsonl");
    }
}

/* ---- Loading ---- */

static void load(pipeline *p, loaded *l)
{
    qa *q = p->context;

    if (own.odds != NULL) {
        q->odds = output_open(own.odds, OUTPUT_NEW);
        if (output_same(p->out, q->odds)) {
            usage_error("--null-odds: the predictions go to that file");
        }
    }
    if (own.compat != NOT_GIVEN) {
        shared.usual_length = PIPELINE_LENGTH;
        shared.usual_overlap = PIPELINE_OVERLAP;
    }
    load_model(l, "qa", LONG_WINDOW);
    if (shared.strategy == NOT_GIVEN) {
        l->fitting.fit.strategy = BERT_ONLY_SECOND;
    }
    load_head(l, BERT_HEAD_QA);
    load_workspace(l);
    texts_start(&q->t, l, 1);
    q->format = (qa_format)own.format;
    q->best = own.best;
    q->longest = own.longest;
    q->words = !own.pieces;
    q->raw = own.raw;
    q->digits = (int)shared.digits;
    q->transformers = own.compat != NOT_GIVEN;
    q->has_threshold = !isnan(own.threshold);
    q->threshold = own.threshold;
    q->no_answer = own.no_answer || q->has_threshold;
    q->head = l->head;
    qa_start(q);
}

/* ---- The stream ---- */

static void begin(pipeline *p, output_frame *frame)
{
    static const output_frame object = {.header = "{", .header_size = 1};
    qa                       *q = p->context;
    const char               *names[QA_RESULTS];
    bert_type                 types[QA_RESULTS];

    if (own.format == QA_SQUAD) {
        frame->header = object.header;
        frame->header_size = object.header_size;
        if (q->odds != NULL) {
            output_begin(q->odds, &object);
        }
        return;
    }
    bert_layout_options options = {
        .format = own.format == QA_TSV ? BERT_TSV : BERT_JSONL,
        .results = names,
        .result_count = qa_results(q, names, types),
        .types = types,
    };
    pipeline_lay_out(p, &options, frame);
    q->layout = p->layout;
}

static void end(pipeline *p)
{
    qa *q = p->context;

    texts_report(p, "choosing and printing");
    if (own.format != QA_SQUAD) {
        return;
    }
    if (q->repeated > 0) {
        report_warning("%zu prediction%s an id that came before: a scorer "
                       "takes the last of an id",
                       q->repeated, q->repeated == 1 ? " has" : "s have");
    }
    /* Where the run stopped the objects stay open: what lacks answers must
       not read as complete. */
    if (!p->stopped) {
        output_put(p->out, "\n}\n", 3);
    }
    if (q->odds != NULL && p->stopped) {
        output_abandon(q->odds);
    } else if (q->odds != NULL) {
        output_flush(q->odds); /* fails before the predictions are renamed */
    }
}

/* The odds are of no use without the predictions, so these are first. */
static void completed(pipeline *p)
{
    qa *q = p->context;

    if (q->odds != NULL) {
        output_put(q->odds, "\n}\n", 3);
        output_finish(q->odds);
    }
}

int main(int argc, char **argv)
{
    qa q = {0};

    report_start("bert-qa");
    int first = options_parse(&bert_qa, argc, argv);
    check_options();
    pipeline p = {
        .context = &q,
        .texts = &q.t,
        .begin = begin,
        .work = qa_work,
        .end = end,
        .completed = completed,
    };
    return texts_main(&p, load, qa_free, (size_t)(argc - first), argv + first);
}
