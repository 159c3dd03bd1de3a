/*
 * wp-tokenize - text to WordPiece tokens, and ids back to text
 */
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/models.h"
#include "common/shared.h"
#include "common/tokenize.h"

enum {
    SLOTS = 1024,
    BATCH_BYTES = 256 << 10 /* text a batch: it and its output stay in cache */
};

static struct {
    const char  *vocab, *fields;
    int          strip_accents, split_cjk; /* a bert_choice */
    int          google, format, unit;
    bool         literal, no_special, count, decode, skip_special;
    option_texts protect;
} own = {.google = NOT_GIVEN, .format = NOT_GIVEN, .unit = NOT_GIVEN};

#define IN_TOKENS "Tokens"

static const option_row rows[] = {
    SHARED_MODEL_ROWS,
    OPTION(
        0, "vocab", "FILE", NULL, IN_MODEL, false, KIND_TEXT, &own.vocab, 0,
        "a bare vocabulary instead of a model; --cased or --uncased is needed"),
    SHARED_CASE_ROWS,
    OPTION(0, "strip-accents", NULL, NULL, IN_MODEL, false, KIND_SET,
           &own.strip_accents, BERT_YES, "strip accents"),
    OPTION(0, "no-strip-accents", NULL, NULL, IN_MODEL, false, KIND_SET,
           &own.strip_accents, BERT_NO, "keep accents"),
    OPTION(0, "no-split-cjk", NULL, NULL, IN_MODEL, false, KIND_SET,
           &own.split_cjk, BERT_NO, "a Chinese character is no word by itself"),
    SHARED_INPUT_ROWS,
    OPTION(0, "no-special", NULL, NULL, IN_TOKENS, true, KIND_FLAG,
           &own.no_special, 0, "leave [CLS] and [SEP] out"),
    OPTION(
        0, "literal", NULL, NULL, IN_TOKENS, false, KIND_FLAG, &own.literal, 0,
        "special tokens that stand in the text, like [MASK], are plain text"),
    OPTION(0, "protect", "REGEX", NULL, IN_TOKENS, false, KIND_TEXTS,
           &own.protect, 0,
           "what it matches (PCRE2, on the raw text) stays one word; may be "
           "repeated"),
    OPTION(0, "compat", "google", NULL, IN_TOKENS, false, KIND_CHOICE,
           &own.google, 0,
           "as Google's tokenization.py where it differs from Hugging Face's"),
    OPTION(
        0, "decode", NULL, NULL, IN_TOKENS, true, KIND_FLAG, &own.decode, 0,
        "read ids and write text; ids are lines of text or in token records"),
    OPTION(0, "skip-special", NULL, NULL, IN_TOKENS, false, KIND_FLAG,
           &own.skip_special, 0, "with --decode: leave special tokens out"),
    OPTION(0, "count", NULL, NULL, IN_TOKENS, false, KIND_FLAG, &own.count, 0,
           "write the number of tokens of each text and nothing else"),
    SHARED_LENGTH_ROWS("texts are taken whole; truncate with --max-length"),
    OPTION('f', "format", "jsonl|tsv|ids|tokens|conll",
           "jsonl; with --decode lines of text", IN_OUTPUT, true, KIND_CHOICE,
           &own.format, 0,
           "records, ids or tokens a line a text, or a line a token"),
    OPTION(0, "fields", "LIST",
           "tokens,ids,offsets,words,vocab; pairs: type_ids too", IN_OUTPUT,
           false, KIND_TEXT, &own.fields, 0,
           "the members written, in this order; also special"),
    OPTION(0, "offsets", "chars|bytes|utf16", "chars", IN_OUTPUT, false,
           KIND_CHOICE, &own.unit, 0, "what offsets count"),
    SHARED_OUTPUT_ROWS,
    SHARED_RUN_ROWS,
};

static const tool wp_tokenize = {
    .name = "wp-tokenize",
    .summary = "Split texts into WordPiece tokens, as Hugging Face's fast "
               "BERT tokenizer does",
    .usage = "[OPTION]... [FILE]...",
    .notes = "Files and models are described in wp-tokenize(1) and "
             "bert-stream(5).\n",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .libraries = {bert_tokenizer_libraries},
};

/* ---- Options ---- */

static void check_decode(void)
{
    const excluded list[] = {
        {own.count, "--count"},
        {own.fields != NULL, "--fields"},
        {own.unit != NOT_GIVEN, "--offsets"},
        {own.no_special, "--no-special (--skip-special leaves them out)"},
        {own.literal, "--literal"},
        {own.protect.count > 0, "--protect"},
        {own.google != NOT_GIVEN, "--compat"},
        {shared.pair, "--pair"},
        {shared.max_length > 0, "--max-length"},
        {shared.long_mode != NOT_GIVEN, "--long"},
        {own.format > AS_TSV && own.format != AS_TEXT, "this format"},
    };

    if (own.decode) {
        shared_exclude("--decode", list, sizeof list / sizeof *list);
    } else if (own.skip_special) {
        usage_error("--skip-special goes with --decode");
    }
}

static void check_vocab(void)
{
    if (own.vocab != NULL && own.vocab[0] == '\0') {
        usage_error("--vocab: an empty name of a file");
    }
    if (own.vocab != NULL && shared.model != NULL) {
        usage_error("--vocab and --model exclude each other");
    }
    if (own.vocab != NULL && shared.lowercase == BERT_AS_FILES && !own.decode) {
        usage_error("--vocab needs --cased or --uncased");
    }
}

static void check_offsets(bool records)
{
    token_fields fields;

    token_fields_choose(&fields, own.fields, true, BERT_UNIT_CHARS, true, true);
    if (own.unit == NOT_GIVEN) {
        return;
    }
    if (!records && own.format != AS_CONLL) {
        usage_error("--offsets goes with --format jsonl, tsv or conll");
    }
    if (records && !token_fields_has(&fields, FIELD_OFFSETS)) {
        usage_error("--offsets goes with offsets among --fields");
    }
}

static void check_options(void)
{
    bool records = own.format == NOT_GIVEN ? !own.decode && !own.count
                                           : own.format <= AS_TSV;
    bool jsonl = records && own.format != AS_TSV;

    shared_check();
    check_vocab();
    if (own.count && own.format != NOT_GIVEN) {
        usage_error("--count writes numbers: no --format goes with it");
    }
    check_decode();
    shared_check_output(records, own.format == AS_TSV, jsonl);
    if (!records && own.fields != NULL) {
        usage_error("--fields goes with --format jsonl or tsv");
    }
    check_offsets(records);
    shared_forbid_resume(own.format == AS_CONLL,
                         "needs one result a record: not --format conll");
    shared_forbid_resume(shared.long_mode == LONG_WINDOW,
                         "needs one result a record: not --long window");
    if (own.literal && own.google != NOT_GIVEN) {
        usage_error("--literal does not go with --compat google, which "
                    "implies it");
    }
    if (own.count && shared.long_mode == LONG_WINDOW) {
        usage_error("--count does not go with --long window");
    }
}

/* ---- The stream ---- */

static void work(pipeline *p, slot *slots, size_t count)
{
    tokenize_work(p->context, slots, count);
}

/* Whether the output may hold pairs: always but in TSV, whose columns are
   fixed before the first record. */
static bool pairs_expected(const tokenize *t, const pipeline *p)
{
    size_t           count = 0;
    const bert_text *columns = bert_reader_columns(p->reader, &count);

    if (t->format != AS_TSV || shared.pair) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (columns[i].size == 4 && memcmp(columns[i].data, "pair", 4) == 0) {
            return true;
        }
    }
    return bert_reader_format(p->reader) == BERT_JSONL;
}

static void begin(pipeline *p, output_frame *frame)
{
    static const char *const decoded_names[] = {"text"};
    static const bert_type   decoded_types[] = {BERT_STRING};
    tokenize                *t = p->context;
    const fitting           *f = &t->fitting;
    bool                     any = t->format == AS_JSONL;

    if (t->format > AS_TSV) {
        frame->end = own.decode && shared.null_ended ? '\0' : '\n';
        return;
    }
    /* TSV has a column for what may come, and for nothing else. */
    token_fields_choose(&t->fields, own.fields, pairs_expected(t, p),
                        t->encode.unit,
                        any || (f->limited && f->mode == LONG_WINDOW),
                        any || (f->limited && f->mode == LONG_TRUNCATE));
    bert_layout_options options = {
        .format = t->format == AS_TSV ? BERT_TSV : BERT_JSONL,
        .results = own.decode ? decoded_names : t->fields.names,
        .result_count = own.decode ? 1 : t->fields.results,
        .types = own.decode ? decoded_types : t->fields.types,
        .new_tokens = !own.decode,
    };
    pipeline_lay_out(p, &options, frame);
    t->layout = p->layout;
}

static void load(tokenize *t)
{
    char *folder =
        own.vocab != NULL ? NULL : model_find(shared.model, "tokenize", NULL);
    bert_tokenizer_options options = {
        .vocab = own.vocab,
        .lowercase =
            own.decode && own.vocab != NULL && shared.lowercase == BERT_AS_FILES
                ? BERT_NO /* decoding does not ask */
                : (bert_choice)shared.lowercase,
        .strip_accents = (bert_choice)own.strip_accents,
        .split_cjk = (bert_choice)own.split_cjk,
        .literal = own.literal,
        .google = own.google != NOT_GIVEN,
        .protect = own.protect.items,
        .protect_count = own.protect.count,
    };
    bert_error err;

    if (bert_tokenizer_load(&t->tokenizer, folder, &options, &err) != BERT_OK) {
        stop_library(&err);
    }
    fit_choose(&t->fitting, folder, NOT_GIVEN);
    report_verbose("tokenizer %s: %d tokens, vocab %s",
                   folder != NULL ? folder : own.vocab,
                   bert_tokenizer_size(t->tokenizer),
                   bert_tokenizer_fingerprint(t->tokenizer));
    const char *name = shared.model != NULL ? shared.model : folder;
    if (name != NULL) { /* a bare vocabulary has no settings to tell */
        t->name = alloc_text(name, strlen(name));
    }
    t->team = shared_team();
    report_verbose("threads: %zu", bert_team_size(t->team));
    tokenize_start(t);
    free(folder);
}

static void unload(tokenize *t)
{
    tokenize_free(t);
    bert_team_free(t->team);
    bert_tokenizer_free(t->tokenizer);
    free(t->name);
}

int main(int argc, char **argv)
{
    tokenize t = {.format = AS_JSONL};

    report_start("wp-tokenize");
    int first = options_parse(&wp_tokenize, argc, argv);
    check_options();
    t.format = own.count                 ? AS_COUNT
               : own.format != NOT_GIVEN ? (token_format)own.format
               : own.decode              ? AS_TEXT
                                         : AS_JSONL;
    t.decode = own.decode;
    t.skip_special = own.skip_special;
    t.null_ended = shared.null_ended;
    t.encode.no_special = own.no_special;
    t.encode.ids_only =
        t.format == AS_IDS || t.format == AS_TOKENS || t.format == AS_COUNT;
    t.encode.unit =
        own.unit == NOT_GIVEN ? BERT_UNIT_CHARS : (bert_unit)own.unit;
    pipeline p = {
        .paths = (const char *const *)argv + first,
        .path_count = (size_t)(argc - first),
        .reading = shared_reader(),
        .awaits = own.decode    ? "ids, a text a line"
                  : shared.pair ? "pairs of texts, with a TAB between"
                                : "texts, one a line",
        .slot_limit = SLOTS,
        .weight_limit = BATCH_BYTES,
        .context = &t,
        .begin = begin,
        .work = work,
        .out = shared_output(),
    };
    p.reading.ids = own.decode;
    p.reading.no_tokens = !own.decode;
    load(&t);
    int status = pipeline_run(&p);
    unload(&t);
    return status;
}
