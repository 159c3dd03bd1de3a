/*
 * google_names.c - Google's checkpoints, under the names that transformers has
 */
#include "model/google_names.h"

#include <string.h>

#include "io/tf_bundle.h"

enum { NAME_SIZE = 256 };

/* A name that is being written. */
typedef struct writer {
    char  *out;
    size_t size, used;
    bool   full;
} writer;

static void put(writer *w, const char *text, size_t size)
{
    if (size >= w->size - w->used) {
        w->full = true;
        return;
    }
    memcpy(w->out + w->used, text, size);
    w->used += size;
    w->out[w->used] = '\0';
}

/* A part of a name between slashes. */
typedef struct part {
    const char *text;
    size_t      size;
} part;

static bool is(part p, const char *text)
{
    return strlen(text) == p.size && memcmp(p.text, text, p.size) == 0;
}

static bool is_one_of(part p, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is(p, texts[i])) {
            return true;
        }
    }
    return false;
}

static bool ends(part p, const char *text)
{
    size_t size = strlen(text);

    return p.size > size && memcmp(p.text + p.size - size, text, size) == 0;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "layer_0": letters, '_', digits. Where the '_' is, or 0. */
static size_t number_at(part p)
{
    size_t at = 0, end;

    while (at < p.size && is_letter(p.text[at])) {
        at++;
    }
    if (at == 0 || at + 1 >= p.size || p.text[at] != '_') {
        return 0;
    }
    for (end = at + 1; end < p.size && is_digit(p.text[end]); end++) {
    }
    return end == p.size ? at : 0;
}

/* What a variable's last part is called; NULL: no weight. */
static const char *leaf_name(part p)
{
    static const struct {
        const char *google, *ours;
    } leaves[] = {
        {"kernel", "weight"},    {"gamma", "weight"},
        {"beta", "bias"},        {"bias", "bias"},
        {"output_bias", "bias"}, {"output_weights", "weight"},
    };

    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        if (is(p, leaves[i].google)) {
            return leaves[i].ours;
        }
    }
    return ends(p, "_embeddings") ? "" : NULL;
}

/* Scopes before the last part, with dots between them. false: an optimizer's.
 */
static bool put_scopes(writer *w, part scopes)
{
    static const char *const state[] = {"adam_m", "adam_v",
                                        "AdamWeightDecayOptimizer",
                                        "AdamWeightDecayOptimizer_1"};

    while (scopes.size > 0) {
        const char *slash = memchr(scopes.text, '/', scopes.size);
        part        p = {scopes.text, (size_t)(slash - scopes.text)};
        if (is_one_of(p, state, sizeof state / sizeof state[0])) {
            return false;
        }
        size_t number = number_at(p);
        put(w, p.text, number > 0 ? number : p.size);
        if (number > 0) {
            put(w, ".", 1);
            put(w, p.text + number + 1, p.size - number - 1);
        }
        put(w, ".", 1);
        scopes.text += p.size + 1;
        scopes.size -= p.size + 1;
    }
    return true;
}

bool google_name(const char *name, char *out, size_t size, bool *transposed)
{
    static const char hub[] = "module/";
    writer            w = {.out = out, .size = size};

    if (strncmp(name, hub, sizeof hub - 1) == 0) {
        name += sizeof hub - 1;
    }
    part        whole = {name, strlen(name)};
    const char *slash = strrchr(name, '/');
    const char *last = slash != NULL ? slash + 1 : name;
    part        scopes = {name, (size_t)(last - name)};
    part        leaf = {last, strlen(last)};
    const char *ours = leaf_name(leaf);

    if (ours == NULL) {
        return false;
    }
    *transposed = is(leaf, "kernel");
    if (is(scopes, "cls/squad/")) {
        put(&w, "qa_outputs.", 11);
    } else if (is(whole, "output_weights") || is(whole, "output_bias")) {
        put(&w, "classifier.", 11);
    } else if (!put_scopes(&w, scopes)) {
        return false;
    }
    if (ours[0] == '\0') {
        put(&w, leaf.text, leaf.size);
        put(&w, ".", 1);
        ours = "weight";
    }
    put(&w, ours, strlen(ours));
    return !w.full;
}

/* One variable of the bundle, if it is a weight. */
static bert_status add(tensors *into, tf_bundle *bundle, size_t i, size_t *kept,
                       bert_error *err)
{
    char        name[NAME_SIZE];
    bool        transposed;
    tensor      view;
    const char *file;

    if (!google_name(tf_bundle_name(bundle, i), name, sizeof name,
                     &transposed)) {
        return BERT_OK;
    }
    bert_status s = tf_bundle_tensor(bundle, i, &view, &file, err);
    if (s != BERT_OK) {
        return s;
    }
    if (transposed && view.rank == 2) {
        size_t rows = view.shape[1];
        view.shape[1] = view.shape[0];
        view.shape[0] = rows;
        view.transposed = true;
    }
    ++*kept;
    return tensors_add(into, name, &view, file, err);
}

static void release_bundle(void *owner)
{
    tf_bundle_close(owner);
}

bert_status google_open(tensors *into, const char *path, bert_error *err)
{
    tf_bundle *bundle = NULL;
    size_t     kept = 0;

    bert_status s = tf_bundle_open(&bundle, path, err);
    if (s != BERT_OK) {
        return s;
    }
    s = tensors_keep(into, bundle, release_bundle, err);
    for (size_t i = 0; s == BERT_OK && i < tf_bundle_count(bundle); i++) {
        s = add(into, bundle, i, &kept, err);
    }
    /* What Keras saves is a graph of objects, by its own names. */
    for (size_t i = 0; s == BERT_OK && kept == 0 && i < tf_bundle_count(bundle);
         i++) {
        if (strcmp(tf_bundle_name(bundle, i), "_CHECKPOINTABLE_OBJECT_GRAPH") ==
            0) {
            s = error_set(err, BERT_UNSUPPORTED,
                          "%s: a checkpoint of Keras's objects is not "
                          "supported (one of google-research/bert is)",
                          path);
        }
    }
    return s;
}
