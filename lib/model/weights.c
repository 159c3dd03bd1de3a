/*
 * weights.c - a family's tensor names to the fields of struct weights
 *
 * A tensor is found, its type and shape are checked, and its address kept. No
 * number is read of one that lies as f32 in rows, nor of one that is packed for
 * products later; others are copied.
 */
#include "model/weights.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { NAME_SIZE = 256 };

/* What finding a tensor needs. */
typedef struct finder {
    weights       *out;
    const tensors *file;
    const config  *config;
    const char    *prefix; /* "" or the family's */
} finder;

static bert_status copy_floats(copies *keep, tensor *t, bert_error *err)
{
    void *blocks = keep->blocks;
    bool  room = memory_reserve(&blocks, &keep->capacity, keep->count + 1,
                                sizeof *keep->blocks);

    keep->blocks = blocks;
    float *copy =
        room ? memory_new_aligned(tensor_count(t), sizeof *copy) : NULL;
    if (copy == NULL) {
        return error_memory(err);
    }
    keep->blocks[keep->count++] = copy;
    tensor_floats(t, copy);
    t->data = copy;
    t->type = DTYPE_F32;
    t->transposed = false;
    return BERT_OK;
}

void copies_clear(copies *c)
{
    for (size_t i = 0; i < c->count; i++) {
        memory_free(c->blocks[i]);
    }
    memory_free(c->blocks);
    *c = (copies){0};
}

bert_status weights_stored(const tensors *file, const char *name, size_t rows,
                           size_t columns, tensor *out, bert_error *err)
{
    const char  *path = tensors_path(file, name);
    const tensor want = {.rank = columns == 0 ? 1 : 2,
                         .shape = {rows, columns}};
    char         got_text[96], want_text[96];

    if (!tensors_find(file, name, out)) {
        return error_set(err, BERT_BAD_FILE, "%s: no tensor %s", path, name);
    }
    if (out->rank != want.rank || out->shape[0] != rows ||
        (columns != 0 && out->shape[1] != columns)) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: %s: shape %s, where the configuration asks for "
                         "%s",
                         path, name,
                         tensor_shape_text(out, got_text, sizeof got_text),
                         tensor_shape_text(&want, want_text, sizeof want_text));
    }
    if (!dtype_is_float(out->type)) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: %s: type %s is not supported (F32, F16, BF16 and "
                         "F64 are)",
                         path, name, dtype_name(out->type));
    }
    return BERT_OK;
}

bert_status weights_tensor(copies *keep, const tensors *file, const char *name,
                           size_t rows, size_t columns, tensor *out,
                           bert_error *err)
{
    bert_status s = weights_stored(file, name, rows, columns, out, err);

    return s == BERT_OK && !tensor_is_floats(out) ? copy_floats(keep, out, err)
                                                  : s;
}

bert_status weights_floats(copies *keep, const tensors *file, const char *name,
                           size_t rows, size_t columns, const float **out,
                           bert_error *err)
{
    tensor      t;
    bert_status s = weights_tensor(keep, file, name, rows, columns, &t, err);

    if (s == BERT_OK) {
        *out = t.data;
    }
    return s;
}

/* "<prefix><stem><suffix>"; in a layer, "<prefix><layers>.<i>.<stem>...". */
static const char *full_name(const finder *f, char *name, const char *stem,
                             const char *suffix)
{
    snprintf(name, NAME_SIZE, "%s%s%s", f->prefix, stem, suffix);
    return name;
}

static bert_status find_table(const finder *f, const char *stem, int32_t rows,
                              const float **out, bert_error *err)
{
    char name[NAME_SIZE];

    return weights_floats(&f->out->copies, f->file,
                          full_name(f, name, stem, ".weight"), (size_t)rows,
                          (size_t)f->config->sizes.hidden_size, out, err);
}

/* A weight that is packed for products stays as the file has it until then. */
static bert_status find_linear(const finder *f, const char *stem, int32_t rows,
                               int32_t columns, bool packed, linear *out,
                               bert_error *err)
{
    char   name[NAME_SIZE];
    size_t m = (size_t)rows, n = (size_t)columns;

    full_name(f, name, stem, ".weight");
    bert_status s = packed
                        ? weights_stored(f->file, name, m, n, &out->weight, err)
                        : weights_tensor(&f->out->copies, f->file, name, m, n,
                                         &out->weight, err);
    return s == BERT_OK ? weights_floats(&f->out->copies, f->file,
                                         full_name(f, name, stem, ".bias"), m,
                                         0, &out->bias, err)
                        : s;
}

/* One of a norm's two tensors, under its name or the one TensorFlow gave it. */
static bert_status norm_part(copies *keep, const tensors *file,
                             const char *stem, const char *const suffixes[2],
                             size_t n, const float **out, bert_error *err)
{
    char name[NAME_SIZE];

    snprintf(name, sizeof name, "%s%s", stem, suffixes[0]);
    if (!tensors_find(file, name, NULL)) {
        snprintf(name, sizeof name, "%s%s", stem, suffixes[1]);
    }
    if (!tensors_find(file, name, NULL)) { /* neither: that of today is named */
        snprintf(name, sizeof name, "%s%s", stem, suffixes[0]);
    }
    return weights_floats(keep, file, name, n, 0, out, err);
}

bert_status weights_norm(copies *keep, const tensors *file, const char *stem,
                         size_t n, norm *out, bert_error *err)
{
    static const char *const gain[] = {".weight", ".gamma"};
    static const char *const shift[] = {".bias", ".beta"};
    bert_status s = norm_part(keep, file, stem, gain, n, &out->gamma, err);

    return s == BERT_OK ? norm_part(keep, file, stem, shift, n, &out->beta, err)
                        : s;
}

static bert_status find_norm(const finder *f, const char *stem, norm *out,
                             bert_error *err)
{
    char name[NAME_SIZE];

    return weights_norm(&f->out->copies, f->file, full_name(f, name, stem, ""),
                        (size_t)f->config->sizes.hidden_size, out, err);
}

linear *layer_product(layer *l, size_t i)
{
    linear *const products[LAYER_PRODUCTS] = {&l->query,  &l->key,
                                              &l->value,  &l->intermediate,
                                              &l->output, &l->attention_output};

    return products[i];
}

static bert_status find_layer(const finder *f, size_t i, layer *out,
                              bert_error *err)
{
    const family *fam = f->config->family;
    int32_t       H = f->config->sizes.hidden_size;
    int32_t       F = f->config->sizes.intermediate_size;
    const struct {
        const char *stem;
        int32_t     rows, columns;
        linear     *out;
    } linears[] = {
        {fam->query, H, H, &out->query},
        {fam->key, H, H, &out->key},
        {fam->value, H, H, &out->value},
        {fam->attention_output, H, H, &out->attention_output},
        {fam->intermediate, F, H, &out->intermediate},
        {fam->output, H, F, &out->output},
    };
    char        stem[NAME_SIZE];
    bert_status s = BERT_OK;

    for (size_t k = 0; k < sizeof linears / sizeof linears[0]; k++) {
        snprintf(stem, sizeof stem, "%s.%zu.%s", fam->layers, i,
                 linears[k].stem);
        s = find_linear(f, stem, linears[k].rows, linears[k].columns, true,
                        linears[k].out, err);
        if (s != BERT_OK) {
            return s;
        }
    }
    snprintf(stem, sizeof stem, "%s.%zu.%s", fam->layers, i,
             fam->attention_norm);
    s = find_norm(f, stem, &out->attention_norm, err);
    if (s != BERT_OK) {
        return s;
    }
    snprintf(stem, sizeof stem, "%s.%zu.%s", fam->layers, i, fam->output_norm);
    return find_norm(f, stem, &out->output_norm, err);
}

static bert_status find_embeddings(const finder *f, bert_error *err)
{
    const bert_config *c = &f->config->sizes;
    const family      *fam = f->config->family;
    char               name[NAME_SIZE];
    tensor             word;

    bert_status s = find_table(f, fam->word, c->vocab_size, &f->out->word, err);
    if (s == BERT_OK) {
        (void)tensors_find(f->file, full_name(f, name, fam->word, ".weight"),
                           &word);
        f->out->word_stored = word.data;
        s = find_table(f, fam->position, c->max_position_embeddings,
                       &f->out->position, err);
    }
    if (s == BERT_OK) {
        s = find_table(f, fam->type, c->type_vocab_size, &f->out->type, err);
    }
    if (s == BERT_OK) {
        s = find_norm(f, fam->embeddings_norm, &f->out->embeddings_norm, err);
    }
    return s;
}

/* Sentence encoders are stored without the prefix, models with a head with
   it: the word embeddings tell. */
static void choose_prefix(finder *f)
{
    char   name[NAME_SIZE];
    tensor t;

    f->prefix = f->config->family->prefix;
    if (!tensors_find(f->file,
                      full_name(f, name, f->config->family->word, ".weight"),
                      &t)) {
        f->prefix = "";
    }
}

bert_status weights_load(weights *out, const tensors *file, const config *c,
                         bert_error *err)
{
    finder f = {.out = out, .file = file, .config = c};
    size_t L = (size_t)c->sizes.num_hidden_layers;
    char   name[NAME_SIZE];
    tensor t;

    *out = (weights){0};
    choose_prefix(&f);
    bert_status s = find_embeddings(&f, err);
    if (s != BERT_OK) {
        return s;
    }
    out->layers = memory_new_zeroed(L, sizeof *out->layers);
    if (out->layers == NULL) {
        return error_memory(err);
    }
    out->layer_count = L;
    for (size_t i = 0; i < L && s == BERT_OK; i++) {
        s = find_layer(&f, i, &out->layers[i], err);
    }
    if (s == BERT_OK &&
        tensors_find(file, full_name(&f, name, c->family->pooler, ".weight"),
                     &t)) {
        out->has_pooler = true;
        s = find_linear(&f, c->family->pooler, c->sizes.hidden_size,
                        c->sizes.hidden_size, false, &out->pooler, err);
    }
    return s;
}

void weights_clear(weights *w)
{
    for (size_t i = 0; i < w->layer_count; i++) {
        for (size_t k = 0; k < LAYER_PRODUCTS; k++) {
            gemm_matrix_free(layer_product(&w->layers[i], k)->packed);
        }
    }
    memory_free(w->layers);
    copies_clear(&w->copies);
    *w = (weights){0};
}
