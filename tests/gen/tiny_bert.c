/*
 * tiny_bert.c - writes tiny BERT models for the tests: tiny_bert FOLDER
 *
 * Every number comes from an integer hash and is exact in binary32, so the
 * files are the same bytes on every machine and depend on no library. In
 * FOLDER it makes
 *
 *   tiny          a sentence-transformers folder: mean, normalised, prompts;
 *                 H 32, 4 heads, F 64, 3 layers, 80 positions, pooler
 *   tiny-bare     a bare BERT as older files have it: names with "bert." and
 *                 gamma/beta, a head, no pooler, relu; H 36, 3 heads, F 52
 *   tiny-dense    a sentence-transformers folder with its files in
 *                 0_Transformer, three poolings joined, Dense, LayerNorm
 *   tiny-ACT      one layer with each activation that config.json may name
 *   tiny-pretraining, tiny-tag, tiny-classify, tiny-qa, tiny-tag-ends
 *                 the body of `tiny` (names with "bert.") and its heads: masked
 *                 words and next sentence; 9 labels of tokens; 5 of texts;
 *                 answers
 *   tiny-regression, tiny-multi, tiny-cross
 *                 the same with a number, with 4 labels that do not exclude
 *                 each other, and as sentence-transformers writes a
 *                 CrossEncoder whose scores are the logits
 *
 * Their vocabulary is uncased: the letters and digits of ASCII, punctuation,
 * some words and pieces.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct shape {
    const char *name, *act;
    int         H, A, F, L, positions;
    bool        prefixed, pooler;
    uint64_t    seed;
    const char *head; /* ends its class's name: "ForPreTraining"; NULL: none */
    const char *labels; /* JSON: id2label */
    int         label_count;
    const char *problem; /* problem_type; NULL: not given */
    const char *cross;   /* a CrossEncoder's activation; NULL: it is none */
} shape;

enum { TYPES = 2, MAX_TENSORS = 128 };

typedef struct tensor_entry {
    char     name[96];
    int      rows, columns; /* columns 0: rank 1 */
    int      exponent;      /* numbers are uniform in [-2^e,2^e) */
    float    offset;        /* added: 1 for the gain of a norm */
    uint64_t seed;
} tensor_entry;

typedef struct model_file {
    tensor_entry tensors[MAX_TENSORS];
    int          count;
    uint64_t     seed;
} model_file;

static void die(const char *path)
{
    fprintf(stderr, "tiny_bert: %s: %s\n", path, strerror(errno));
    exit(3);
}

static void make_folder(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        die(path);
    }
}

static FILE *open_file(const char *folder, const char *name, char *path,
                       size_t size)
{
    snprintf(path, size, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        die(path);
    }
    return file;
}

static void write_text(const char *folder, const char *name, const char *text)
{
    char  path[1024];
    FILE *file = open_file(folder, name, path, sizeof path);

    if (fputs(text, file) < 0 || fclose(file) != 0) {
        die(path);
    }
}

/* ---- numbers --------------------------------------------------------------
 */

/* splitmix64 (Steele, Lea and Flood 2014), the i-th of its stream. */
static uint64_t hash_at(uint64_t seed, uint64_t i)
{
    uint64_t z = seed + (i + 1) * 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* 20 bits of the hash as a multiple of 2^(exponent-19): exact, and so is
   adding the offset. */
static float number_at(const tensor_entry *t, uint64_t i)
{
    float x = (float)((int32_t)(hash_at(t->seed, i) >> 44) - (1 << 19));

    for (int e = t->exponent - 19; e < 0; e++) {
        x *= 0.5f;
    }
    return x + t->offset;
}

static void put_float(FILE *file, float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    for (int i = 0; i < 4; i++) {
        putc((int)(bits >> 8 * i & 0xFF), file);
    }
}

/* ---- safetensors ----------------------------------------------------------
 */

static void add(model_file *m, int rows, int columns, int exponent,
                float offset, const char *format, ...)
{
    tensor_entry *t = &m->tensors[m->count];
    va_list       args;

    if (m->count == MAX_TENSORS) {
        fputs("tiny_bert: too many tensors\n", stderr);
        exit(3);
    }
    va_start(args, format);
    vsnprintf(t->name, sizeof t->name, format, args);
    va_end(args);
    t->rows = rows;
    t->columns = columns;
    t->exponent = exponent;
    t->offset = offset;
    t->seed = hash_at(m->seed, (uint64_t)m->count);
    m->count++;
}

static uint64_t numbers_of(const tensor_entry *t)
{
    return (uint64_t)t->rows * (uint64_t)(t->columns > 0 ? t->columns : 1);
}

static void write_tensors(const model_file *m, const char *folder)
{
    static char header[32768];
    char        path[1024];
    FILE    *file = open_file(folder, "model.safetensors", path, sizeof path);
    size_t   size = 0;
    uint64_t at = 0;

    for (int i = 0; i < m->count; i++) {
        const tensor_entry *t = &m->tensors[i];
        uint64_t            end = at + numbers_of(t) * 4;
        char                columns[16] = "";
        if (t->columns > 0) {
            snprintf(columns, sizeof columns, ",%d", t->columns);
        }
        size +=
            (size_t)snprintf(header + size, sizeof header - size,
                             "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%d%s],"
                             "\"data_offsets\":[%llu,%llu]}",
                             i == 0 ? "{\"__metadata__\":{\"format\":\"pt\""
                                      "},"
                                    : ",",
                             t->name, t->rows, columns, (unsigned long long)at,
                             (unsigned long long)end);
        at = end;
    }
    header[size++] = '}';
    while (size % 8 != 0) {
        header[size++] = ' ';
    }
    for (int i = 0; i < 8; i++) {
        putc((int)((uint64_t)size >> 8 * i & 0xFF), file);
    }
    fwrite(header, 1, size, file);
    for (int i = 0; i < m->count; i++) {
        for (uint64_t k = 0; k < numbers_of(&m->tensors[i]); k++) {
            put_float(file, number_at(&m->tensors[i], k));
        }
    }
    if (ferror(file) || fclose(file) != 0) {
        die(path);
    }
}

/* ---- the vocabulary -------------------------------------------------------
 */

static int write_vocab(const char *folder)
{
    static const char *const words[] = {"the",          "a",
                                        "of",           "and",
                                        "to",           "in",
                                        "is",           "cat",
                                        "dog",          "sat",
                                        "on",           "mat",
                                        "man",          "eats",
                                        "food",         "house",
                                        "water",        "river",
                                        "weather",      "today",
                                        "sun",          "rain",
                                        "query",        "doc",
                                        "london",       "paris",
                                        "berlin",       "runs",
                                        "quick",        "brown",
                                        "fox",          "jump",
                                        "over",         "lazy",
                                        "play",         "token",
                                        "embed",        "word",
                                        "piece",        "##s",
                                        "##ed",         "##ing",
                                        "##er",         "##ly",
                                        "##tion",       "##able",
                                        "##un",         "##ness",
                                        "##ize",        "\xE4\xBB\x8A",
                                        "\xE5\xA4\xA9", "\xE6\xB0\x94",
                                        "\xE5\xA5\xBD", "\xC3\xB8",
                                        "##\xC3\xB8"};
    char                     path[1024];
    FILE *file = open_file(folder, "vocab.txt", path, sizeof path);
    int   count = 5;

    fputs("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n", file);
    for (int c = '!'; c <= '~'; c++) {
        if (c < 'A' || c > 'Z') {
            fprintf(file, "%c\n", c);
            count++;
        }
    }
    for (int c = '0'; c <= 'z'; c++) {
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) {
            if (c != 's') { /* among the pieces below */
                fprintf(file, "##%c\n", c);
                count++;
            }
        }
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], "a") != 0) { /* a letter already */
            fprintf(file, "%s\n", words[i]);
            count++;
        }
    }
    if (ferror(file) || fclose(file) != 0) {
        die(path);
    }
    return count;
}

/* ---- a transformer --------------------------------------------------------
 */

static void add_linear(model_file *m, const char *stem, int out, int in)
{
    /* Products near 1: the spread of a sum of `in` numbers. */
    add(m, out, in, in >= 48 ? -2 : -1, 0, "%s.weight", stem);
    add(m, out, 0, -2, 0, "%s.bias", stem);
}

static void add_norm(model_file *m, const shape *s, const char *stem)
{
    add(m, s->H, 0, -1, 1, "%s.%s", stem, s->prefixed ? "gamma" : "weight");
    add(m, s->H, 0, -2, 0, "%s.%s", stem, s->prefixed ? "beta" : "bias");
}

static void add_layer(model_file *m, const shape *s, const char *prefix, int i)
{
    static const char *const maps[] = {
        "attention.self.query", "attention.self.key", "attention.self.value",
        "attention.output.dense"};
    char stem[80];

    for (int k = 0; k < 4; k++) {
        snprintf(stem, sizeof stem, "%sencoder.layer.%d.%s", prefix, i,
                 maps[k]);
        add_linear(m, stem, s->H, s->H);
    }
    snprintf(stem, sizeof stem, "%sencoder.layer.%d.attention.output.LayerNorm",
             prefix, i);
    add_norm(m, s, stem);
    snprintf(stem, sizeof stem, "%sencoder.layer.%d.intermediate.dense", prefix,
             i);
    add_linear(m, stem, s->F, s->H);
    snprintf(stem, sizeof stem, "%sencoder.layer.%d.output.dense", prefix, i);
    add_linear(m, stem, s->H, s->F);
    snprintf(stem, sizeof stem, "%sencoder.layer.%d.output.LayerNorm", prefix,
             i);
    add_norm(m, s, stem);
}

static void add_head(model_file *m, const shape *s, int vocab)
{
    if (strcmp(s->head, "ForPreTraining") == 0) {
        add_linear(m, "cls.predictions.transform.dense", s->H, s->H);
        add_norm(m, s, "cls.predictions.transform.LayerNorm");
        add(m, vocab, 0, -2, 0, "cls.predictions.bias");
        add_linear(m, "cls.seq_relationship", 2, s->H);
    } else {
        add_linear(m,
                   strcmp(s->head, "ForQuestionAnswering") == 0 ? "qa_outputs"
                                                                : "classifier",
                   s->label_count, s->H);
    }
}

static void write_weights(const shape *s, const char *folder, int vocab)
{
    static model_file m;
    const char       *prefix = s->prefixed ? "bert." : "";
    char              stem[80];

    m.count = 0;
    m.seed = s->seed;
    add(&m, vocab, s->H, 0, 0, "%sembeddings.word_embeddings.weight", prefix);
    add(&m, s->positions, s->H, -1, 0,
        "%sembeddings.position_embeddings.weight", prefix);
    add(&m, TYPES, s->H, -1, 0, "%sembeddings.token_type_embeddings.weight",
        prefix);
    snprintf(stem, sizeof stem, "%sembeddings.LayerNorm", prefix);
    add_norm(&m, s, stem);
    for (int i = 0; i < s->L; i++) {
        add_layer(&m, s, prefix, i);
    }
    if (s->pooler) {
        snprintf(stem, sizeof stem, "%spooler.dense", prefix);
        add_linear(&m, stem, s->H, s->H);
    }
    if (s->head != NULL) {
        add_head(&m, s, vocab);
    } else if (s->prefixed) { /* a head that an encoder leaves alone */
        add(&m, vocab, 0, -2, 0, "cls.predictions.bias");
    }
    write_tensors(&m, folder);
}

static void write_transformer(const shape *s, const char *folder)
{
    char text[2048], labels[1024] = "";

    make_folder(folder);
    int vocab = write_vocab(folder);
    if (s->labels != NULL) {
        snprintf(labels, sizeof labels, ",\"id2label\":%s%s%s%s", s->labels,
                 s->problem != NULL ? ",\"problem_type\":\"" : "",
                 s->problem != NULL ? s->problem : "",
                 s->problem != NULL ? "\"" : "");
    }
    snprintf(text, sizeof text,
             "{\"architectures\":[\"Bert%s\"],\"model_type\":\"bert\","
             "\"vocab_size\":%d,\"hidden_size\":%d,\"num_hidden_layers\":%d,"
             "\"num_attention_heads\":%d,\"intermediate_size\":%d,"
             "\"hidden_act\":\"%s\",\"hidden_dropout_prob\":0.1,"
             "\"attention_probs_dropout_prob\":0.1,"
             "\"max_position_embeddings\":%d,\"type_vocab_size\":%d,"
             "\"initializer_range\":0.02,\"layer_norm_eps\":1e-12,"
             "\"pad_token_id\":0,\"position_embedding_type\":\"absolute\"%s}\n",
             s->head != NULL ? s->head : "Model", vocab, s->H, s->L, s->A, s->F,
             s->act, s->positions, TYPES, labels);
    write_text(folder, "config.json", text);
    write_text(folder, "tokenizer_config.json",
               "{\"tokenizer_class\":\"BertTokenizer\",\"do_lower_case\":true,"
               "\"strip_accents\":null,\"tokenize_chinese_chars\":true,"
               "\"unk_token\":\"[UNK]\",\"sep_token\":\"[SEP]\","
               "\"pad_token\":\"[PAD]\",\"cls_token\":\"[CLS]\","
               "\"mask_token\":\"[MASK]\"}\n");
    write_weights(s, folder, vocab);
}

/* ---- sentence-transformers' modules ---------------------------------------
 */

/* "folder/name" in the caller's memory. */
enum { PATH_SIZE = 1024 };

static const char *join(char path[PATH_SIZE], const char *folder,
                        const char *name)
{
    if (snprintf(path, PATH_SIZE, "%s/%s", folder, name) >= PATH_SIZE) {
        errno = ENAMETOOLONG;
        die(folder);
    }
    return path;
}

static void write_module(const char *folder, const char *name,
                         const char *config)
{
    char path[PATH_SIZE];

    make_folder(join(path, folder, name));
    write_text(path, "config.json", config);
}

static void write_sentence(const shape *s, const char *folder)
{
    write_transformer(s, folder);
    write_text(folder, "modules.json",
               "[{\"idx\":0,\"name\":\"0\",\"path\":\"\",\"type\":"
               "\"sentence_transformers.models.Transformer\"},"
               "{\"idx\":1,\"name\":\"1\",\"path\":\"1_Pooling\",\"type\":"
               "\"sentence_transformers.models.Pooling\"},"
               "{\"idx\":2,\"name\":\"2\",\"path\":\"2_Normalize\",\"type\":"
               "\"sentence_transformers.models.Normalize\"}]\n");
    write_text(folder, "sentence_bert_config.json",
               "{\"max_seq_length\":64,\"do_lower_case\":false}\n");
    write_text(folder, "config_sentence_transformers.json",
               "{\"__version__\":{\"sentence_transformers\":\"2.0.0\"},"
               "\"prompts\":{\"query\":\"query: \",\"passage\":\"doc: \"},"
               "\"default_prompt_name\":null,\"similarity_fn_name\":null}\n");
    write_module(folder, "1_Pooling",
                 "{\"word_embedding_dimension\":32,"
                 "\"pooling_mode_cls_token\":false,"
                 "\"pooling_mode_mean_tokens\":true,"
                 "\"pooling_mode_max_tokens\":false,"
                 "\"pooling_mode_mean_sqrt_len_tokens\":false}\n");
}

static void write_dense(const shape *s, const char *folder)
{
    static model_file m;
    char              path[PATH_SIZE];

    make_folder(folder);
    write_transformer(s, join(path, folder, "0_Transformer"));
    write_text(folder, "modules.json",
               "[{\"idx\":0,\"name\":\"0\",\"path\":\"0_Transformer\",\"type\":"
               "\"sentence_transformers.models.Transformer\"},"
               "{\"idx\":1,\"name\":\"1\",\"path\":\"1_Pooling\",\"type\":"
               "\"sentence_transformers.models.Pooling\"},"
               "{\"idx\":2,\"name\":\"2\",\"path\":\"2_Dense\",\"type\":"
               "\"sentence_transformers.models.Dense\"},"
               "{\"idx\":3,\"name\":\"3\",\"path\":\"3_Dropout\",\"type\":"
               "\"sentence_transformers.models.Dropout\"},"
               "{\"idx\":4,\"name\":\"4\",\"path\":\"4_Dense\",\"type\":"
               "\"sentence_transformers.base.modules.dense.Dense\"},"
               "{\"idx\":5,\"name\":\"5\",\"path\":\"5_LayerNorm\",\"type\":"
               "\"sentence_transformers.models.LayerNorm\"}]\n");
    write_text(folder, "config_sentence_transformers.json",
               "{\"prompts\":{\"query\":\"query: \",\"doc\":\"doc: \"},"
               "\"default_prompt_name\":\"doc\","
               "\"similarity_fn_name\":\"dot\"}\n");
    write_text(join(path, folder, "0_Transformer"), "sentence_bert_config.json",
               "{\"max_seq_length\":48,\"do_lower_case\":true}\n");
    write_module(folder, "1_Pooling",
                 "{\"embedding_dimension\":16,\"pooling_mode\":[\"cls\","
                 "\"weightedmean\",\"max\"],\"include_prompt\":false}\n");
    write_module(folder, "2_Dense",
                 "{\"in_features\":48,\"out_features\":20,\"bias\":true,"
                 "\"activation_function\":"
                 "\"torch.nn.modules.activation.Tanh\"}\n");
    m.count = 0;
    m.seed = 201;
    add_linear(&m, "linear", 20, 48);
    write_tensors(&m, join(path, folder, "2_Dense"));
    write_module(folder, "3_Dropout", "{\"dropout\":0.2}\n");
    write_module(folder, "4_Dense",
                 "{\"in_features\":20,\"out_features\":12,\"bias\":false,"
                 "\"activation_function\":\"torch.nn.modules.activation.GELU\","
                 "\"use_residual\":true}\n");
    m.count = 0;
    m.seed = 202;
    add(&m, 12, 20, -1, 0, "linear.weight");
    add(&m, 12, 20, -1, 0, "residual.weight");
    write_tensors(&m, join(path, folder, "4_Dense"));
    write_module(folder, "5_LayerNorm", "{\"dimension\":12}\n");
    m.count = 0;
    m.seed = 203;
    add(&m, 12, 0, -1, 1, "norm.weight");
    add(&m, 12, 0, -2, 0, "norm.bias");
    write_tensors(&m, join(path, folder, "5_LayerNorm"));
}

/* What sentence-transformers 6 puts beside a CrossEncoder's config.json. */
static void write_cross(const char *folder, const char *activation)
{
    char text[512];

    snprintf(text, sizeof text,
             "{\"__version__\":{\"sentence_transformers\":\"6.2.0\"},"
             "\"model_type\":\"CrossEncoder\",\"prompts\":{},"
             "\"default_prompt_name\":null,\"activation_fn\":\"%s\"}\n",
             activation);
    write_text(folder, "config_sentence_transformers.json", text);
    write_text(folder, "modules.json",
               "[{\"idx\":0,\"name\":\"0\",\"path\":\"\",\"type\":"
               "\"sentence_transformers.base.modules.transformer."
               "Transformer\"}]\n");
    write_text(folder, "sentence_bert_config.json",
               "{\"transformer_task\":\"sequence-classification\","
               "\"modality_config\":{\"text\":{\"method\":\"forward\","
               "\"method_output_name\":\"logits\"}},"
               "\"module_output_name\":\"scores\"}\n");
}

/* Heads on the body of `tiny`, each with numbers of its own. */
static void write_heads(const shape *tiny, const char *folder)
{
    const shape heads[] = {
        {.name = "tiny-pretraining", .head = "ForPreTraining", .pooler = true},
        {.name = "tiny-tag",
         .head = "ForTokenClassification",
         .label_count = 9,
         .labels = "{\"0\":\"O\",\"1\":\"B-PER\",\"2\":\"I-PER\","
                   "\"3\":\"B-ORG\",\"4\":\"I-ORG\",\"5\":\"B-LOC\","
                   "\"6\":\"I-LOC\",\"7\":\"B-MISC\",\"8\":\"I-MISC\"}"},
        {.name = "tiny-classify",
         .head = "ForSequenceClassification",
         .pooler = true,
         .label_count = 5,
         .labels = "{\"0\":\"very negative\",\"1\":\"negative\","
                   "\"2\":\"neutral\",\"3\":\"positive\","
                   "\"4\":\"very positive\"}"},
        {.name = "tiny-qa", .head = "ForQuestionAnswering", .label_count = 2},
        {.name = "tiny-tag-ends",
         .head = "ForTokenClassification",
         .label_count = 9,
         .labels = "{\"0\":\"O\",\"1\":\"B-PER\",\"2\":\"I-PER\","
                   "\"3\":\"E-PER\",\"4\":\"S-PER\",\"5\":\"B-LOC\","
                   "\"6\":\"I-LOC\",\"7\":\"E-LOC\",\"8\":\"S-LOC\"}"},
        {.name = "tiny-regression",
         .head = "ForSequenceClassification",
         .pooler = true,
         .label_count = 1,
         .labels = "{\"0\":\"LABEL_0\"}",
         .problem = "regression",
         .seed = 50},
        {.name = "tiny-multi",
         .head = "ForSequenceClassification",
         .pooler = true,
         .label_count = 4,
         .labels = "{\"0\":\"joy\",\"1\":\"anger\",\"2\":\"fear, dread\","
                   "\"3\":\"surprise\"}",
         .problem = "multi_label_classification",
         .seed = 51},
        {.name = "tiny-cross",
         .head = "ForSequenceClassification",
         .pooler = true,
         .label_count = 1,
         .labels = "{\"0\":\"LABEL_0\"}",
         .cross = "torch.nn.modules.linear.Identity",
         .seed = 52},
    };

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        char  path[PATH_SIZE];
        shape s = *tiny;

        s.seed = heads[i].seed != 0 ? heads[i].seed : 30 + i;
        s.prefixed = true;
        s.pooler = heads[i].pooler;
        s.head = heads[i].head;
        s.labels = heads[i].labels;
        s.label_count = heads[i].label_count;
        s.problem = heads[i].problem;
        write_transformer(&s, join(path, folder, heads[i].name));
        if (heads[i].cross != NULL) {
            write_cross(path, heads[i].cross);
        }
    }
}

int main(int argc, char **argv)
{
    static const char *const acts[] = {
        "gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh",
        "relu", "silu",     "swish",     "quick_gelu",
        "tanh", "sigmoid"};
    const shape tiny = {.name = "tiny",
                        .act = "gelu",
                        .H = 32,
                        .A = 4,
                        .F = 64,
                        .L = 3,
                        .positions = 80,
                        .pooler = true,
                        .seed = 1};
    const shape bare = {.name = "tiny-bare",
                        .act = "relu",
                        .H = 36,
                        .A = 3,
                        .F = 52,
                        .L = 2,
                        .positions = 40,
                        .prefixed = true,
                        .seed = 2};
    const shape dense = {.name = "tiny-dense",
                         .act = "gelu",
                         .H = 16,
                         .A = 2,
                         .F = 32,
                         .L = 2,
                         .positions = 48,
                         .seed = 3};

    char path[PATH_SIZE];

    if (argc != 2) {
        fputs("usage: tiny_bert FOLDER\n", stderr);
        return 2;
    }
    make_folder(argv[1]);
    write_sentence(&tiny, join(path, argv[1], tiny.name));
    write_transformer(&bare, join(path, argv[1], bare.name));
    write_dense(&dense, join(path, argv[1], dense.name));
    write_heads(&tiny, argv[1]);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        shape one = {.act = acts[i],
                     .H = 16,
                     .A = 2,
                     .F = 32,
                     .L = 1,
                     .positions = 20,
                     .seed = 4};
        char  name[64];
        snprintf(name, sizeof name, "tiny-%s", acts[i]);
        write_transformer(&one, join(path, argv[1], name));
    }
    return 0;
}
