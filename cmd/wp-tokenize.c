/*
 * wp-tokenize - text to WordPiece tokens, and ids back to text
 *
 * Each record is tokenised by itself, on any member of the team, straight to
 * its bytes of output.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/fit.h"
#include "common/models.h"
#include "common/prepare.h"
#include "common/shared.h"
#include "common/token_lines.h"

enum { AS_JSONL, AS_TSV, AS_IDS, AS_TOKENS, AS_CONLL, AS_TEXT, AS_COUNT };

enum {
    SLOTS = 1024,
    BATCH_BYTES = 256 << 10, /* text a batch: it and its output stay in cache */
    CHUNK = 16               /* records a piece of work */
};

static struct {
    const char  *vocab, *fields;
    int          lowercase, strip_accents, split_cjk; /* a bert_choice */
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
    OPTION(0, "cased", NULL, NULL, IN_MODEL, false, KIND_SET, &own.lowercase,
           BERT_NO, "keep upper case"),
    OPTION(0, "uncased", NULL, NULL, IN_MODEL, false, KIND_SET, &own.lowercase,
           BERT_YES, "lower the text"),
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

/* What one member of the team works with. */
typedef struct member {
    prepared        text;
    prepare_scratch scratch;
    token_scratch   line;
    bert_buffer     decoded;
} member;

typedef struct tokenize {
    bert_tokenizer     *tokenizer;
    bert_team          *team;
    fitting             fitting;
    bert_encode_options encode;
    token_fields        fields;
    int                 format;
    member             *members; /* [team size] */
    const pipeline     *p;
    slot               *slots; /* the batch at work */
    size_t              count, chunk;
} tokenize;

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
    if (own.vocab != NULL && shared.model != NULL) {
        usage_error("--vocab and --model exclude each other");
    }
    if (own.vocab != NULL && own.lowercase == BERT_AS_FILES && !own.decode) {
        usage_error("--vocab needs --cased or --uncased");
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
    if (own.unit != NOT_GIVEN && !records && own.format != AS_CONLL) {
        usage_error("--offsets goes with --format jsonl, tsv or conll");
    }
    if (shared.resume &&
        (own.format == AS_CONLL || shared.long_mode == LONG_WINDOW)) {
        usage_error("--resume needs one result a record: not %s",
                    own.format == AS_CONLL ? "--format conll"
                                           : "--long window");
    }
    if (own.count && shared.long_mode == LONG_WINDOW) {
        usage_error("--count does not go with --long window");
    }
}

/* ---- Work ---- */

static bool put_line(tokenize *t, slot *s, const token_line *line, member *m)
{
    switch (t->format) {
    case AS_COUNT:
        return put_number(s, line->tokens.length, '\n');
    case AS_IDS:
        return token_line_ids(line, s);
    case AS_TOKENS:
        return token_line_tokens(line, s);
    case AS_CONLL:
        return token_line_conll(line, s);
    default:
        return token_line_record(line, &t->fields, t->p->layout, &m->line, s);
    }
}

/* One line a window, in the library's order (Hugging Face's overflow). */
static void put_windows(tokenize *t, slot *s, token_line *line, member *m)
{
    bert_error      err;
    size_t          count = 0;
    window_scratch *w = &m->scratch.windows;
    bert_status     status =
        bert_encoding_windows(m->text.encoding, &t->fitting.fit, &count, &err);

    if (status == BERT_OK && w->window == NULL) {
        w->window = bert_encoding_new();
        if (w->window == NULL) {
            err = (bert_error){BERT_NO_MEMORY, "out of memory"};
            status = err.status;
        }
    }
    for (size_t k = 0; k < count && status == BERT_OK; k++) {
        status = bert_encoding_window(m->text.encoding, &t->fitting.fit, k,
                                      w->window, &err);
        if (status == BERT_OK) {
            line->tokens = bert_encoding_tokens(w->window);
            line->window[0] = (int32_t)k + 1;
            line->window[1] = (int32_t)count;
            if (!put_line(t, s, line, m)) {
                return;
            }
            s->tokens += line->tokens.length;
        }
    }
    if (status != BERT_OK) {
        slot_fail(s, &err);
    }
}

static void tokenize_record(tokenize *t, slot *s, member *m)
{
    bert_value text, pair;
    bert_side  first, second;
    bert_error err;

    if (!record_side(s->record, BERT_M_TEXT, &text, &first)) {
        slot_bad(s, "no \"text\"");
        return;
    }
    bool has_pair = record_side(s->record, BERT_M_PAIR, &pair, &second);
    if (shared.pair && !has_pair) {
        slot_bad(s, "no \"pair\"");
        return;
    }
    if (bert_tokenizer_encode(t->tokenizer, &first, has_pair ? &second : NULL,
                              &t->encode, m->text.encoding, &err) != BERT_OK) {
        slot_fail(s, &err);
        return;
    }
    token_line line = {.tokenizer = t->tokenizer, .pair = has_pair};
    if (t->fitting.limited && t->fitting.mode == LONG_WINDOW) {
        put_windows(t, s, &line, m);
        return;
    }
    m->text.truncated = false;
    if (!prepare_fit(&t->fitting, s, &m->text, &m->scratch.windows)) {
        return;
    }
    line.tokens = bert_encoding_tokens(m->text.encoding);
    line.truncated = s->cut = m->text.truncated;
    s->tokens = line.tokens.length;
    put_line(t, s, &line, m);
}

static void decode_record(tokenize *t, slot *s, member *m)
{
    bert_value   ids = bert_record_value(s->record, BERT_M_IDS);
    bert_value   result = {.type = BERT_STRING, .count = 1};
    bert_error   err;
    bool         plain = t->format == AS_TEXT;
    char         end = shared.null_ended ? '\0' : '\n';
    bert_buffer *out = plain ? &s->out : &m->decoded;

    if (ids.type != BERT_INTS) {
        slot_bad(s, "no \"ids\"");
        return;
    }
    out->size = 0;
    bert_status status = bert_tokenizer_decode(
        t->tokenizer, ids.as.ints, ids.count, own.skip_special, out, &err);
    if (status == BERT_OK && plain &&
        memchr(out->data != NULL ? out->data : "", end, out->size) != NULL) {
        slot_bad(s, "the text holds the character that ends a line "
                    "(--format jsonl can hold it)");
        return;
    }
    if (status == BERT_OK && plain && !bert_buffer_put(out, &end, 1)) {
        err = (bert_error){BERT_NO_MEMORY, "out of memory"};
        status = err.status;
    }
    if (status == BERT_OK && !plain) {
        result.as.text = (bert_text){out->data, out->size};
        status = bert_layout_put(t->p->layout, s->record, &result, &s->out,
                                 NULL, &err);
    }
    if (status != BERT_OK) {
        slot_fail(s, &err);
    }
    s->tokens = ids.count;
}

/* bert_work: records [i * chunk, (i + 1) * chunk) of the batch. */
static void work_chunk(void *context, size_t i, size_t who)
{
    tokenize *t = context;
    size_t    end = (i + 1) * t->chunk;

    for (size_t k = i * t->chunk; k < end && k < t->count; k++) {
        slot *s = &t->slots[k];

        if (s->state != SLOT_GOOD) {
            continue;
        }
        if (own.decode) {
            decode_record(t, s, &t->members[who]);
        } else {
            tokenize_record(t, s, &t->members[who]);
        }
    }
}

static void work(pipeline *p, slot *slots, size_t count)
{
    tokenize *t = p->context;
    size_t    share = count / (4 * bert_team_size(t->team)) + 1;

    t->slots = slots;
    t->count = count;
    t->chunk = share < CHUNK ? share : CHUNK;
    bert_team_run(t->team, (count + t->chunk - 1) / t->chunk, work_chunk, t);
}

/* ---- Start and end ---- */

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
    static bert_buffer       header;
    tokenize                *t = p->context;
    bert_error               err;

    if (t->format > AS_TSV) {
        frame->end = own.decode && shared.null_ended ? '\0' : '\n';
        return;
    }
    token_fields_choose(&t->fields, own.fields, pairs_expected(t, p),
                        t->encode.unit);
    bert_layout_options options = {
        .format = t->format == AS_TSV ? BERT_TSV : BERT_JSONL,
        .results = own.decode ? decoded_names : t->fields.names,
        .result_count = own.decode ? 1 : t->fields.results,
        .types = own.decode ? decoded_types : t->fields.types,
        .as = shared.as,
        .keep = shared.keep,
        .drop = shared.drop,
        .number = shared.number,
        .new_tokens = !own.decode,
    };
    size_t           count = 0;
    const bert_text *columns = bert_reader_columns(p->reader, &count);
    if (bert_layout_new(&p->layout, &options, columns, count, &err) !=
        BERT_OK) {
        stop_library(&err);
    }
    if (t->format == AS_TSV && !shared.no_header) {
        if (bert_layout_header(p->layout, &header, &err) != BERT_OK) {
            stop_library(&err);
        }
        frame->header = header.data;
        frame->header_size = header.size;
    }
}

static void load(tokenize *t)
{
    char *folder =
        own.vocab != NULL ? NULL : model_find(shared.model, "tokenize");
    bert_tokenizer_options options = {
        .vocab = own.vocab,
        .lowercase =
            own.decode && own.vocab != NULL && own.lowercase == BERT_AS_FILES
                ? BERT_NO /* decoding does not ask */
                : (bert_choice)own.lowercase,
        .strip_accents = (bert_choice)own.strip_accents,
        .split_cjk = (bert_choice)own.split_cjk,
        .literal = own.literal,
        .google = own.google != NOT_GIVEN,
        .protect = own.protect.items,
        .protect_count = own.protect.count,
    };
    bert_error err;

    fit_choose(&t->fitting, folder, NOT_GIVEN);
    if (bert_tokenizer_load(&t->tokenizer, folder, &options, &err) != BERT_OK) {
        stop_library(&err);
    }
    report_verbose("tokenizer %s: %d tokens, vocab %s",
                   folder != NULL ? folder : own.vocab,
                   bert_tokenizer_size(t->tokenizer),
                   bert_tokenizer_fingerprint(t->tokenizer));
    t->team = shared_team();
    size_t size = bert_team_size(t->team);
    report_verbose("%zu thread%s", size, size == 1 ? "" : "s");
    t->members = alloc_zeroed(size, sizeof *t->members);
    for (size_t i = 0; i < size; i++) {
        t->members[i].text.encoding = bert_encoding_new();
        if (t->members[i].text.encoding == NULL) {
            stop_error("out of memory");
        }
    }
    free(folder);
}

static void unload(tokenize *t)
{
    for (size_t i = 0; i < bert_team_size(t->team); i++) {
        prepared_free(&t->members[i].text);
        prepare_scratch_free(&t->members[i].scratch);
        token_scratch_free(&t->members[i].line);
        bert_buffer_free(&t->members[i].decoded);
    }
    free(t->members);
    bert_team_free(t->team);
    bert_tokenizer_free(t->tokenizer);
}

int main(int argc, char **argv)
{
    tokenize t = {.format = AS_JSONL};

    report_start("wp-tokenize");
    int first = options_parse(&wp_tokenize, argc, argv);
    check_options();
    t.format = own.count                 ? AS_COUNT
               : own.format != NOT_GIVEN ? own.format
               : own.decode              ? AS_TEXT
                                         : AS_JSONL;
    t.encode.no_special = own.no_special;
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
        .out = output_open(shared.output, shared.resume),
    };
    t.p = &p;
    p.reading.ids = own.decode;
    p.reading.no_tokens = !own.decode;
    load(&t);
    int status = pipeline_run(&p);
    unload(&t);
    return status;
}
