/*
 * classify_choose.c - what bert-classify makes of its options and its model
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/classify.h"
#include "common/report.h"
#include "common/shared.h"

static score_function choose_function(const loaded         *l,
                                      const classify_asked *own)
{
    const char    *activation = bert_head_activation(l->head);
    score_function function = SCORE_NONE;

    if (own->multi || own->raw || own->function != NOT_GIVEN) {
        return own->multi ? SCORE_SIGMOID
               : own->raw ? SCORE_NONE
                          : (score_function)own->function;
    }
    switch (score_function_of(bert_head_problem(l->head),
                              bert_head_outputs(l->head), activation,
                              &function)) {
    case SCORE_IS_KNOWN:
        break;
    case SCORE_NOT_TRUSTED:
        report_warning("%s: the activation %.128s is code of its own, which is "
                       "not run: %s, as sentence-transformers does",
                       l->folder, activation,
                       function == SCORE_NONE ? "scores are the logits"
                                              : "sigmoid");
        break;
    case SCORE_NOT_KNOWN:
        stop_error("%s: the activation %.128s is not supported: give "
                   "--function softmax, sigmoid or none",
                   l->folder, activation);
    }
    return function;
}

static void read_map(classifier *c, const char *map)
{
    size_t       C = bert_head_outputs(c->head);
    const char **labels = alloc_zeroed(C, sizeof *labels);
    bert_error   err;

    if (c->function != SCORE_SOFTMAX) {
        usage_error("--score-map needs scores that sum to 1, and the model's "
                    "do not (--function softmax)");
    }
    for (size_t i = 0; i < C; i++) {
        labels[i] = bert_head_label(c->head, i);
    }
    c->values = alloc_zeroed(C, sizeof *c->values);
    if (score_map_parse(map, labels, C, c->values, &err) != BERT_OK) {
        usage_error("--score-map: %s", err.message);
    }
    free(labels);
}

/* One output, or an expected value: a number. Several numbers that do not
   compete are all written, in the order of the model. */
static void choose_mode(classifier *c, const classify_asked *own)
{
    size_t C = bert_head_outputs(c->head);
    bool   numbers =
        bert_head_problem(c->head) == BERT_PROBLEM_REGRESSION && C > 1;
    bool listed = own->all || own->multi || (own->best > 0 && !own->rank);

    c->mode = CLASSIFY_LABEL;
    if (own->map != NULL) {
        c->mode = CLASSIFY_SCORE;
    } else if (listed || numbers) {
        c->mode = CLASSIFY_LABELS;
        c->in_order = !listed;
    } else if (C == 1) {
        c->mode = CLASSIFY_SCORE;
    }
    if (own->reject != NULL && c->mode != CLASSIFY_LABEL) {
        usage_error("--reject: the model gives numbers, no label");
    }
    if (own->rank && c->mode != CLASSIFY_SCORE) {
        usage_error("--rank: the model has %zu labels: --score-map says what "
                    "each counts",
                    C);
    }
}

/* What the user calls the label goes into JSON; the tokenizer says whether it
   is UTF-8. */
static void check_reject(const loaded *l, const char *reject)
{
    bert_text      text = {reject, strlen(reject)};
    bert_side      side = {.parts = &text, .count = 1};
    bert_encoding *encoding = bert_encoding_new();
    bert_error     err = {BERT_NO_MEMORY, "out of memory"};

    if (encoding == NULL ||
        bert_tokenizer_encode(l->tokenizer, &side, NULL, NULL, encoding,
                              &err) == BERT_NO_MEMORY) {
        stop_library(&err);
    }
    if (bert_encoding_tokens(encoding).length == 0) {
        usage_error("--reject: the label is not UTF-8");
    }
    bert_encoding_free(encoding);
}

void classify_choose(classifier *c, const loaded *l, const classify_asked *own)
{
    c->head = l->head;
    c->function = choose_function(l, own);
    choose_mode(c, own);
    if (own->map != NULL) {
        read_map(c, own->map);
    }
    if (own->reject != NULL) {
        check_reject(l, own->reject);
    }
    c->reduce =
        own->reduce == NOT_GIVEN ? REDUCE_MEAN : (score_reduce)own->reduce;
    c->limit = own->rank ? 0 : own->best;
    c->has_least = own->multi;
    c->least = isnan(own->threshold) ? 0.5f : own->threshold;
    c->reject = own->reject;
    c->digits = (int)shared.digits;
    c->rank.member = own->group;
    c->rank.limit = own->best;
}
