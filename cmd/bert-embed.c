/*
 * bert-embed - texts or token records to vectors
 */
#include "common/embed.h"
#include "common/load.h"
#include "common/pipeline.h"
#include "common/shared.h"

static embed_asked own = {
    .pooling = NOT_GIVEN,
    .normalize = BERT_AS_FILES,
    .quantize = NOT_GIVEN,
    .similarity = NOT_GIVEN,
    .format = EMBED_JSONL,
    .rows = EMBED_ANY_ROWS,
};

#define IN_VECTORS "Vectors"

static const option_row rows[] = {
    SHARED_MODEL_ROWS,
    SHARED_CASE_ROWS,
    SHARED_DTYPE_ROW,
    SHARED_INPUT_ROWS,
    OPTION(0, "pooling", "cls|mean|max|mean-sqrt|weighted-mean|last|pooler",
           "the model's; of a bare BERT mean", IN_VECTORS, true, KIND_CHOICE,
           &own.pooling, 0, "how a text's tokens become a vector"),
    OPTION(0, "normalize", NULL, NULL, IN_VECTORS, false, KIND_SET,
           &own.normalize, BERT_YES, "vectors of length 1"),
    OPTION(0, "no-normalize", NULL, NULL, IN_VECTORS, false, KIND_SET,
           &own.normalize, BERT_NO, "vectors as they come"),
    OPTION(0, "layers", "LIST", "-1", IN_VECTORS, false, KIND_TEXT, &own.layers,
           0,
           "hidden states: -1 the last, 0 the embeddings, ranges -4..-1; "
           "several are averaged"),
    OPTION(0, "concat", NULL, NULL, IN_VECTORS, false, KIND_FLAG, &own.concat,
           0, "join the hidden states instead"),
    OPTION(0, "per-token", NULL, NULL, IN_VECTORS, true, KIND_FLAG,
           &own.per_token, 0, "a vector a token"),
    OPTION(0, "per-word", NULL, NULL, IN_VECTORS, false, KIND_FLAG,
           &own.per_word, 0, "a vector a word, the mean of its pieces"),
    OPTION(0, "with-special", NULL, NULL, IN_VECTORS, false, KIND_FLAG,
           &own.with_special, 0, "with --per-token: [CLS] and [SEP] too"),
    OPTION(0, "prompt", "TEXT", "the model's", IN_VECTORS, false, KIND_TEXT,
           &own.prompt, 0, "put before each text; '' puts nothing"),
    OPTION(0, "prompt-name", "NAME", NULL, IN_VECTORS, false, KIND_TEXT,
           &own.prompt_name, 0, "the model's prompt of that name"),
    OPTION(0, "dims", "N", "all", IN_VECTORS, false, KIND_SIZE, &own.dims, 1,
           "the first N dimensions, normalised again"),
    OPTION(0, "quantize", "int8|binary", NULL, IN_VECTORS, false, KIND_CHOICE,
           &own.quantize, 0,
           "write 8 bits a dimension with a scale; or 1, the sign"),
    OPTION(0, "similarity", "cosine|dot|euclidean", NULL, IN_VECTORS, true,
           KIND_CHOICE, &own.similarity, 0,
           "of text and pair; instead of vectors"),
    SHARED_LENGTH_ROWS("truncate"),
    OPTION('f', "format", "jsonl|tsv|npy|f32", "jsonl", IN_OUTPUT, true,
           KIND_CHOICE, &own.format, 0,
           "records with vectors, one array, or raw rows"),
    SHARED_DIGITS_ROW,
    OPTION(
        0, "rows", "N", NULL, IN_OUTPUT, false, KIND_SIZE, &own.rows, 0,
        "how many records there will be, for npy where the output cannot seek"),
    SHARED_OUTPUT_ROWS,
    SHARED_BATCH_ROW,
    SHARED_RUN_ROWS,
};

static const tool bert_embed = {
    .name = "bert-embed",
    .summary = "Compute sentence embeddings, as sentence-transformers does",
    .usage = "[OPTION]... [FILE]...",
    .notes = "Files and models are described in bert-embed(1) and "
             "bert-stream(5).\n",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .libraries = {bert_tokenizer_libraries, bert_model_libraries},
};

/* ---- Options ---- */

static void check_rows(void)
{
    const excluded list[] = {
        {own.pooling != NOT_GIVEN, "--pooling"},
        {own.quantize != NOT_GIVEN, "--quantize"},
        {own.similarity != NOT_GIVEN, "--similarity"},
        {own.per_token && own.per_word, "--per-word"},
        {own.format == EMBED_TSV, "--format tsv"},
        {own.format == EMBED_NPY, "--format npy"},
    };
    const char *option = own.per_token ? "--per-token" : "--per-word";

    if (own.per_token || own.per_word) {
        shared_exclude(option, list, sizeof list / sizeof *list);
    }
    shared_forbid_resume(own.per_token, "does not go with --per-token");
    shared_forbid_resume(own.per_word, "does not go with --per-word");
    if (own.with_special && !own.per_token) {
        usage_error("--with-special goes with --per-token");
    }
}

static void check_similarity(void)
{
    const excluded list[] = {
        {own.quantize != NOT_GIVEN, "--quantize"},
        {own.format == EMBED_NPY, "--format npy"},
        {own.format == EMBED_F32, "--format f32"},
    };

    if (own.similarity != NOT_GIVEN) {
        shared_exclude("--similarity", list, sizeof list / sizeof *list);
        shared.pair = true;
    }
}

static void check_options(void)
{
    bool records = own.format == EMBED_JSONL || own.format == EMBED_TSV;

    shared_check();
    check_rows();
    check_similarity();
    shared_check_output(records, own.format == EMBED_TSV,
                        own.format == EMBED_JSONL);
    if (own.concat && own.layers == NULL) {
        usage_error("--concat goes with --layers");
    }
    if (own.prompt != NULL && own.prompt_name != NULL) {
        usage_error("--prompt and --prompt-name exclude each other");
    }
    if (own.quantize == EMBED_INT8 && !records) {
        usage_error("--quantize int8 goes with --format jsonl or tsv: the "
                    "scale needs a place");
    }
    if (own.quantize == EMBED_BINARY && own.format == EMBED_F32) {
        usage_error("--quantize binary does not go with --format f32");
    }
    if (shared.digits > 0 && (!records || own.quantize == EMBED_BINARY)) {
        usage_error("--digits goes with floats in --format jsonl or tsv");
    }
    if (own.rows != EMBED_ANY_ROWS && own.format != EMBED_NPY) {
        usage_error("--rows goes with --format npy");
    }
}

/* ---- Loading ---- */

static void load(pipeline *p, loaded *l)
{
    embedding *e = p->context;

    load_model(l, "embed", LONG_TRUNCATE);
    embed_choose(e, l, &own);
    load_workspace(l); /* while the first records are on their way */
    texts_start(&e->t, l, embed_texts_each(e->mode));
    embed_start(e);
}

/* ---- The stream ---- */

static void put_npy_header(const embedding *e, size_t count, bert_buffer *out)
{
    bert_error err;

    out->size = 0;
    if (bert_npy_header(own.quantize == EMBED_BINARY ? "|u1" : "<f4", count,
                        embed_columns(e), out, &err) != BERT_OK) {
        stop_library(&err);
    }
}

static void begin_array(pipeline *p, output_frame *frame)
{
    const embedding *e = p->context;

    frame->row_size =
        embed_columns(e) * (own.quantize == EMBED_BINARY ? 1 : sizeof(float));
    if (own.format == EMBED_F32) {
        return;
    }
    frame->completed = output_seeks(p->out);
    if (!frame->completed && own.rows == EMBED_ANY_ROWS) {
        usage_error("--format npy needs --rows N where the output cannot seek "
                    "(--output FILE can)");
    }
    put_npy_header(e, own.rows == EMBED_ANY_ROWS ? 0 : own.rows, &p->header);
    frame->header = p->header.data;
    frame->header_size = p->header.size;
}

static void begin(pipeline *p, output_frame *frame)
{
    embedding  *e = p->context;
    const char *names[EMBED_RESULTS];
    bert_type   types[EMBED_RESULTS];

    if (own.format == EMBED_NPY || own.format == EMBED_F32) {
        begin_array(p, frame);
        return;
    }
    bert_layout_options options = {
        .format = own.format == EMBED_TSV ? BERT_TSV : BERT_JSONL,
        .results = names,
        .result_count = embed_results(e, names, types),
        .types = types,
        .columns = embed_columns(e),
    };
    pipeline_lay_out(p, &options, frame);
    e->layout = p->layout;
}

static void end(pipeline *p)
{
    texts_report(p, "pooling and printing");
    if (!p->stopped && own.rows != EMBED_ANY_ROWS && p->written != own.rows) {
        output_flush(p->out);
        stop_error("--rows %zu, but there %s %zu record%s", own.rows,
                   p->written == 1 ? "was" : "were", p->written,
                   p->written == 1 ? "" : "s");
    }
    if (own.format == EMBED_NPY && own.rows == EMBED_ANY_ROWS) {
        put_npy_header(p->context, p->written, &p->header);
        output_complete_header(p->out, p->header.data, p->header.size);
    }
}

int main(int argc, char **argv)
{
    embedding e = {0};

    report_start("bert-embed");
    int first = options_parse(&bert_embed, argc, argv);
    check_options();
    pipeline p = {
        .context = &e,
        .texts = &e.t,
        .begin = begin,
        .work = embed_work,
        .end = end,
    };
    return texts_main(&p, load, embed_free, (size_t)(argc - first),
                      argv + first);
}
