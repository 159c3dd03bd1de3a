/*
 * head.c - finding a head among the weights, and the small ones' logits
 */
#include "model/head.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "model/linear.h"

enum { NAME_SIZE = 256, MAX_LABELS = 1 << 20 };

/* ---- tensors --------------------------------------------------------------
 */

bert_status head_tensor(bert_head *head, const char *name, size_t rows,
                        size_t columns, tensor *out, bert_error *err)
{
    return weights_tensor(&head->copies, head->model->file, name, rows, columns,
                          out, err);
}

bert_status head_weight(bert_head *head, const char *stem, size_t rows,
                        tensor *out, bert_error *err)
{
    size_t H = (size_t)head->model->config.sizes.hidden_size;
    char   name[NAME_SIZE];

    snprintf(name, sizeof name, "%s.weight", stem);
    return head_tensor(head, name, rows, H, out, err);
}

bert_status head_linear(bert_head *head, const char *stem, size_t rows,
                        linear *out, bert_error *err)
{
    char   name[NAME_SIZE];
    tensor bias;

    bert_status s = head_weight(head, stem, rows, &out->weight, err);
    if (s == BERT_OK) {
        snprintf(name, sizeof name, "%s.bias", stem);
        s = head_tensor(head, name, rows, 0, &bias, err);
    }
    if (s == BERT_OK) {
        out->bias = bias.data;
    }
    return s;
}

size_t head_rows(const bert_head *head, const char *stem, const char *suffix)
{
    char   name[NAME_SIZE];
    tensor t;

    snprintf(name, sizeof name, "%s%s", stem, suffix);
    return tensors_find(head->model->file, name, &t) && t.rank > 0 ? t.shape[0]
                                                                   : 0;
}

/* ---- which heads there are ------------------------------------------------
 */

typedef struct known {
    const char *what, *tool;
    const char *architecture; /* ends the name in config.json; NULL: any */
} known;

static const known heads[] = {
    [BERT_HEAD_MASK] = {"masked words", "bert-mask", NULL},
    [BERT_HEAD_NSP] = {"the next sentence", "bert-nsp", NULL},
    [BERT_HEAD_TAG] = {"labels of tokens", "bert-tag",
                       "ForTokenClassification"},
    [BERT_HEAD_CLASSIFY] = {"labels of texts", "bert-classify",
                            "ForSequenceClassification"},
    [BERT_HEAD_QA] = {"answers", "bert-qa", NULL},
};
enum { HEADS = sizeof heads / sizeof heads[0] };

static const char *stem_of(const bert_head *head, bert_head_kind kind)
{
    const family *f = head->model->config.family;

    switch (kind) {
    case BERT_HEAD_MASK:
        return f->mask_dense;
    case BERT_HEAD_NSP:
        return f->nsp;
    case BERT_HEAD_TAG:
    case BERT_HEAD_CLASSIFY:
        return f->classifier;
    case BERT_HEAD_QA:
        return f->qa;
    }
    return NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/* A classifier's tensors are the same whether it is for tokens or for texts:
   the architecture tells; where it is not named, texts need a pooler. */
static bool architecture_allows(const bert_head *head, bert_head_kind kind)
{
    const json_t *list =
        json_object_get(head->model->config.object, "architectures");
    const char *name = json_string_value(json_array_get(list, 0));

    if (heads[kind].architecture == NULL) {
        return true;
    }
    if (name != NULL && strstr(name, "For") != NULL) {
        return ends_with(name, heads[kind].architecture);
    }
    return kind == BERT_HEAD_TAG || head->model->weights.has_pooler;
}

static bool has_head(const bert_head *head, bert_head_kind kind)
{
    return head_rows(head, stem_of(head, kind), ".weight") > 0 &&
           architecture_allows(head, kind);
}

static bert_status no_head(const bert_head *head, bert_error *err)
{
    char   found[256] = "";
    size_t size = 0;

    for (size_t k = 0; k < HEADS; k++) {
        if (has_head(head, (bert_head_kind)k)) {
            size += (size_t)snprintf(
                found + size, sizeof found - size, "%s one for %s (%s)",
                size == 0 ? "; it has" : ",", heads[k].what, heads[k].tool);
        }
    }
    return error_set(err, BERT_UNSUPPORTED, "%s: no head for %s in the model%s",
                     head->model->config.path, heads[head->kind].what,
                     size > 0 ? found
                              : "; it has no head that is known: it is one "
                                "for bert-embed");
}

/* ---- loading --------------------------------------------------------------
 */

static bert_status load_labelled(bert_head *head, bert_error *err)
{
    const char *stem = stem_of(head, head->kind);
    size_t      count = head_rows(head, stem, ".weight");

    if (count > MAX_LABELS) {
        return error_set(err, BERT_UNSUPPORTED, "%s.weight: %zu labels", stem,
                         count);
    }
    bert_status s = head_linear(head, stem, count, &head->out, err);
    return s == BERT_OK
               ? labels_read(&head->labels, &head->model->config, count, err)
               : s;
}

static bert_status check_pooler(bert_head *head, bert_error *err)
{
    head->pooled = true;
    return head->model->weights.has_pooler
               ? BERT_OK
               : error_set(err, BERT_BAD_FILE,
                           "%s: a head for %s, but no pooler to stand on",
                           head->model->config.path, heads[head->kind].what);
}

static bert_status load_kind(bert_head *head, bert_error *err)
{
    if (!has_head(head, head->kind)) {
        return no_head(head, err);
    }
    bert_status s = BERT_OK;
    switch (head->kind) {
    case BERT_HEAD_MASK:
        return mask_load(head, err);
    case BERT_HEAD_NSP:
        s = head_linear(head, stem_of(head, head->kind), 2, &head->out, err);
        return s == BERT_OK ? check_pooler(head, err) : s;
    case BERT_HEAD_TAG:
        return load_labelled(head, err);
    case BERT_HEAD_CLASSIFY:
        s = load_labelled(head, err);
        return s == BERT_OK ? check_pooler(head, err) : s;
    case BERT_HEAD_QA:
        return head_linear(head, stem_of(head, head->kind), 2, &head->out, err);
    }
    return error_set(err, BERT_BAD_CALL, "no such head");
}

bert_status bert_head_load(bert_head **out, bert_model *model,
                           bert_head_kind kind, bert_error *err)
{
    bert_head *head = memory_new_zeroed(1, sizeof *head);

    if (head == NULL) {
        return error_memory(err);
    }
    head->model = model;
    head->kind = kind;
    bert_status s = load_kind(head, err);
    if (s != BERT_OK) {
        bert_head_free(head);
        return s;
    }
    *out = head;
    return BERT_OK;
}

void bert_head_free(bert_head *head)
{
    if (head == NULL) {
        return;
    }
    mask_clear(head);
    labels_clear(&head->labels);
    copies_clear(&head->copies);
    memory_free(head);
}

size_t bert_head_outputs(const bert_head *head)
{
    return head->out.weight.shape[0];
}

const char *bert_head_label(const bert_head *head, size_t i)
{
    return i < head->labels.count ? head->labels.names[i] : NULL;
}

size_t bert_head_unnamed(const bert_head *head)
{
    return head->labels.unnamed;
}

bert_problem bert_head_problem(const bert_head *head)
{
    return head->labels.problem;
}

const char *bert_head_activation(const bert_head *head)
{
    return head->labels.activation;
}

/* ---- running --------------------------------------------------------------
 */

size_t bert_head_scratch(const bert_head *head)
{
    return head->pooled ? (size_t)head->model->config.sizes.hidden_size : 0;
}

void bert_head_run(const bert_head *head, const float *rows, size_t n,
                   size_t stride, float *scratch, float *logits)
{
    const kernels *k = head->model->kernels;
    size_t         C = bert_head_outputs(head);
    size_t         H = head->out.weight.shape[1];

    for (size_t i = 0; i < n; i++) {
        const float *row = rows + i * stride;
        if (head->pooled) {
            linear_row(&head->model->weights.pooler, k, row, scratch);
            k->bias_act(KERNEL_TANH, scratch, NULL, scratch, H);
            row = scratch;
        }
        linear_row(&head->out, k, row, logits + i * C);
    }
}

void bert_head_softmax(const bert_head *head, const float *x, size_t n,
                       float *y)
{
    head->model->kernels->softmax(x, y, n);
}
