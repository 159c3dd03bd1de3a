/*
 * test_sentence.c - pooling and modules of the tiny models against
 * sentence-transformers, and what is refused of a folder
 */
#include "test.h"

#include <sys/stat.h>

#include "tiny.h"

static bert_model     *model;
static bert_workspace *ws;
static bert_batch     *batch;

static void open_model(const char *name)
{
    bert_error err;

    batch = bert_batch_new();
    CHECK_OK(bert_model_load(&model, tiny_path(name), NULL, &err));
    if (model == NULL) {
        exit(1);
    }
    CHECK_OK(bert_workspace_new(&ws, model, NULL, &err));
    if (ws == NULL) {
        exit(1);
    }
}

static void close_model(void)
{
    bert_batch_free(batch);
    bert_workspace_free(ws);
    bert_model_free(model);
    model = NULL;
    ws = NULL;
}

/* Pool sequence k, its first skip tokens left out, `each` rows at a time. */
static void pool_sequence(const bert_sentence *sentence, size_t k, size_t skip,
                          size_t each, float *out)
{
    bert_error  err;
    bert_hidden h = {0};
    bert_pool  *pool = NULL;

    bert_batch_clear(batch);
    tiny_add(batch, k);
    CHECK_OK(bert_encoder_run(model, batch, NULL, 0, ws, &h, &err));
    CHECK_OK(bert_pool_new(&pool, sentence, &err));
    bert_pool_begin(pool);
    bert_pool_skip(pool, skip);
    for (size_t t = skip; t < h.N; t += each) {
        bert_pool_add(pool, h.values + t * h.H, h.N - t < each ? h.N - t : each,
                      0);
    }
    CHECK_OK(bert_pool_end(pool, out, &err));
    bert_pool_free(pool);
}

/* ---- against sentence-transformers ----------------------------------------
 */

static const struct {
    const char  *name;
    bert_pooling pooling;
} modes[] = {{"cls", BERT_POOL_CLS},
             {"max", BERT_POOL_MAX},
             {"mean", BERT_POOL_MEAN},
             {"mean-sqrt", BERT_POOL_MEAN_SQRT},
             {"weighted-mean", BERT_POOL_WEIGHTED_MEAN},
             {"last", BERT_POOL_LAST}};

/* "cls,mean" */
static size_t read_modes(const char *names, bert_pooling *out)
{
    size_t count = 0;
    char   list[64];

    snprintf(list, sizeof list, "%s", names);
    for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
        for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
            if (strcmp(modes[i].name, name) == 0) {
                out[count++] = modes[i].pooling;
            }
        }
    }
    return count;
}

static void compare_pool(const tiny_line *line)
{
    bert_pooling          pooling[4];
    bert_sentence_options options = {.pooling = pooling, .normalize = BERT_NO};
    bert_sentence        *sentence = NULL;
    bert_error            err;
    float                 out[64];

    options.pooling_count = read_modes(line->words[2], pooling);
    CHECK_OK(bert_sentence_load(&sentence, tiny_path("tiny"), model, &options,
                                &err));
    CHECK_INT(bert_sentence_dims(sentence), line->count);
    pool_sequence(sentence, (size_t)atoi(line->words[3]),
                  (size_t)atoi(line->words[4]), 5, out);
    tiny_compare("pool", out, line);
    bert_sentence_free(sentence);
}

static void test_each_pooling_equals_sentence_transformers(void)
{
    open_model("tiny");
    CHECK(tiny_each("pool", compare_pool) > 0);
    close_model();
}

static void compare_pooler(const tiny_line *line)
{
    const bert_pooling    pooler = BERT_POOL_POOLER;
    bert_sentence_options options = {
        .pooling = &pooler, .pooling_count = 1, .normalize = BERT_NO};
    bert_sentence *sentence = NULL;
    bert_error     err;
    float          out[32];

    CHECK_OK(bert_sentence_load(&sentence, tiny_path("tiny"), model, &options,
                                &err));
    pool_sequence(sentence, (size_t)atoi(line->words[2]), 0, 100, out);
    tiny_compare("pooler", out, line);
    bert_sentence_free(sentence);
}

static void test_pooler_equals_transformers(void)
{
    open_model("tiny");
    CHECK(tiny_each("pooler", compare_pooler) > 0);
    close_model();
}

static const char    *wanted;
static bert_sentence *wanted_sentence;
static int            compared;

static void compare_vector(const tiny_line *line)
{
    float out[64];

    if (strcmp(line->words[1], wanted) == 0) {
        CHECK_INT(bert_sentence_dims(wanted_sentence), line->count);
        pool_sequence(wanted_sentence, (size_t)atoi(line->words[2]),
                      (size_t)atoi(line->words[3]), 100, out);
        tiny_compare("vector", out, line);
        compared++;
    }
}

static void compare_vectors(const char *name)
{
    bert_error err;

    wanted = name;
    compared = 0;
    CHECK_OK(bert_sentence_load(&wanted_sentence, tiny_path(name), model, NULL,
                                &err));
    tiny_each("vector", compare_vector);
    CHECK(compared > 0);
}

static void test_a_folder_with_normalize_is_obeyed(void)
{
    open_model("tiny");
    compare_vectors("tiny");
    CHECK(bert_sentence_normalized(wanted_sentence));
    CHECK(!bert_sentence_skips_prompt(wanted_sentence));
    CHECK_TEXT(bert_sentence_similarity(wanted_sentence), "cosine");
    CHECK(bert_sentence_prompt(wanted_sentence, NULL) == NULL);
    CHECK_TEXT(bert_sentence_prompt(wanted_sentence, "query"), "query: ");
    CHECK_TEXT(bert_sentence_prompt(wanted_sentence, "document"), "");
    CHECK(bert_sentence_prompt(wanted_sentence, "other") == NULL);
    bert_sentence_free(wanted_sentence);
    close_model();
}

static void test_joined_poolings_and_dense_modules_are_obeyed(void)
{
    open_model("tiny-dense");
    compare_vectors("tiny-dense");
    CHECK(!bert_sentence_normalized(wanted_sentence));
    CHECK(bert_sentence_skips_prompt(wanted_sentence));
    CHECK_TEXT(bert_sentence_similarity(wanted_sentence), "dot");
    CHECK_TEXT(bert_sentence_prompt(wanted_sentence, NULL), "doc: ");
    bert_sentence_free(wanted_sentence);
    close_model();
}

/* ---- options --------------------------------------------------------------
 */

static void test_dims_are_the_first_normalised_again(void)
{
    bert_sentence        *all = NULL, *first = NULL;
    bert_sentence_options options = {.dims = 8};
    bert_error            err;
    float                 long_one[32], short_one[8];
    double                length = 0;

    open_model("tiny");
    CHECK_OK(bert_sentence_load(&all, tiny_path("tiny"), model, NULL, &err));
    CHECK_OK(
        bert_sentence_load(&first, tiny_path("tiny"), model, &options, &err));
    CHECK_INT(bert_sentence_dims(first), 8);
    pool_sequence(all, 2, 0, 100, long_one);
    pool_sequence(first, 2, 0, 100, short_one);
    for (int i = 0; i < 8; i++) {
        length += (double)long_one[i] * (double)long_one[i];
    }
    for (int i = 0; i < 8; i++) {
        CHECK_NEAR(short_one[i], (double)long_one[i] / sqrt(length), 1e-6);
    }
    options.dims = 33;
    bert_sentence *none = NULL;
    CHECK_INT(
        bert_sentence_load(&none, tiny_path("tiny"), model, &options, &err),
        BERT_BAD_CALL);
    CHECK(none == NULL);
    bert_sentence_free(all);
    bert_sentence_free(first);
    close_model();
}

static void test_concat_joins_states_token_by_token(void)
{
    static const int32_t  layers[] = {2, 3};
    const bert_pooling    mean = BERT_POOL_MEAN;
    bert_sentence        *joined = NULL, *one = NULL;
    bert_sentence_options options = {
        .pooling = &mean, .pooling_count = 1, .normalize = BERT_NO};
    bert_pool  *pool = NULL;
    bert_hidden h = {0};
    bert_error  err;
    float       both[64], second[32];

    open_model("tiny");
    CHECK_OK(
        bert_sentence_load(&one, tiny_path("tiny"), model, &options, &err));
    options.concat = 2;
    CHECK_OK(
        bert_sentence_load(&joined, tiny_path("tiny"), model, &options, &err));
    CHECK_INT(bert_sentence_dims(joined), 64);
    tiny_add(batch, 2);
    CHECK_OK(bert_encoder_run(model, batch, layers, 2, ws, &h, &err));
    CHECK_OK(bert_pool_new(&pool, joined, &err));
    bert_pool_begin(pool);
    bert_pool_add(pool, h.values, h.N, h.N * h.H);
    CHECK_OK(bert_pool_end(pool, both, &err));
    bert_pool_free(pool);
    pool_sequence(one, 2, 0, 100, second);
    CHECK(memcmp(both + 32, second, sizeof second) == 0);
    CHECK(memcmp(both, second, sizeof second) != 0);
    bert_sentence_free(one);
    bert_sentence_free(joined);
    close_model();
}

static void test_a_bare_model_gives_the_mean(void)
{
    bert_sentence        *sentence = NULL;
    const bert_pooling    pooler = BERT_POOL_POOLER;
    bert_sentence_options options = {.pooling = &pooler, .pooling_count = 1};
    bert_pool            *pool = NULL;
    bert_error            err;
    float                 out[36];

    open_model("tiny-bare");
    CHECK(!bert_model_has_pooler(model));
    CHECK_OK(bert_sentence_load(&sentence, tiny_path("tiny-bare"), model, NULL,
                                &err));
    CHECK_INT(bert_sentence_dims(sentence), 36);
    CHECK(!bert_sentence_normalized(sentence));
    CHECK_OK(bert_pool_new(&pool, sentence, &err));
    bert_pool_begin(pool);
    CHECK_INT(bert_pool_end(pool, out, &err), BERT_BAD_INPUT);
    bert_pool_free(pool);
    bert_sentence_free(sentence);
    CHECK_INT(bert_sentence_load(&sentence, tiny_path("tiny-bare"), model,
                                 &options, &err),
              BERT_UNSUPPORTED);
    CHECK_TEXT(err.message, "the model has no pooler");
    close_model();
}

/* ---- what is refused ------------------------------------------------------
 */

static char folder[512];

static void write_file(const char *name, const char *text)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

#define MODULES(rest)                                                          \
    "[{\"path\":\"\",\"type\":\"sentence_transformers.models."                 \
    "Transformer\"}" rest "]"
#define MODULE(path, type) ",{\"path\":\"" path "\",\"type\":\"" type "\"}"
#define ST "sentence_transformers.models."

/* The folder as it stands must fail so, with `part` in the message. */
static void refuse(bert_status status, const char *part)
{
    bert_sentence *sentence = NULL;
    bert_error     err = {0};

    CHECK_INT(bert_sentence_load(&sentence, folder, model, NULL, &err), status);
    if (strstr(err.message, part) == NULL) {
        test_bad = true;
        printf("# \"%s\" does not say \"%s\"\n", err.message, part);
    }
    CHECK(sentence == NULL);
    bert_sentence_free(sentence);
}

static void begin_refusing(void)
{
    char path[1024];

    open_model("tiny");
    snprintf(folder, sizeof folder, "%s", tiny_path("refused"));
    mkdir(folder, 0777);
    snprintf(path, sizeof path, "%s/p", folder);
    mkdir(path, 0777);
    write_file("p/config.json", "{\"word_embedding_dimension\":32}");
    write_file("config_sentence_transformers.json", "{}");
}

static void test_unknown_modules_are_refused_by_name(void)
{
    begin_refusing();
    write_file("modules.json",
               MODULES(MODULE("p", ST "Pooling") MODULE("", ST "CNN")));
    refuse(BERT_UNSUPPORTED, "module 2, sentence_transformers.models.CNN");
    write_file("modules.json",
               MODULES(MODULE("p", ST "Pooling") MODULE("", "evil.Dense")));
    refuse(BERT_UNSUPPORTED, "evil.Dense");
    write_file("modules.json", MODULES(MODULE("p", ST "Dense")));
    refuse(BERT_UNSUPPORTED, "Dense, is not supported there");
    write_file("modules.json", MODULES(""));
    refuse(BERT_UNSUPPORTED, "no Pooling module");
    write_file("modules.json", MODULES(MODULE("../tiny/1_Pooling", //
                                              ST "Pooling")));
    refuse(BERT_BAD_FILE, "leaves the folder");
    write_file("modules.json", "{}");
    refuse(BERT_BAD_FILE, "not a list");
    close_model();
}

static void test_pooling_configs_are_checked(void)
{
    begin_refusing();
    write_file("modules.json", MODULES(MODULE("p", ST "Pooling")));
    write_file("p/config.json", "{\"word_embedding_dimension\":31}");
    refuse(BERT_BAD_FILE, "word_embedding_dimension 31");
    write_file("p/config.json", "{\"word_embedding_dimension\":32,"
                                "\"pooling_mode\":\"median\"}");
    refuse(BERT_UNSUPPORTED, "pooling_mode median");
    write_file("p/config.json", "{\"word_embedding_dimension\":32,"
                                "\"pooling_mode_new_tokens\":true}");
    refuse(BERT_UNSUPPORTED, "pooling_mode_new_tokens");
    close_model();
}

static void test_dense_configs_are_checked(void)
{
    begin_refusing();
    write_file("modules.json",
               MODULES(MODULE("p", ST "Pooling") MODULE("d", ST "Dense")));
    char path[1024];
    snprintf(path, sizeof path, "%s/d", folder);
    mkdir(path, 0777);
    write_file("d/config.json", "{\"in_features\":48,\"out_features\":2}");
    refuse(BERT_BAD_FILE, "in_features is 48, where the vector has 32");
    write_file("d/config.json",
               "{\"in_features\":32,\"out_features\":2,"
               "\"activation_function\":\"torch.nn.modules.Hardswish\"}");
    refuse(BERT_UNSUPPORTED, "torch.nn.modules.Hardswish");
    write_file("d/config.json", "{\"in_features\":32,\"out_features\":2,"
                                "\"module_input_name\":\"token_embeddings\"}");
    refuse(BERT_UNSUPPORTED, "token_embeddings");
    write_file("d/config.json", "{\"in_features\":32,\"out_features\":2}");
    refuse(BERT_IO, "model.safetensors");
    write_file("d/pytorch_model.bin", "");
    refuse(BERT_BAD_FILE, "pytorch_model.bin");
    snprintf(path, sizeof path, "%s/d/pytorch_model.bin", folder);
    CHECK(remove(path) == 0);
    close_model();
}

static void test_settings_are_checked(void)
{
    begin_refusing();
    write_file("modules.json", MODULES(MODULE("p", ST "Pooling")));
    write_file("config_sentence_transformers.json",
               "{\"default_prompt_name\":\"none\"}");
    refuse(BERT_BAD_FILE, "default_prompt_name none");
    write_file("config_sentence_transformers.json",
               "{\"similarity_fn_name\":\"maxsim\"}");
    refuse(BERT_UNSUPPORTED, "maxsim");
    write_file("config_sentence_transformers.json",
               "{\"model_type\":\"SparseEncoder\"}");
    refuse(BERT_UNSUPPORTED, "SparseEncoder");
    write_file("config_sentence_transformers.json", "{}");
    write_file("sentence_bert_config.json", "{\"do_lower_case\":true}");
    write_file("tokenizer_config.json", "{\"do_lower_case\":false}");
    refuse(BERT_UNSUPPORTED, "do_lower_case");
    write_file("sentence_bert_config.json", "{}");
    close_model();
}

static void test_other_uses_of_the_transformer_are_refused(void)
{
    static const struct {
        const char *config, *message;
    } cases[] = {
        {"{\"transformer_task\":\"fill-mask\"}", "transformer_task fill-mask"},
        {"{\"module_output_name\":\"sentence_embedding\"}",
         "module_output_name sentence_embedding"},
        {"{\"modality_config\":{\"text\":{\"method\":\"get_text_features\"}}}",
         "method get_text_features"},
        {"{\"modality_config\":{\"text\":{\"method\":\"forward\","
         "\"method_output_name\":\"pooler_output\"}}}",
         "method_output_name pooler_output"},
        {"{\"processing_kwargs\":{\"text\":{\"max_length\":4}}}",
         "processing_kwargs"},
        {"{\"tokenizer_name_or_path\":\"bert-base-cased\"}",
         "tokenizer_name_or_path"},
    };
    bert_sentence *sentence = NULL;
    bert_error     err;

    begin_refusing();
    write_file("modules.json", MODULES(MODULE("p", ST "Pooling")));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file("sentence_bert_config.json", cases[i].config);
        refuse(BERT_UNSUPPORTED, cases[i].message);
    }
    /* As sentence-transformers 6.2 saves it. */
    write_file("sentence_bert_config.json",
               "{\"transformer_task\":\"feature-extraction\","
               "\"modality_config\":{\"text\":{\"method\":\"forward\","
               "\"method_output_name\":\"last_hidden_state\"}},"
               "\"module_output_name\":\"token_embeddings\","
               "\"processing_kwargs\":{}}");
    CHECK_OK(bert_sentence_load(&sentence, folder, model, NULL, &err));
    bert_sentence_free(sentence);
    write_file("sentence_bert_config.json", "{}");
    close_model();
}

/* SentenceTransformer.encode() cuts what the modules gave; only its argument
   normalize_embeddings comes after the cut. */
static void test_truncate_dim_cuts_what_the_modules_gave(void)
{
    bert_sentence        *all = NULL, *cut = NULL;
    bert_sentence_options again = {.normalize = BERT_YES};
    bert_error            err;
    float                 whole[32], part[8];
    double                length = 0;

    begin_refusing();
    write_file("modules.json",
               MODULES(MODULE("p", ST "Pooling") MODULE("n", ST "Normalize")));
    CHECK_OK(bert_sentence_load(&all, folder, model, NULL, &err));
    CHECK(bert_sentence_normalized(all));
    pool_sequence(all, 2, 0, 100, whole);
    write_file("config_sentence_transformers.json",
               "{\"truncate_dim\":8,\"prompts\":{\"passage\":null},"
               "\"default_prompt_name\":\"passage\"}");
    CHECK_OK(bert_sentence_load(&cut, folder, model, NULL, &err));
    CHECK_INT(bert_sentence_dims(cut), 8);
    CHECK(!bert_sentence_normalized(cut));
    CHECK_TEXT(bert_sentence_prompt(cut, NULL), "");
    pool_sequence(cut, 2, 0, 100, part);
    CHECK(memcmp(part, whole, sizeof part) == 0);
    bert_sentence_free(cut);
    CHECK_OK(bert_sentence_load(&cut, folder, model, &again, &err));
    pool_sequence(cut, 2, 0, 100, part);
    for (int i = 0; i < 8; i++) {
        length += (double)part[i] * (double)part[i];
    }
    CHECK_NEAR(length, 1, 1e-6);
    bert_sentence_free(cut);
    bert_sentence_free(all);
    write_file("config_sentence_transformers.json", "{\"truncate_dim\":-1}");
    refuse(BERT_BAD_FILE, "truncate_dim");
    write_file("config_sentence_transformers.json", "{}");
    close_model();
}

int main(void)
{
    tiny_read_sequences();
    TEST(test_each_pooling_equals_sentence_transformers);
    TEST(test_pooler_equals_transformers);
    TEST(test_a_folder_with_normalize_is_obeyed);
    TEST(test_joined_poolings_and_dense_modules_are_obeyed);
    TEST(test_dims_are_the_first_normalised_again);
    TEST(test_concat_joins_states_token_by_token);
    TEST(test_a_bare_model_gives_the_mean);
    TEST(test_unknown_modules_are_refused_by_name);
    TEST(test_pooling_configs_are_checked);
    TEST(test_dense_configs_are_checked);
    TEST(test_settings_are_checked);
    TEST(test_other_uses_of_the_transformer_are_refused);
    TEST(test_truncate_dim_cuts_what_the_modules_gave);
    TEST_END;
}
