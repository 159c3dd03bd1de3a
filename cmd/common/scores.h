/*
 * scores.h - logits of one text to scores, and what is made of them
 *
 * Plain functions over C numbers; sums and exponentials in f64, results f32.
 */
#ifndef COMMON_SCORES_H
#define COMMON_SCORES_H

#include <bert.h>

typedef enum score_function {
    SCORE_SOFTMAX, /* exp(x_i) / sum_j exp(x_j) */
    SCORE_SIGMOID, /* 1 / (1 + exp(-x_i)) */
    SCORE_NONE,
} score_function; /* as in "softmax|sigmoid|none" */

typedef enum score_known {
    SCORE_IS_KNOWN,
    SCORE_NOT_TRUSTED, /* the activation is code of the model's own: the
                          default is taken */
    SCORE_NOT_KNOWN    /* an activation of torch that is none of ours */
} score_known;

/*
 * The function of a model with C outputs. activation (NULL: none) is a
 * cross-encoder's and wins (sentence-transformers, CrossEncoder,
 * get_default_activation_fn); else by problem_type and C (transformers,
 * TextClassificationPipeline.postprocess).
 */
score_known score_function_of(bert_problem problem, size_t C,
                              const char *activation, score_function *out);

void scores_apply(score_function function, const float *logits, size_t C,
                  float *scores);

/* Places of the scores, best first; of equals the lower one. */
typedef struct score_place {
    float  score;
    size_t place;
} score_place;
void scores_order(const float *scores, size_t C, score_place *out);
void scores_sort(score_place *places, size_t n);

/* The first of the largest. */
size_t scores_best(const float *scores, size_t C);

/*
 * "negative=-1,neutral=0,positive=1" to values [C], a label's own name being
 * looked for first, so that it may hold commas. Every label must be there, and
 * no other. Errors: BERT_BAD_CALL.
 */
bert_status score_map_parse(const char *text, const char *const *labels,
                            size_t C, float *values, bert_error *err);

/* sum_i scores_i * values_i */
float scores_expected(const float *scores, const float *values, size_t C);

/* The logits of a long text's windows as one. */
typedef enum score_reduce {
    REDUCE_MEAN,
    REDUCE_MAX,
    REDUCE_LAST
} score_reduce; /* as in "mean|max|last" */

/* held [C]: of the windows before, `seen` of them. */
void reduce_add(score_reduce how, const float *logits, size_t C, size_t seen,
                double *held);
void reduce_end(score_reduce how, const double *held, size_t C, size_t seen,
                float *logits);

#endif
