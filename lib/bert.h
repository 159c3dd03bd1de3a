/*
 * bert.h - the public interface of libbert
 *
 * Read it in the order data flows:
 *
 *   text > tokenizer > encoding > batch > model + workspace > hidden > pooling
 *
 * Shapes are row-major, last index fastest, written with these letters:
 *
 *   B sequences in a batch           N tokens of all of them, end to end
 *   T tokens of one sequence         H hidden size     A attention heads
 *   D size of an output vector       V vocabulary size L layers
 *
 * Ownership is in the verb. *_new and *_load give the caller an object, which
 * the matching *_free releases (NULL allowed). A function returning a const
 * pointer lends it: good until the object in its first argument is changed or
 * freed. Whatever is passed in as const is copied if it must be kept.
 *
 * Threads: tokenizers, models and sentence encoders never change once loaded
 * and may be shared by any number of threads. Every other object serves one
 * thread at a time.
 *
 * The library prints nothing, never exits, reads no environment variable and
 * has no mutable global state, save the once-only start-up of the matrix
 * libraries (lib/compute/gemm.h). Text is UTF-8, lengths are in bytes, no NUL
 * is needed at the end. Floats are IEEE-754 binary32.
 */
#ifndef BERT_H
#define BERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#define BERT_VERSION "0.1.0"

/* ---- 1. Errors ---------------------------------------------------------- */

typedef enum bert_status {
    BERT_OK = 0,
    BERT_NO_MEMORY,   /* an allocation failed */
    BERT_IO,          /* the system refused; the message has its reason */
    BERT_BAD_FILE,    /* a model file is not what it claims to be */
    BERT_UNSUPPORTED, /* well formed, but this build cannot run it */
    BERT_BAD_INPUT,   /* the text, record or batch breaks a documented limit */
    BERT_BAD_CALL     /* the caller broke this header's contract */
} bert_status;

/*
 * What went wrong, in the caller's own memory, so that reporting an error
 * cannot fail. Every fallible function returns its status and, when err is not
 * NULL, fills *err; on success *err is left alone. Messages are one line.
 */
typedef struct bert_error {
    bert_status status;
    char        message[508]; /* "model.safetensors: encoder...: shape [3,2]" */
} bert_error;

const char *bert_status_name(bert_status status); /* "BERT_IO", never NULL */
const char *bert_version(void);                   /* BERT_VERSION as built */

/* Bytes that grow. Zero it to begin; bert_buffer_free() ends it. */
typedef struct bert_buffer {
    char  *data; /* not NUL-terminated; NULL while capacity is 0 */
    size_t size, capacity;
} bert_buffer;

void bert_buffer_free(bert_buffer *buffer); /* leaves it zeroed; NULL allowed */
/* Room for `more` bytes after data[size]; append bytes. false: no memory. */
bool bert_buffer_reserve(bert_buffer *buffer, size_t more);
bool bert_buffer_put(bert_buffer *buffer, const void *bytes, size_t size);

/* ---- 2. Threads: a team that shares out work ----------------------------- */

typedef struct bert_team bert_team;

/* One piece of work: item of count, on member (0 .. size-1) of the team. */
typedef void bert_work(void *context, size_t item, size_t member);

/*
 * A team of `threads` members, the calling thread among them, so threads - 1
 * are started (0: as many as the cores this process may use: affinity and
 * cgroup quota). Errors: BERT_NO_MEMORY, BERT_IO (no more threads).
 */
bert_status bert_team_new(bert_team **out, size_t threads, bert_error *err);
void        bert_team_free(bert_team *team);
size_t      bert_team_size(const bert_team *team);
size_t      bert_cores(void); /* what threads = 0 means here */

/*
 * Call work(context, i, member) for every i in [0, count), each once, in no
 * promised order; returns when all are done. Must not be called from within
 * a piece of work. A NULL team runs all on the caller as member 0.
 */
void bert_team_run(bert_team *team, size_t count, bert_work *work,
                   void *context);

/* ---- 3. Encoding: one text as tokens ------------------------------------- */

/* A half-open range [begin, end). */
typedef struct bert_span {
    size_t begin, end;
} bert_span;

/*
 * The tokens of one text or pair, parallel arrays of one length. Lent by the
 * encoding; a pointer may be NULL only where this says so.
 */
typedef struct bert_tokens {
    size_t         length;
    const int32_t *ids;
    size_t         second;   /* where the second text begins; length: there
                                is none */
    const int32_t *type_ids; /* 0: first text, 1: second; or a text's own */
    const int32_t *words;    /* number of the word in its text; -1: none;
                                NULL: not known (a record without them) */
    const bert_span *spans;  /* place in its own text; {0,0} for the
                                template's tokens; NULL: not known */
    const uint8_t *special;  /* 1: the template's [CLS] or [SEP] */
} bert_tokens;

typedef enum bert_truncation {
    BERT_LONGEST_FIRST, /* cut the longer text first (the default) */
    BERT_ONLY_FIRST,
    BERT_ONLY_SECOND
} bert_truncation;

/* How tokens are made to fit a length. Zero it for "no limit". */
typedef struct bert_fit {
    size_t          max_length; /* special tokens included; 0: no limit */
    bert_truncation strategy;
    bool            cut_left[2]; /* cut the first, second text at its left */
    bool            cut_middle;  /* truncation: in its middle instead: of n
                                    tokens the first n * 128/510, rounded, stay
                                    and the last (Sun et al. 2019, head+tail) */
    size_t overlap;              /* windows: tokens shared by neighbours */
    bool   overlap_yields; /* windows: where there is no room for so many, they
                              share all that they have room for but one */
} bert_fit;

typedef struct bert_encoding bert_encoding;

bert_encoding *bert_encoding_new(void); /* NULL: no memory */
void           bert_encoding_free(bert_encoding *enc);

/* The tokens, the template's included. Lent until enc changes. */
bert_tokens bert_encoding_tokens(const bert_encoding *enc);

/* Tokens that bert_encoding_truncate() has cut since the encoding was set. */
size_t bert_encoding_dropped(const bert_encoding *enc);

/*
 * Set enc from tokens that came in a record. With type_ids that are all 0, then
 * all 1 they are a pair, or its second text alone; any others stay as they are,
 * and the tokens are one text. So do type_ids that are all 1 where tokens has
 * no second text (second == length); second is not read otherwise. special
 * NULL: the template's tokens are the first if it is cls_id, and the last of
 * each text if it is sep_id. Errors: BERT_BAD_INPUT (no tokens; specials
 * elsewhere than the template's places), BERT_NO_MEMORY.
 */
bert_status bert_encoding_set(bert_encoding *enc, const bert_tokens *tokens,
                              int32_t cls_id, int32_t sep_id, bert_error *err);

/*
 * Two encodings of one text each as the encoding of the pair: the first, then
 * the second without its [CLS], its types 1: what bert_tokenizer_encode() of
 * both gives. out is neither of them. Errors: BERT_BAD_INPUT (either is a pair
 * already, or has type_ids of its own), BERT_NO_MEMORY.
 */
bert_status bert_encoding_pair(const bert_encoding *first,
                               const bert_encoding *second, bert_encoding *out,
                               bert_error *err);

/*
 * Cut enc to fit->max_length as Hugging Face's tokenizers does
 * (utils/truncation.rs, truncate_encodings): to what encoding the whole text
 * with truncation would have given. Errors: BERT_BAD_INPUT (only-second
 * without a second text; with only-first or only-second that text would be left
 * with nothing, where the template leaves any room; max_length below the
 * template's length).
 */
bert_status bert_encoding_truncate(bert_encoding *enc, const bert_fit *fit,
                                   bert_error *err);

/*
 * Overlapping windows of at most max_length tokens, the template around each,
 * in the order of Hugging Face's overflow (tokenizer/encoding.rs, truncate).
 * _windows() counts them (1 where all fits); _window() writes window k, from
 * 0, to out (not enc). For a pair the strategy says which side slides.
 * Errors: as bert_encoding_truncate(), and BERT_BAD_INPUT where overlap is not
 * smaller than the tokens a window has room for, and does not yield, or where
 * it has room for none of a text; of
 * _window() also BERT_BAD_CALL (no window k; out is enc), BERT_NO_MEMORY.
 */
bert_status bert_encoding_windows(const bert_encoding *enc, const bert_fit *fit,
                                  size_t *count, bert_error *err);
bert_status bert_encoding_window(const bert_encoding *enc, const bert_fit *fit,
                                 size_t k, bert_encoding *out, bert_error *err);

/* ---- 4. Tokenizer: text to tokens and back ------------------------------- */

typedef struct bert_tokenizer bert_tokenizer;

typedef enum bert_choice { /* zero is "as the files say" */
                           BERT_AS_FILES = 0,
                           BERT_YES,
                           BERT_NO
} bert_choice;

/* Zero it for the defaults: the model's own tokenizer. */
typedef struct bert_tokenizer_options {
    const char *vocab; /* a bare vocab.txt; folder is then not read and
                          lowercase must be chosen */
    bert_choice        lowercase, strip_accents, split_cjk;
    bool               literal; /* [MASK] in a text is plain text */
    bool               google;  /* as Google's tokenization.py, not as HF */
    const char *const *protect; /* PCRE2 patterns: a match stays one word */
    size_t             protect_count;
} bert_tokenizer_options;

/*
 * Load the tokenizer of a model folder: vocab.txt with tokenizer_config.json,
 * what they leave out from tokenizer.json; or tokenizer.json alone. A setting
 * that neither gives is an error, never a guess. options may be NULL.
 * Errors: BERT_IO, BERT_BAD_FILE, BERT_UNSUPPORTED (not WordPiece; a setting
 * missing), BERT_BAD_CALL (a pattern that does not compile), BERT_NO_MEMORY.
 */
bert_status bert_tokenizer_load(bert_tokenizer **out, const char *folder,
                                const bert_tokenizer_options *options,
                                bert_error                   *err);
void        bert_tokenizer_free(bert_tokenizer *tok);

int32_t bert_tokenizer_size(const bert_tokenizer *tok); /* V: largest id + 1 */
int32_t bert_tokenizer_id(const bert_tokenizer *tok, const char *token,
                          size_t size); /* -1: not in the vocabulary */
/* NUL-terminated, its length in *size (may be NULL); NULL: no such id. */
const char *bert_tokenizer_token(const bert_tokenizer *tok, int32_t id,
                                 size_t *size);
int32_t     bert_tokenizer_cls(const bert_tokenizer *tok);
int32_t     bert_tokenizer_sep(const bert_tokenizer *tok);
int32_t     bert_tokenizer_unknown(const bert_tokenizer *tok); /* [UNK] */
/* The ids of [MASK] and [PAD], by the names that the config gives them; -1: the
   vocabulary has none. */
int32_t bert_tokenizer_mask(const bert_tokenizer *tok);
int32_t bert_tokenizer_pad(const bert_tokenizer *tok);

/*
 * 16 hex digits and NUL: FNV-1a, 64 bits, over "lower=B accents=B cjk=B\n" and
 * every token in order of id, each ended by LF (a hole is empty). It names
 * what ids mean; options of a run do not count.
 */
const char *bert_tokenizer_fingerprint(const bert_tokenizer *tok);

/* Bytes of text, or of one word. */
typedef struct bert_text {
    const char *data;
    size_t      size;
} bert_text;

/* One side of the input: a text (count 1), or words already split. */
typedef struct bert_side {
    const bert_text *parts;
    size_t           count;
    bool             split; /* parts are words: each is tokenised by itself,
                               words are their numbers, spans count in them */
} bert_side;

typedef enum bert_unit {
    BERT_UNIT_CHARS, /* code points */
    BERT_UNIT_BYTES,
    BERT_UNIT_UTF16
} bert_unit;

typedef struct bert_encode_options {
    bert_unit unit;       /* of spans */
    bool      no_special; /* leave the template's tokens out */
    bool      ids_only;   /* quicker: words and spans are not known */
} bert_encode_options;    /* zero: code points, [CLS] a [SEP] b [SEP] */

/*
 * Normalise, split into words and those into word pieces by greedy longest
 * match first (Devlin et al. 2019; google-research/bert tokenization.py,
 * WordpieceTokenizer; equal to Hugging Face's tokenizers 0.23.3 in ids, spans
 * and words). The whole text: nothing is cut. pair and options may be NULL.
 * enc is overwritten and its memory reused. Scratch memory belongs to tok and
 * is handed to one caller at a time, so one tokenizer serves many threads, each
 * with an encoding of its own.
 * Errors: BERT_BAD_INPUT (not UTF-8; PCRE2's match limit), BERT_NO_MEMORY.
 */
bert_status bert_tokenizer_encode(const bert_tokenizer *tok,
                                  const bert_side *text, const bert_side *pair,
                                  const bert_encode_options *options,
                                  bert_encoding *enc, bert_error *err);

/*
 * ids back to text, appended to out, as HF's decode() with the model's
 * clean_up_tokenization_spaces. skip_special leaves special tokens out.
 * Errors: BERT_BAD_INPUT (an id outside [0,V)), BERT_NO_MEMORY.
 */
bert_status bert_tokenizer_decode(const bert_tokenizer *tok, const int32_t *ids,
                                  size_t n, bool skip_special, bert_buffer *out,
                                  bert_error *err);

/* Append text in lower case, a character at a time (Unicode 17's, as the
   tokenizers lower). text is UTF-8. false: no memory. */
bool bert_text_lower(bert_text text, bert_buffer *out);

/* Append the libraries that tokenizers run on: "PCRE2 10.42, utf8proc ...".
   false: no memory. */
bool bert_tokenizer_libraries(bert_buffer *out);

/* The lengths that a model folder's files name; 0: not given. */
typedef struct bert_lengths {
    size_t max_seq_length;          /* sentence_bert_config.json */
    size_t model_max_length;        /* tokenizer_config.json; a huge value that
                                       means "none" is given as 0 */
    size_t max_position_embeddings; /* config.json */
} bert_lengths;

/* Files that are absent give zeros. Errors: BERT_IO, BERT_BAD_FILE,
   BERT_NO_MEMORY. */
bert_status bert_folder_lengths(const char *folder, bert_lengths *out,
                                bert_error *err);

/* ---- 5. Batch: sequences packed end to end ------------------------------- */

typedef struct bert_batch bert_batch;

bert_batch *bert_batch_new(void); /* NULL: no memory */
void        bert_batch_free(bert_batch *batch);
void        bert_batch_clear(bert_batch *batch);           /* keeps memory */
size_t      bert_batch_sequences(const bert_batch *batch); /* B */
size_t      bert_batch_tokens(const bert_batch *batch);    /* N */

/*
 * Append one sequence of n tokens. Plain arrays, not an encoding, so that ids
 * read from a pipe or made by another tokenizer serve as well. type_ids may be
 * NULL: all 0. Errors: BERT_BAD_INPUT (n is 0), BERT_NO_MEMORY.
 */
bert_status bert_batch_add(bert_batch *batch, const int32_t *ids,
                           const int32_t *type_ids, size_t n, bert_error *err);

/* ---- 6. Model: configuration and weights --------------------------------- */

typedef struct bert_model bert_model;

/* The fields of config.json, under its names. Read only. */
typedef struct bert_config {
    int32_t     vocab_size, hidden_size, num_hidden_layers, num_attention_heads;
    int32_t     intermediate_size, max_position_embeddings, type_vocab_size;
    double      layer_norm_eps;
    const char *hidden_act; /* "gelu", "gelu_new", "relu", ... */
} bert_config;

typedef struct bert_model_options {
    /* Comma-separated, any order: row kernels "ref", "avx2", "avx512", "neon"
       and matrix library "refgemm", "blis", "onednn". NULL: the best here. */
    const char *kernels;
    /* The weights file, by its name in the folder; it may be any of the forms
       below under another name. NULL: the first of them that is there. */
    const char *weights;
} bert_model_options;

/*
 * Load config.json and the weights from a folder: model.safetensors, or
 * model.safetensors.index.json and the files it names, or pytorch_model.bin
 * (either form of torch.save(); nothing in it is executed), or its index, or a
 * checkpoint of TensorFlow's (bert_model.ckpt.index, or a SavedModel's
 * variables/variables.index; bert_config.json serves where there is no
 * config.json), whose data are verified. Every shape and type is checked before
 * its first byte is used; weights of f32 stay in the mapped file, which must
 * not be cut short while the model lives. options may be NULL. Errors: BERT_IO,
 * BERT_BAD_FILE (the message names file, tensor and both shapes),
 * BERT_UNSUPPORTED (a family or kernel that this build or machine has not),
 * BERT_BAD_CALL (a name in options->kernels that is none of these),
 * BERT_NO_MEMORY.
 */
bert_status        bert_model_load(bert_model **out, const char *folder,
                                   const bert_model_options *options, bert_error *err);
void               bert_model_free(bert_model *model);
const bert_config *bert_model_config(const bert_model *model);
/* The file of weights that was chosen; of shards their index. */
const char *bert_model_weights(const bert_model *model);
bool        bert_model_has_pooler(const bert_model *model);
/* Start the matrix library, which else the first workspace does: oneDNN takes
   1.5 ms to be found and opened. Any number of threads may call it. Errors:
   BERT_UNSUPPORTED (the library that options name is not here),
   BERT_NO_MEMORY. */
bert_status bert_model_start(bert_model *model, bert_error *err);
/* What runs: "avx512, onednn 2.6.3 (1 thread a product)"; before the library is
   started "avx512" alone. Another text once many tokens have run, if the
   library's sums turned out not to be ours, so that its packed weights cannot
   be used. */
const char *bert_model_kernels(const bert_model *model);
/* Append the matrix libraries that are here, started to be asked: "onednn
   2.6.3, blis 0.9.0 (skx)". false: no memory. */
bool bert_model_libraries(bert_buffer *out);

/* ---- 7. Workspace: scratch memory and a team ------------------------------
 */

typedef struct bert_workspace bert_workspace;

/*
 * Holds everything a run writes. Preparing it readies the model's weights for
 * the matrix library, once a model, with the whole team. The team is lent for
 * the workspace's life; NULL runs on the caller alone.
 * Errors: BERT_NO_MEMORY, BERT_UNSUPPORTED (the matrix library is not here, or
 * failed).
 */
bert_status bert_workspace_new(bert_workspace **out, bert_model *model,
                               bert_team *team, bert_error *err);
void        bert_workspace_free(bert_workspace *ws);

/* ---- 8. Encoder: ids to hidden states ------------------------------------ */

/* Lent by the workspace; the next bert_encoder_run() on it overwrites it. */
typedef struct bert_hidden {
    const float  *values; /* [layers,N,H] in the order asked for */
    const size_t *starts; /* [B+1]: sequence b is rows starts[b]..starts[b+1] */
    size_t        layers, B, N, H;
} bert_hidden;

/*
 * Embeddings, then every encoder layer (Devlin et al. 2019, section 3; Vaswani
 * et al. 2017, section 3). layers: which hidden states are wanted, 0 the
 * embeddings .. L the last layer; NULL: the last one alone. Layers above the
 * highest one wanted are not computed. A row depends on nothing but its own
 * sequence: not on its neighbours, the batch or the team.
 * Errors: BERT_BAD_INPUT (an empty batch; an id outside [0,V), a type outside
 * [0,type_vocab_size); a sequence over max_position_embeddings; a result that
 * is not finite), BERT_BAD_CALL (a layer outside 0..L; no layers; another
 * model's workspace), BERT_UNSUPPORTED (the matrix library failed),
 * BERT_NO_MEMORY.
 */
bert_status bert_encoder_run(const bert_model *model, const bert_batch *batch,
                             const int32_t *layers, size_t layer_count,
                             bert_workspace *ws, bert_hidden *out,
                             bert_error *err);

/* ---- 9. Sentence encoder: hidden states to one vector ---------------------
 */

typedef enum bert_pooling {
    BERT_POOL_MEAN = 0,      /* mean over the tokens */
    BERT_POOL_CLS,           /* the first token */
    BERT_POOL_MAX,           /* maximum over the tokens */
    BERT_POOL_MEAN_SQRT,     /* sum over the tokens / sqrt(their number) */
    BERT_POOL_WEIGHTED_MEAN, /* weights 1, 2, 3 .. by position */
    BERT_POOL_LAST,          /* the last token */
    BERT_POOL_POOLER         /* tanh(W h_first + b), the trained pooler */
} bert_pooling;

typedef struct bert_sentence bert_sentence;

/* What to change of what the folder says. Zero it for nothing. */
typedef struct bert_sentence_options {
    const bert_pooling *pooling; /* one or more, joined; NULL: the folder's */
    size_t              pooling_count;
    bert_choice         normalize; /* length 1 */
    size_t              dims;      /* the first so many; 0: the folder's
                                      truncate_dim, where pooling is the
                                      folder's too, else all */
    size_t concat;                 /* hidden states joined a token (--concat):
                                      0 or 1: one */
} bert_sentence_options;

/*
 * Read modules.json and what it names (Pooling, Dense, LayerNorm, Normalize):
 * the steps after the encoder, as sentence-transformers runs them. A folder
 * without modules.json gives the mean over all tokens, not normalised. Where
 * options choose a pooling, the folder's modules after the encoder are not
 * used, but for its normalisation. model must outlive the result.
 * Errors: as bert_model_load(); BERT_UNSUPPORTED names a module type that is
 * not known, or the pooler where the model has none.
 */
bert_status bert_sentence_load(bert_sentence **out, const char *folder,
                               const bert_model            *model,
                               const bert_sentence_options *options,
                               bert_error                  *err);
void        bert_sentence_free(bert_sentence *sentence);
size_t      bert_sentence_dims(const bert_sentence *sentence); /* D */
/* Whether vectors have length 1; not where truncate_dim cuts longer ones. */
bool bert_sentence_normalized(const bert_sentence *sentence);
/* The folder's pooling leaves the prompt's tokens out (include_prompt). */
bool bert_sentence_skips_prompt(const bert_sentence *sentence);
/* The prompt of that name, NULL: no such. name NULL: the default prompt. */
const char *bert_sentence_prompt(const bert_sentence *sentence,
                                 const char          *name);
/* "cosine", "dot", "euclidean" or "manhattan": similarity_fn_name. */
const char *bert_sentence_similarity(const bert_sentence *sentence);

/*
 * Pooling a row at a time, so that a text of any length, in any number of
 * windows, is pooled in constant memory: begin, add rows in the order of the
 * text, end. A pool serves one text at a time and can be used again.
 */
typedef struct bert_pool bert_pool;
bert_status bert_pool_new(bert_pool **out, const bert_sentence *sentence,
                          bert_error *err);
void        bert_pool_free(bert_pool *pool);
void        bert_pool_begin(bert_pool *pool);
/* The next n tokens are left out (a prompt's), but count as places. */
void bert_pool_skip(bert_pool *pool, size_t n);
/* rows [n,H]; with options.concat c: c arrays, `stride` floats apart. */
void bert_pool_add(bert_pool *pool, const float *rows, size_t n, size_t stride);
/*
 * The vector, out [D]: pooled, then the modules after it. Errors:
 * BERT_BAD_INPUT (no rows were added; a result that is not finite).
 */
bert_status bert_pool_end(bert_pool *pool, float *out, bert_error *err);

/* ---- 10. Heads: hidden states to logits ---------------------------------- */

typedef enum bert_head_kind {
    BERT_HEAD_MASK,     /* masked words: a row to V logits */
    BERT_HEAD_NSP,      /* next sentence: a sequence's first row to 2 */
    BERT_HEAD_TAG,      /* labels of tokens: a row to C */
    BERT_HEAD_CLASSIFY, /* labels of texts: a sequence's first row to C */
    BERT_HEAD_QA        /* start and end of an answer: a row to 2 */
} bert_head_kind;

/* config.json's problem_type. */
typedef enum bert_problem {
    BERT_PROBLEM_NONE = 0, /* not given */
    BERT_PROBLEM_REGRESSION,
    BERT_PROBLEM_SINGLE, /* single_label_classification */
    BERT_PROBLEM_MULTI   /* multi_label_classification */
} bert_problem;

typedef struct bert_head bert_head;

/*
 * The head of that kind in the model's weights, its shapes checked. model must
 * outlive it. A head may be shared by threads, but for bert_mask_run().
 * Errors: BERT_UNSUPPORTED (the model has no such head; the message names
 * those it has, and their tools), BERT_BAD_FILE (shapes, the label map,
 * problem_type), BERT_NO_MEMORY.
 */
bert_status bert_head_load(bert_head **out, bert_model *model,
                           bert_head_kind kind, bert_error *err);
void        bert_head_free(bert_head *head);
size_t      bert_head_outputs(const bert_head *head); /* C; 2; of masks V */

/* The name that id2label gives output i, else "LABEL_i"; NULL: no such. */
const char *bert_head_label(const bert_head *head, size_t i);
/* Outputs that id2label does not name, of a head with labels. */
size_t       bert_head_unnamed(const bert_head *head);
bert_problem bert_head_problem(const bert_head *head);
/* A cross-encoder's activation class as config_sentence_transformers.json or
   config.json names it ("torch.nn.modules.activation.Sigmoid"), or its
   default; NULL: not a cross-encoder. */
const char *bert_head_activation(const bert_head *head);

/*
 * logits [n,C] of rows [n,H], `stride` floats apart, on the calling thread: W h
 * + b; for NSP and CLASSIFY of the pooled row, W tanh(P h + p) + b (Devlin et
 * al. 2019, section 4; transformers, modeling_bert.py, BertFor...). Not for
 * MASK. scratch: bert_head_scratch() floats. A row's bits depend on it alone.
 */
size_t bert_head_scratch(const bert_head *head);
void   bert_head_run(const bert_head *head, const float *rows, size_t n,
                     size_t stride, float *scratch, float *logits);

/* y = softmax(x), n numbers, n >= 1; y may be x. */
void bert_head_softmax(const bert_head *head, const float *x, size_t n,
                       float *y);

/* What comes of one masked row: logits [V], lent for the call, may be
   overwritten. Runs on any member of the team. */
typedef void bert_head_row(void *context, size_t row, size_t member,
                           float *logits);

/*
 * Masked words: E LayerNorm(act(W h + b)) + c for rows [n,H], end to end; E the
 * vocabulary's embeddings (Devlin et al. 2019, section 3.1; modeling_bert.py,
 * BertLMPredictionHead). each() gets every row once; memory is bounded whatever
 * n. Rows and the vocabulary are shared out among the team of ws. One call at a
 * time a head. Whether logits are finite is for each() to see, which knows
 * whose row it is. Errors: BERT_UNSUPPORTED (the matrix library failed),
 * BERT_NO_MEMORY; each() may not have been called for every row then.
 */
bert_status bert_mask_run(bert_head *head, bert_workspace *ws,
                          const float *rows, size_t n, bert_head_row *each,
                          void *context, bert_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
