/*
 * prepare.c - a record to the sequences that the encoder reads
 */
#include "common/prepare.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/report.h"

/* Of a pair whose texts both move. */
enum { MOST_WINDOWS = 1024 };

bool record_side(const bert_record *record, bert_member member,
                 bert_value *value, bert_side *side)
{
    *value = bert_record_value(record, member);
    switch (value->type) {
    case BERT_STRING:
        *side = (bert_side){&value->as.text, 1, false};
        return true;
    case BERT_STRINGS:
        *side = (bert_side){value->as.texts, value->count, true};
        return true;
    default:
        return false;
    }
}

bert_unit record_unit(const bert_record *record)
{
    bert_value unit = bert_record_value(record, BERT_M_OFFSET_UNIT);

    if (unit.type != BERT_STRING) {
        return BERT_UNIT_CHARS;
    }
    /* The reader takes no other: "bytes" or "utf16". */
    return unit.as.text.data[0] == 'b' ? BERT_UNIT_BYTES : BERT_UNIT_UTF16;
}

bool prepare_check_vocab(const bert_tokenizer *tokenizer,
                         const char *model_name, slot *s)
{
    bert_value  vocab = bert_record_value(s->record, BERT_M_VOCAB);
    const char *own = bert_tokenizer_fingerprint(tokenizer);

    if (vocab.type != BERT_STRING ||
        (vocab.as.text.size == strlen(own) &&
         memcmp(vocab.as.text.data, own, vocab.as.text.size) == 0)) {
        return true;
    }
    size_t shown = vocab.as.text.size < 32 ? vocab.as.text.size : 32;
    slot_bad(s,
             "made with another vocabulary: %.*s, this model has %s: give "
             "wp-tokenize -m %s",
             (int)shown, vocab.as.text.data, own, model_name);
    s->state = SLOT_FATAL;
    return false;
}

static bool check_ids(const preparer *p, slot *s, const bert_tokens *tokens)
{
    for (size_t i = 0; i < tokens->length; i++) {
        if (tokens->ids[i] < 0 || tokens->ids[i] >= p->vocab_size) {
            slot_bad(s, "ids: %d is outside the model's 0..%d", tokens->ids[i],
                     p->vocab_size - 1);
            return false;
        }
    }
    for (size_t i = 0; tokens->type_ids != NULL && i < tokens->length; i++) {
        if (tokens->type_ids[i] < 0 || tokens->type_ids[i] >= p->type_count) {
            slot_bad(s, "type_ids: %d is outside the model's 0..%d",
                     tokens->type_ids[i], p->type_count - 1);
            return false;
        }
    }
    return true;
}

/* special came as 0s and 1s. */
static bool read_special(slot *s, prepare_scratch *scratch, bert_tokens *tokens)
{
    bert_value special = bert_record_value(s->record, BERT_M_SPECIAL);
    void      *bytes = scratch->special;

    if (special.type == BERT_ABSENT) {
        return true;
    }
    if (!grow_array(&bytes, &scratch->special_capacity, special.count, 1)) {
        return slot_no_memory(s);
    }
    scratch->special = bytes;
    for (size_t i = 0; i < special.count; i++) {
        scratch->special[i] = special.as.ints[i] != 0;
    }
    tokens->special = scratch->special;
    return true;
}

static bool has_prompt(const preparer *p)
{
    return (p->prompt != NULL && p->prompt[0] != '\0') ||
           (p->prompt_end != NULL && p->prompt_end[0] != '\0');
}

/* A pair where there has to be one; type_ids of its own has one text only. */
static bool check_texts(slot *s, const bert_encoding *encoding)
{
    bert_tokens tokens = bert_encoding_tokens(encoding);
    bert_value  pair = bert_record_value(s->record, BERT_M_PAIR);
    size_t      i = 0;

    if (tokens.second < tokens.length) {
        return true;
    }
    if (shared.pair) {
        slot_bad(s, "its ids are not of a pair");
        return false;
    }
    while (pair.type != BERT_ABSENT && i < tokens.length &&
           tokens.type_ids[i] == 0) {
        i++;
    }
    if (pair.type != BERT_ABSENT && i < tokens.length) {
        slot_bad(s, "type_ids of a pair are not all 0, then all 1");
        return false;
    }
    return true;
}

static bool has(const slot *s, bert_member member)
{
    return bert_record_value(s->record, member).type != BERT_ABSENT;
}

static bool take_tokens(const preparer *p, slot *s, prepared *out,
                        prepare_scratch *scratch)
{
    bert_value  ids = bert_record_value(s->record, BERT_M_IDS);
    bert_tokens tokens = {.length = ids.count, .ids = ids.as.ints};
    bert_error  err;

    if (has_prompt(p)) {
        slot_bad(s, p->prompt_end != NULL
                        ? "a template cannot be put around ids"
                        : "a prompt cannot be put before ids (--prompt '' "
                          "turns it off)");
        return false;
    }
    if (!prepare_check_vocab(p->tokenizer, p->model_name, s) ||
        !read_special(s, scratch, &tokens)) {
        return false;
    }
    bert_value types = bert_record_value(s->record, BERT_M_TYPE_IDS);
    bert_value offsets = bert_record_value(s->record, BERT_M_OFFSETS);
    bert_value words = bert_record_value(s->record, BERT_M_WORDS);
    /* 1s alone are a second text's, but not of a record whose text is one. */
    tokens.second = has(s, BERT_M_TEXT) && !has(s, BERT_M_PAIR) ? ids.count : 0;
    tokens.type_ids = types.type == BERT_ABSENT ? NULL : types.as.ints;
    tokens.spans = offsets.type == BERT_ABSENT ? NULL : offsets.as.spans;
    tokens.words = words.type == BERT_ABSENT ? NULL : words.as.ints;
    if (!check_ids(p, s, &tokens)) {
        return false;
    }
    if (bert_encoding_set(out->encoding, &tokens,
                          bert_tokenizer_cls(p->tokenizer),
                          bert_tokenizer_sep(p->tokenizer), &err) != BERT_OK) {
        slot_fail(s, &err);
        return false;
    }
    return check_texts(s, out->encoding);
}

/* The prompt, the text and the prompt's end in one. */
static bool put_prompt(const preparer *p, slot *s, prepare_scratch *scratch,
                       bert_text *joined, bert_side *side)
{
    bert_buffer *b = &scratch->prompted;

    if (side->split) {
        slot_bad(s, p->prompt_end != NULL
                        ? "a template cannot be put around words already split"
                        : "a prompt cannot be put before words already split "
                          "(--prompt '' turns it off)");
        return false;
    }
    const char *before = p->prompt != NULL ? p->prompt : "";
    const char *after = p->prompt_end != NULL ? p->prompt_end : "";
    b->size = 0;
    if (!bert_buffer_put(b, before, strlen(before)) ||
        !bert_buffer_put(b, side->parts[0].data, side->parts[0].size) ||
        !bert_buffer_put(b, after, strlen(after))) {
        return slot_no_memory(s);
    }
    *joined = (bert_text){b->data, b->size};
    side->parts = joined;
    return true;
}

/* The members that hold the two texts. */
static void find_members(const preparer *p, const slot *s,
                         bert_member members[2])
{
    bool asked =
        p->question &&
        (bert_record_value(s->record, BERT_M_QUESTION).type != BERT_ABSENT ||
         bert_record_value(s->record, BERT_M_CONTEXT).type != BERT_ABSENT);

    members[0] = asked ? BERT_M_QUESTION : BERT_M_TEXT;
    members[1] = asked ? BERT_M_CONTEXT : BERT_M_PAIR;
}

static void say_missing(const preparer *p, slot *s, bert_member member)
{
    bert_text data;

    switch (member) {
    case BERT_M_PAIR:
        slot_bad(s, "no \"pair\"");
        break;
    case BERT_M_QUESTION:
        slot_bad(s, "no \"question\"");
        break;
    case BERT_M_CONTEXT:
        slot_bad(s, "no \"context\"");
        break;
    default:
        slot_bad(s, "%sno \"text\"%s",
                 p->question ? "no \"question\", and " : "",
                 p->question && bert_record_raw(s->record, "data", 4, &data)
                     ? " (say -i squad if this is a SQuAD file)"
                     : "");
    }
}

/* The sides of a record that is tokenised; false: it is bad. */
static bool find_sides(const preparer *p, slot *s, const bert_member *only,
                       bert_value values[2], bert_side sides[2], bool *has_pair)
{
    bert_member members[2];

    find_members(p, s, members);
    if (only != NULL) {
        members[0] = *only;
    }
    if (!record_side(s->record, members[0], &values[0], &sides[0])) {
        say_missing(p, s, members[0]);
        return false;
    }
    *has_pair = record_side(s->record, members[1], &values[1], &sides[1]);
    if (shared.pair && !*has_pair) {
        say_missing(p, s, members[1]);
        return false;
    }
    if (p->question && *has_pair && sides[1].split) {
        slot_bad(s, "the context is split into words: an answer would have no "
                    "place in it");
        return false;
    }
    if (*has_pair && only == NULL && p->type_count < 2) {
        slot_bad(s, "a pair, but the model knows one segment only");
        return false;
    }
    return true;
}

static bool take_text(const preparer *p, slot *s, const bert_member *only,
                      prepared *out, prepare_scratch *scratch)
{
    bert_value values[2];
    bert_side  sides[2];
    bert_text  joined;
    bert_error err;
    bool       has_pair = false;

    bert_encode_options encode = p->encode;
    encode.unit = record_unit(s->record);
    if (!find_sides(p, s, only, values, sides, &has_pair)) {
        return false;
    }
    if (has_prompt(p) && !put_prompt(p, s, scratch, &joined, &sides[0])) {
        return false;
    }
    if (bert_tokenizer_encode(p->tokenizer, &sides[0],
                              has_pair && only == NULL ? &sides[1] : NULL,
                              &encode, out->encoding, &err) != BERT_OK) {
        slot_fail(s, &err);
        return false;
    }
    bert_tokens tokens = bert_encoding_tokens(out->encoding);
    return bert_tokenizer_size(p->tokenizer) <= p->vocab_size ||
           check_ids(p, s, &tokens);
}

/* A record that could not be cut, if its question is the cause: if the context
   alone is cut or moves. */
static void explain_question(const preparer *p, slot *s, const prepared *out)
{
    const fitting *f = p->fitting;
    size_t         question = bert_encoding_tokens(out->encoding).second;

    if (!p->question || s->state != SLOT_BAD || f->mode == LONG_ERROR ||
        f->fit.strategy != BERT_ONLY_SECOND) {
        return;
    }
    bool overlap = f->mode == LONG_WINDOW && !f->fit.overlap_yields;
    slot_bad(s,
             "a question of %zu tokens, special ones included, leaves no room "
             "for the context in %zu (--max-length%s)",
             question, f->fit.max_length, overlap ? ", --overlap" : "");
}

/*
 * Where longest-first has to move both texts of a pair, for neither fits into
 * half a window, every part of the one meets every part of the other: then
 * 32 kB of text may be a minute's work. One text that moves makes as many
 * windows as its length asks for.
 */
static bool few_windows(const fitting *f, slot *s, const prepared *p)
{
    bert_tokens tokens = bert_encoding_tokens(p->encoding);
    size_t      count, size[2] = {0, 0}, room = f->fit.max_length;

    if (f->fit.strategy != BERT_LONGEST_FIRST ||
        bert_encoding_windows(p->encoding, &f->fit, &count, NULL) != BERT_OK ||
        count <= MOST_WINDOWS) {
        return true; /* what is wrong with them, the plan's maker says */
    }
    for (size_t i = 0; i < tokens.length; i++) {
        if (tokens.special[i]) {
            room--;
        } else {
            size[i >= tokens.second]++;
        }
    }
    if (size[0] <= room / 2 || size[1] <= room / 2) {
        return true;
    }
    slot_bad(s,
             "texts of %zu and %zu tokens make %zu windows, every part with "
             "every part: more than %d (--truncate only-second, --long "
             "truncate)",
             size[0], size[1], count, MOST_WINDOWS);
    return false;
}

bool prepare_fit(const fitting *f, slot *s, prepared *out,
                 window_scratch *scratch)
{
    bert_error  err;
    bert_status status = BERT_OK;
    size_t      length = bert_encoding_tokens(out->encoding).length;

    out->plan.count = 1;
    if (!f->limited || length <= f->fit.max_length) {
        return true;
    }
    switch (f->mode) {
    case LONG_TRUNCATE:
    case LONG_HEAD_TAIL: /* fit_choose() makes the first of it */
        status = bert_encoding_truncate(out->encoding, &f->fit, &err);
        out->truncated = true;
        break;
    case LONG_WINDOW:
        if (!few_windows(f, s, out)) {
            return false;
        }
        status =
            window_plan_make(&out->plan, out->encoding, &f->fit, scratch, &err);
        break;
    case LONG_ERROR:
        slot_bad(s, "%zu tokens: more than %zu (%s)", length, f->fit.max_length,
                 f->remedy);
        return false;
    }
    if (status != BERT_OK) {
        slot_fail(s, &err);
        return false;
    }
    return true;
}

static size_t count_id(const prepared *p, int32_t id)
{
    bert_tokens tokens = bert_encoding_tokens(p->encoding);
    size_t      count = 0;

    for (size_t i = 0; id >= 0 && i < tokens.length; i++) {
        count += tokens.ids[i] == id;
    }
    return count;
}

bool prepare_record(const preparer *p, slot *s, const bert_member *side,
                    prepared *out, prepare_scratch *scratch)
{
    bool ids = bert_record_value(s->record, BERT_M_IDS).type != BERT_ABSENT;

    out->truncated = false;
    if (out->encoding == NULL) {
        out->encoding = bert_encoding_new();
        if (out->encoding == NULL) {
            return slot_no_memory(s);
        }
    }
    if (ids && side != NULL) {
        slot_bad(s, "has ids: texts are compared, not tokens");
        return false;
    }
    if (!(ids ? take_tokens(p, s, out, scratch)
              : take_text(p, s, side, out, scratch))) {
        return false;
    }
    out->counted = count_id(out, p->counted);
    if (!prepare_fit(p->fitting, s, out, &scratch->windows)) {
        explain_question(p, s, out);
        return false;
    }
    s->cut |= out->truncated;
    return true;
}

size_t prepared_tokens(const prepared *p)
{
    size_t length = bert_encoding_tokens(p->encoding).length;

    return p->plan.count == 1 ? length : p->plan.starts[p->plan.count];
}

void prepared_free(prepared *p)
{
    bert_encoding_free(p->encoding);
    window_plan_free(&p->plan);
    *p = (prepared){0};
}

void prepare_scratch_free(prepare_scratch *scratch)
{
    window_scratch_free(&scratch->windows);
    bert_buffer_free(&scratch->prompted);
    free(scratch->special);
    *scratch = (prepare_scratch){0};
}
