/*
 * test_google_names.c - variables of Google's checkpoints, and a real one
 */
#include "test.h"

#include "io/safetensors.h"
#include "model/google_names.h"

static bert_error err;

/* As load_tf_weights_in_bert() of transformers 4.57.1 walks them. */
static void test_google_names_are_those_of_transformers(void)
{
    static const struct {
        const char *google, *ours;
        bool        transposed;
    } names[] = {
        {"bert/embeddings/word_embeddings",
         "bert.embeddings.word_embeddings.weight", false},
        {"module/bert/embeddings/token_type_embeddings",
         "bert.embeddings.token_type_embeddings.weight", false},
        {"bert/embeddings/LayerNorm/gamma", "bert.embeddings.LayerNorm.weight",
         false},
        {"bert/embeddings/LayerNorm/beta", "bert.embeddings.LayerNorm.bias",
         false},
        {"bert/encoder/layer_0/attention/self/query/kernel",
         "bert.encoder.layer.0.attention.self.query.weight", true},
        {"bert/encoder/layer_11/output/dense/bias",
         "bert.encoder.layer.11.output.dense.bias", false},
        {"module/bert/pooler/dense/kernel", "bert.pooler.dense.weight", true},
        {"cls/predictions/transform/dense/kernel",
         "cls.predictions.transform.dense.weight", true},
        {"cls/predictions/output_bias", "cls.predictions.bias", false},
        {"cls/seq_relationship/output_weights", "cls.seq_relationship.weight",
         false},
        {"cls/seq_relationship/output_bias", "cls.seq_relationship.bias",
         false},
        {"output_weights", "classifier.weight", false},
        {"output_bias", "classifier.bias", false},
        {"module/output_bias", "classifier.bias", false},
        {"cls/squad/output_weights", "qa_outputs.weight", false},
        {"cls/squad/output_bias", "qa_outputs.bias", false},
    };
    char out[64];
    bool transposed;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CHECK(google_name(names[i].google, out, sizeof out, &transposed));
        CHECK_TEXT(out, names[i].ours);
        CHECK_INT(transposed, names[i].transposed);
    }
}

static void test_google_names_leave_out_what_is_no_weight(void)
{
    static const char *const names[] = {
        "global_step",
        "bert/pooler/dense/kernel/adam_m",
        "bert/pooler/dense/kernel/adam_v",
        "AdamWeightDecayOptimizer/bert/pooler/dense/kernel",
        "bert/adam_m/kernel",
        "bert/embeddings/word_embeddings/adam_v",
        "beta1_power",
        "",
        "/",
        "module/",
        "layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE",
        "save_counter/.ATTRIBUTES/VARIABLE_VALUE",
    };
    char out[64];
    bool transposed;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (google_name(names[i], out, sizeof out, &transposed)) {
            CHECK_TEXT(names[i], out);
        }
    }
}

/* The name's end lies outside: none is written beyond, none is cut. */
static void test_google_names_fit_or_are_left_out(void)
{
    static const char name[] = "bert/encoder/layer_0/output/dense/kernel";
    static const char ours[] = "bert.encoder.layer.0.output.dense.weight";
    bool              transposed;

    for (size_t size = 1; size < sizeof ours + 2; size++) {
        char *out = malloc(size);
        bool  fits = google_name(name, out, size, &transposed);
        CHECK_INT(fits, size >= sizeof ours);
        if (fits) {
            CHECK_TEXT(out, ours);
        }
        free(out);
    }
}

static bool same_number(const tensor *want, const tensor *got, size_t i)
{
    const uint32_t *a = want->data, *b = got->data;
    size_t          rows = want->shape[0], columns = want->shape[1];

    return a[i] == b[got->transposed ? i % columns * rows + i / columns : i];
}

static void check_same(const tensors *want, const tensors *got)
{
    CHECK_INT(tensors_count(got), tensors_count(want));
    for (size_t i = 0; i < tensors_count(want); i++) {
        const char *name = tensors_name(want, i);
        tensor      a, b;
        size_t      differ = 0;
        CHECK(tensors_find(want, name, &a));
        CHECK(tensors_find(got, name, &b));
        CHECK(a.rank == b.rank && a.shape[0] == b.shape[0] &&
              (a.rank == 1 || a.shape[1] == b.shape[1]));
        for (size_t k = 0; !test_bad && k < tensor_count(&a); k++) {
            differ += !same_number(&a, &b, k);
        }
        if (test_bad || differ > 0) {
            printf("# %s: %zu numbers differ\n", name, differ);
            test_bad = true;
            return;
        }
    }
}

/* Google's own file, and what tests/gen/fetch-assets made of it. */
static void test_google_open_has_bert_base_to_the_bit(void)
{
    const char *assets = getenv("BERTUTILS_ASSETS");
    char        index[512], other[512];

    if (assets == NULL) {
        SKIP("BERTUTILS_ASSETS is not set");
    }
    snprintf(index, sizeof index,
             "%s/models/bert-base-cased/variables/variables.index", assets);
    snprintf(other, sizeof other, "%s/models/bert-base-cased/model.safetensors",
             assets);
    tensors *got = tensors_new(index), *want = tensors_new(other);
    CHECK_INT(google_open(got, index, &err), BERT_OK);
    CHECK_INT(safetensors_open(want, other, &err), BERT_OK);
    if (!test_bad) {
        check_same(want, got);
    }
    tensors_free(got);
    tensors_free(want);
}

int main(void)
{
    TEST(test_google_names_are_those_of_transformers);
    TEST(test_google_names_leave_out_what_is_no_weight);
    TEST(test_google_names_fit_or_are_left_out);
    TEST(test_google_open_has_bert_base_to_the_bit);
    TEST_END;
}
