/*
 * test_model.c - what bert_model_load() accepts of a folder and what it refuses
 */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tiny.h"

static char folder[512];

/* The folder "loaded" with a config of tiny-relu's shape, and its weights. */
#define CONFIG(vocab, H, A, act, rest)                                         \
    "{\"vocab_size\":" vocab ",\"hidden_size\":" H                             \
    ",\"num_hidden_layers\":1,\"num_attention_heads\":" A                      \
    ",\"intermediate_size\":32,\"max_position_embeddings\":20,"                \
    "\"type_vocab_size\":2,\"hidden_act\":" act rest "}"

static void write_bytes(const char *name, const void *bytes, size_t size)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size &&
          fclose(file) == 0);
}

static void write_config(const char *text)
{
    write_bytes("config.json", text, strlen(text));
}

/* The safetensors file of tiny-relu. */
static char  *weights;
static size_t weights_size;

static void read_weights(void)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/model.safetensors", tiny_path("tiny-relu"));
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        printf("not ok - no %s\n", path);
        exit(1);
    }
    weights = malloc(1 << 20);
    weights_size = fread(weights, 1, 1 << 20, file);
    fclose(file);
    snprintf(folder, sizeof folder, "%s", tiny_path("loaded"));
    mkdir(folder, 0777);
}

static void reset_folder(void)
{
    write_config(CONFIG("162", "16", "2", "\"relu\"", ""));
    write_bytes("model.safetensors", weights, weights_size);
}

static void refuse(bert_status status, const char *part)
{
    bert_model *model = NULL;
    bert_error  err = {0};

    CHECK_INT(bert_model_load(&model, folder, NULL, &err), status);
    if (strstr(err.message, part) == NULL) {
        test_bad = true;
        printf("# \"%s\" does not say \"%s\"\n", err.message, part);
    }
    CHECK(model == NULL);
    bert_model_free(model);
}

static void test_config_is_read(void)
{
    bert_model *model = NULL;
    bert_error  err;

    reset_folder();
    CHECK_OK(bert_model_load(&model, folder, NULL, &err));
    const bert_config *c = bert_model_config(model);
    CHECK_INT(c->vocab_size, 162);
    CHECK_INT(c->hidden_size, 16);
    CHECK_INT(c->max_position_embeddings, 20);
    CHECK_TEXT(c->hidden_act, "relu");
    CHECK_NEAR(c->layer_norm_eps, 1e-12, 0); /* Google's, where not given */
    bert_model_free(model);
}

static void test_what_cannot_run_is_refused_by_name(void)
{
    reset_folder();
    write_config(
        CONFIG("162", "16", "2", "\"relu\"", ",\"model_type\":\"roberta\""));
    refuse(BERT_UNSUPPORTED, "model_type roberta");
    write_config(CONFIG("162", "16", "2", "\"relu\"",
                        ",\"position_embedding_type\":\"relative_key\""));
    refuse(BERT_UNSUPPORTED, "relative_key");
    write_config(CONFIG("162", "16", "2", "\"relu\"", ",\"is_decoder\":true"));
    refuse(BERT_UNSUPPORTED, "is_decoder");
    write_config(CONFIG("162", "16", "2", "\"mish\"", ""));
    refuse(BERT_UNSUPPORTED, "hidden_act mish");
}

static void test_a_config_that_lies_is_refused(void)
{
    reset_folder();
    write_config(CONFIG("162", "16", "3", "\"relu\"", ""));
    refuse(BERT_BAD_FILE, "hidden_size 16 is not a multiple");
    write_config(CONFIG("0", "16", "2", "\"relu\"", ""));
    refuse(BERT_BAD_FILE, "vocab_size is 0, outside");
    write_config(CONFIG("99999999999", "16", "2", "\"relu\"", ""));
    refuse(BERT_BAD_FILE, "vocab_size");
    write_config(CONFIG("162", "16", "2", "7", ""));
    refuse(BERT_BAD_FILE, "hidden_act is not a string");
    write_config(
        CONFIG("162", "16", "2", "\"relu\"", ",\"layer_norm_eps\":-1"));
    refuse(BERT_BAD_FILE, "layer_norm_eps");
    write_config("{\"hidden_size\":16}");
    refuse(BERT_BAD_FILE, "vocab_size is missing");
    write_config("[]");
    refuse(BERT_BAD_FILE, "not a JSON object");
    write_config("");
    refuse(BERT_BAD_FILE, "config.json");
}

static void test_config_and_weights_that_disagree_name_both_shapes(void)
{
    reset_folder();
    write_config(CONFIG("163", "16", "2", "\"relu\"", ""));
    refuse(BERT_BAD_FILE, "embeddings.word_embeddings.weight: shape [162,16]");
    refuse(BERT_BAD_FILE, "asks for [163,16]");
    write_config(CONFIG("162", "18", "2", "\"relu\"", ""));
    refuse(BERT_BAD_FILE, "[162,18]");
}

/* The weights with one word of the header replaced by another as long. */
static void write_changed(const char *from, const char *to)
{
    char *copy = malloc(weights_size);

    memcpy(copy, weights, weights_size);
    for (size_t i = 8; i + strlen(from) < weights_size; i++) {
        if (memcmp(copy + i, from, strlen(from)) == 0) {
            memcpy(copy + i, to, strlen(to));
            break;
        }
    }
    write_bytes("model.safetensors", copy, weights_size);
    free(copy);
}

static void test_weights_that_are_missing_or_no_floats_are_refused(void)
{
    reset_folder();
    write_changed("layer.0.attention.self.key.bias",
                  "layer.0.attention.self.kex.bias");
    refuse(BERT_BAD_FILE, "no tensor encoder.layer.0.attention.self.key.bias");
    write_changed("layer.0.output.LayerNorm.weight",
                  "layer.0.output.LayerNorm.weighs");
    refuse(BERT_BAD_FILE, "no tensor encoder.layer.0.output.LayerNorm.weight");
    write_changed("F32", "I32");
    refuse(BERT_UNSUPPORTED, "type I32 is not supported");
    write_bytes("model.safetensors", weights, weights_size - 1);
    refuse(BERT_BAD_FILE, "model.safetensors");
}

static void test_weights_in_another_form_are_named(void)
{
    char path[1024];

    reset_folder();
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    CHECK(remove(path) == 0);
    refuse(BERT_IO, "model.safetensors");
    write_bytes("model.onnx", "", 0);
    refuse(BERT_UNSUPPORTED, "model.onnx: weights in this form");
    snprintf(path, sizeof path, "%s/model.onnx", folder);
    CHECK(remove(path) == 0);
    write_bytes("pytorch_model.bin", "", 0);
    refuse(BERT_BAD_FILE, "pytorch_model.bin: not a file of torch.save()");
    snprintf(path, sizeof path, "%s/pytorch_model.bin", folder);
    CHECK(remove(path) == 0);
    snprintf(path, sizeof path, "%s/config.json", folder);
    CHECK(remove(path) == 0);
    refuse(BERT_IO, "config.json");
}

static void test_kernels_that_are_not_here_are_refused(void)
{
    bert_model        *model = NULL;
    bert_model_options options = {.kernels = "sse9"};
    bert_error         err;

    reset_folder();
    CHECK_INT(bert_model_load(&model, folder, &options, &err), BERT_BAD_CALL);
    CHECK(strstr(err.message, "sse9") != NULL);
#ifdef __aarch64__
    options.kernels = "avx2";
#else
    options.kernels = "neon";
#endif
    CHECK_INT(bert_model_load(&model, folder, &options, &err),
              BERT_UNSUPPORTED);
    options.kernels = "ref,refgemm";
    CHECK_OK(bert_model_load(&model, folder, &options, &err));
    bert_model_free(model);
}

static void test_the_library_starts_when_it_is_asked_for(void)
{
    bert_model        *model = NULL;
    bert_model_options options = {.kernels = "ref,refgemm"};
    bert_error         err;

    reset_folder();
    CHECK_OK(bert_model_load(&model, folder, &options, &err));
    CHECK(strcmp(bert_model_kernels(model), "ref") == 0);
    CHECK_OK(bert_model_start(model, &err));
    CHECK(strncmp(bert_model_kernels(model), "ref, refgemm", 12) == 0);
    const char *started = bert_model_kernels(model);
    CHECK_OK(bert_model_start(model, &err));
    CHECK(bert_model_kernels(model) == started);
    bert_model_free(model);
}

/* The last hidden state [5,16] of the folder's model for sequence 5. */
static bert_status run_folder(float out[5 * 16], bert_error *err)
{
    bert_model     *model = NULL;
    bert_workspace *ws = NULL;
    bert_batch     *batch = bert_batch_new();
    bert_hidden     h;

    tiny_add(batch, 5);
    bert_status s = bert_model_load(&model, folder, NULL, err);
    if (s == BERT_OK) {
        s = bert_workspace_new(&ws, model, NULL, err);
    }
    if (s == BERT_OK) {
        s = bert_encoder_run(model, batch, NULL, 0, ws, &h, err);
    }
    if (s == BERT_OK) {
        memcpy(out, h.values, 5 * 16 * sizeof(float));
    }
    bert_workspace_free(ws);
    bert_batch_free(batch);
    bert_model_free(model);
    return s;
}

static void test_tensors_that_lie_unaligned_give_the_same_bits(void)
{
    float      aligned[5 * 16] = {0}, other[5 * 16] = {1};
    bert_error err;
    char      *moved = malloc(weights_size + 1);

    reset_folder();
    CHECK_OK(run_folder(aligned, &err));
    /* One blank more at the end of the header. */
    size_t header =
        (unsigned char)weights[0] | (size_t)(unsigned char)weights[1] << 8;
    memcpy(moved, weights, 8 + header);
    moved[0] = (char)((header + 1) & 0xFF);
    moved[1] = (char)((header + 1) >> 8);
    moved[8 + header] = ' ';
    memcpy(moved + 9 + header, weights + 8 + header, weights_size - 8 - header);
    write_bytes("model.safetensors", moved, weights_size + 1);
    CHECK_OK(run_folder(other, &err));
    CHECK(memcmp(aligned, other, sizeof aligned) == 0);
    free(moved);
}

static void test_results_that_are_not_finite_are_errors(void)
{
    static const unsigned char infinity[] = {0, 0, 0x80, 0x7F};
    float                      out[5 * 16];
    bert_error                 err;
    char                      *copy = malloc(weights_size);

    reset_folder();
    memcpy(copy, weights, weights_size);
    memcpy(copy + weights_size - 4, infinity, 4); /* a norm's bias */
    write_bytes("model.safetensors", copy, weights_size);
    CHECK_INT(run_folder(out, &err), BERT_BAD_INPUT);
    CHECK_TEXT(err.message, "a hidden state is not finite");
    free(copy);
}

int main(void)
{
    tiny_read_sequences();
    read_weights();
    TEST(test_config_is_read);
    TEST(test_what_cannot_run_is_refused_by_name);
    TEST(test_a_config_that_lies_is_refused);
    TEST(test_config_and_weights_that_disagree_name_both_shapes);
    TEST(test_weights_that_are_missing_or_no_floats_are_refused);
    TEST(test_weights_in_another_form_are_named);
    TEST(test_kernels_that_are_not_here_are_refused);
    TEST(test_the_library_starts_when_it_is_asked_for);
    TEST(test_tensors_that_lie_unaligned_give_the_same_bits);
    TEST(test_results_that_are_not_finite_are_errors);
    free(weights);
    TEST_END;
}
