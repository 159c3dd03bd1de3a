/*
 * step.c - the modules after the pooling: Dense, LayerNorm, Normalize
 *
 * As sentence_transformers 6.2 reads and runs them: base/modules/dense.py,
 * sentence_transformer/modules/layer_norm.py, base/modules/normalize.py. They
 * run once a text, so a plain product of rows serves.
 */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "model/sentence.h"
#include "model/weights_file.h"

/* torch.nn.LayerNorm's default: the module's file does not give it. */
static const double layer_norm_eps = 1e-5;

/* A class of torch.nn by its name, whatever module it is imported from. */
static bert_status read_activation(step *out, const json_t *object,
                                   const char *name, bert_error *err)
{
    static const struct {
        const char *name;
        kernel_act  act;
    } classes[] = {
        {"Tanh", KERNEL_TANH}, {"Identity", KERNEL_IDENTITY},
        {"ReLU", KERNEL_RELU}, {"GELU", KERNEL_GELU},
        {"SiLU", KERNEL_SILU}, {"Sigmoid", KERNEL_SIGMOID},
    };
    const char *path = "torch.nn.Tanh"; /* Dense's own default */
    bool        found;

    bert_status s = json_get_string(object, "activation_function", name, &path,
                                    &found, err);
    if (s != BERT_OK) {
        return s;
    }
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof classes / sizeof classes[0];
         i++) {
        if (strncmp(path, "torch.nn.", 9) == 0 &&
            strcmp(dot + 1, classes[i].name) == 0) {
            out->act = classes[i].act;
            return BERT_OK;
        }
    }
    return error_set(err, BERT_UNSUPPORTED,
                     "%s: activation_function %s is not supported", name, path);
}

/* Modules may work on something else than the sentence's vector. */
static bert_status check_place(const json_t *object, const char *name,
                               bert_error *err)
{
    static const char *const keys[] = {"module_input_name",
                                       "module_output_name"};
    static const char *const only = "sentence_embedding";

    for (size_t i = 0; i < 2; i++) {
        const char *place = only;
        bool        found;
        bert_status s =
            json_get_string(object, keys[i], name, &place, &found, err);
        if (s != BERT_OK) {
            return s;
        }
        if (strcmp(place, only) != 0) {
            return error_set(err, BERT_UNSUPPORTED,
                             "%s: %s %s is not supported (%s is)", name,
                             keys[i], place, only);
        }
    }
    return BERT_OK;
}

/* An integer of the configuration that must be the width so far. */
static bert_status check_width(const json_t *object, const char *key,
                               size_t width, const char *name, bert_error *err)
{
    int64_t     number;
    bert_status s =
        json_get_int(object, key, name, 1, INT32_MAX, &number, NULL, err);

    if (s == BERT_OK && (size_t)number != width) {
        s = error_set(err, BERT_BAD_FILE,
                      "%s: %s is %lld, where the vector has %zu", name, key,
                      (long long)number, width);
    }
    return s;
}

static bert_status read_dense(step *out, const json_t *object, const char *name,
                              const char *folder, copies *keep, bert_error *err)
{
    int64_t width = 0;
    bool    bias = true, found;

    bert_status s = check_width(object, "in_features", out->in, name, err);
    if (s == BERT_OK) {
        s = json_get_int(object, "out_features", name, 1, 1 << 18, &width, NULL,
                         err);
        out->out = (size_t)width;
    }
    if (s == BERT_OK) {
        s = json_get_bool(object, "bias", name, &bias, &found, err);
    }
    if (s == BERT_OK) {
        s = json_get_bool(object, "use_residual", name, &out->add_in, &found,
                          err);
    }
    if (s == BERT_OK) {
        s = read_activation(out, object, name, err);
    }
    if (s == BERT_OK) {
        s = weights_open(&out->file, folder, NULL, err);
    }
    if (s == BERT_OK) {
        s = weights_floats(keep, out->file, "linear.weight", out->out, out->in,
                           &out->weight, err);
    }
    if (s == BERT_OK && bias) {
        s = weights_floats(keep, out->file, "linear.bias", out->out, 0,
                           &out->bias, err);
    }
    if (s == BERT_OK && out->add_in && out->in != out->out) {
        s = weights_floats(keep, out->file, "residual.weight", out->out,
                           out->in, &out->residual, err);
    }
    return s;
}

static bert_status read_norm(step *out, const json_t *object, const char *name,
                             const char *folder, copies *keep, bert_error *err)
{
    bert_status s = check_width(object, "dimension", out->in, name, err);

    if (s == BERT_OK) {
        s = weights_open(&out->file, folder, NULL, err);
    }
    if (s == BERT_OK) {
        s = weights_floats(keep, out->file, "norm.weight", out->in, 0,
                           &out->weight, err);
    }
    if (s == BERT_OK) {
        s = weights_floats(keep, out->file, "norm.bias", out->in, 0, &out->bias,
                           err);
    }
    return s;
}

bert_status step_read(step *out, step_kind kind, const char *folder,
                      size_t width, copies *keep, bert_error *err)
{
    json_t *object = NULL;
    char   *name = file_join(folder, "config.json");

    if (name == NULL) {
        return error_memory(err);
    }
    *out = (step){.kind = kind, .in = width, .out = width};
    bert_status s = json_file_read(&object, name, kind != STEP_NORMALIZE, err);
    if (s == BERT_OK) {
        s = check_place(object, name, err);
    }
    if (s == BERT_OK && kind == STEP_DENSE) {
        s = read_dense(out, object, name, folder, keep, err);
    }
    if (s == BERT_OK && kind == STEP_LAYER_NORM) {
        s = read_norm(out, object, name, folder, keep, err);
    }
    if (s != BERT_OK) {
        step_clear(out);
    }
    json_decref(object);
    memory_free(name);
    return s;
}

void step_clear(step *s)
{
    tensors_free(s->file);
    *s = (step){0};
}

void step_normalize(float *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += (double)x[i] * (double)x[i];
    }
    double length = sqrt(sum);
    double scale = 1 / (length > 1e-12 ? length : 1e-12);
    for (size_t i = 0; i < n; i++) {
        x[i] = (float)(x[i] * scale);
    }
}

static void run_dense(const step *s, const kernels *k, const float *x, float *y)
{
    for (size_t i = 0; i < s->out; i++) {
        y[i] = k->dot(s->weight + i * s->in, x, s->in);
    }
    k->bias_act(s->act, y, s->bias, y, s->out);
    for (size_t i = 0; s->add_in && i < s->out; i++) {
        y[i] += s->residual != NULL ? k->dot(s->residual + i * s->in, x, s->in)
                                    : x[i];
    }
}

void step_run(const step *s, const kernels *k, float *x, float *y)
{
    switch (s->kind) {
    case STEP_DENSE:
        run_dense(s, k, x, y);
        break;
    case STEP_LAYER_NORM:
        k->layer_norm(x, NULL, NULL, s->weight, s->bias, layer_norm_eps, y,
                      s->in);
        break;
    case STEP_NORMALIZE:
        memcpy(y, x, s->in * sizeof *y);
        step_normalize(y, s->in);
        break;
    }
}
