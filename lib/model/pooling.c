/*
 * pooling.c - rows of hidden states to one vector, a row at a time
 *
 * Sums are in f64, so that a text of any number of windows is pooled as well
 * as a short one. Formulas: sentence_transformers 6.2,
 * sentence_transformer/modules/pooling.py.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/linear.h"
#include "model/sentence.h"

/* W = H * concat is the width of a row. */
struct bert_pool {
    const bert_sentence *sentence;
    double              *sum, *weighted;     /* [W]; NULL: not needed */
    float               *max, *first, *last; /* [W] */
    float               *vector, *other;     /* [widest] */
    size_t               position;           /* rows so far, those left out
                                                included */
    size_t rows;                             /* added */
    double weights;                          /* sum of positions */
    void  *memory;
};

static bool uses(const bert_sentence *s, bert_pooling pooling)
{
    for (size_t i = 0; i < s->pooling_count; i++) {
        if (s->pooling[i] == pooling) {
            return true;
        }
    }
    return false;
}

bert_status bert_pool_new(bert_pool **out, const bert_sentence *sentence,
                          bert_error *err)
{
    size_t     W = sentence->row_width, widest = sentence->widest;
    bert_pool *pool = memory_new_zeroed(1, sizeof *pool);

    if (pool == NULL) {
        return error_memory(err);
    }
    /* Widths are below 2^18 * (concat + MAX_POOLINGS): no sum overflows. */
    pool->memory = memory_new_zeroed(7 * W + 2 * widest, sizeof(float));
    if (pool->memory == NULL) {
        memory_free(pool);
        return error_memory(err);
    }
    double *sums = pool->memory;
    float  *rows = (float *)(sums + 2 * W);
    pool->sentence = sentence;
    pool->sum =
        uses(sentence, BERT_POOL_MEAN) || uses(sentence, BERT_POOL_MEAN_SQRT)
            ? sums
            : NULL;
    pool->weighted = uses(sentence, BERT_POOL_WEIGHTED_MEAN) ? sums + W : NULL;
    pool->max = rows;
    pool->first = rows + W;
    pool->last = rows + 2 * W;
    pool->vector = rows + 3 * W;
    pool->other = pool->vector + widest;
    *out = pool;
    return BERT_OK;
}

void bert_pool_free(bert_pool *pool)
{
    if (pool != NULL) {
        memory_free(pool->memory);
        memory_free(pool);
    }
}

void bert_pool_begin(bert_pool *pool)
{
    size_t W = pool->sentence->row_width;

    memset(pool->memory, 0, 2 * W * sizeof(double));
    for (size_t i = 0; i < W; i++) {
        pool->max[i] = -INFINITY;
    }
    pool->position = pool->rows = 0;
    pool->weights = 0;
}

void bert_pool_skip(bert_pool *pool, size_t n)
{
    pool->position += n;
}

/* Part of a row, [H] from column `at` of the pooled width. */
static void add_part(bert_pool *pool, const float *row, size_t at, size_t H)
{
    double weight = (double)(pool->position + 1);

    for (size_t i = 0; pool->sum != NULL && i < H; i++) {
        pool->sum[at + i] += (double)row[i];
    }
    for (size_t i = 0; pool->weighted != NULL && i < H; i++) {
        pool->weighted[at + i] += weight * (double)row[i];
    }
    pool->sentence->model->kernels->maximum(row, pool->max + at, H);
    if (pool->rows == 0) {
        memcpy(pool->first + at, row, H * sizeof *row);
    }
    memcpy(pool->last + at, row, H * sizeof *row);
}

void bert_pool_add(bert_pool *pool, const float *rows, size_t n, size_t stride)
{
    size_t c = pool->sentence->concat;
    size_t H = pool->sentence->row_width / c;

    for (size_t t = 0; t < n; t++) {
        for (size_t j = 0; j < c; j++) {
            add_part(pool, rows + j * stride + t * H, j * H, H);
        }
        pool->position++;
        pool->rows++;
        pool->weights += (double)pool->position;
    }
}

/* The pooler of the BERT paper: tanh(W h_first + b). */
static void run_pooler(const bert_pool *pool, float *out)
{
    const bert_model *model = pool->sentence->model;
    size_t            H = (size_t)model->config.sizes.hidden_size;

    linear_row(&model->weights.pooler, model->kernels, pool->first, out);
    model->kernels->bias_act(KERNEL_TANH, out, NULL, out, H);
}

static void divide(const double *sum, double by, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = (float)(sum[i] / by);
    }
}

static void finish(const bert_pool *pool, bert_pooling pooling, float *out)
{
    size_t W = pool->sentence->row_width;
    double n = (double)pool->rows;

    switch (pooling) {
    case BERT_POOL_MEAN:
        divide(pool->sum, n, out, W);
        break;
    case BERT_POOL_MEAN_SQRT:
        divide(pool->sum, sqrt(n), out, W);
        break;
    case BERT_POOL_WEIGHTED_MEAN:
        divide(pool->weighted, pool->weights, out, W);
        break;
    case BERT_POOL_CLS:
        memcpy(out, pool->first, W * sizeof *out);
        break;
    case BERT_POOL_MAX:
        memcpy(out, pool->max, W * sizeof *out);
        break;
    case BERT_POOL_LAST:
        memcpy(out, pool->last, W * sizeof *out);
        break;
    case BERT_POOL_POOLER:
        run_pooler(pool, out);
        break;
    }
}

bert_status bert_pool_end(bert_pool *pool, float *out, bert_error *err)
{
    const bert_sentence *s = pool->sentence;

    if (pool->rows == 0) {
        return error_set(err, BERT_BAD_INPUT, "no tokens to pool");
    }
    for (size_t i = 0; i < s->pooling_count; i++) {
        finish(pool, s->pooling[i], pool->vector + i * s->row_width);
    }
    for (size_t i = 0; i < s->step_count; i++) {
        step_run(&s->steps[i], s->model->kernels, pool->vector, pool->other);
        float *swap = pool->vector;
        pool->vector = pool->other;
        pool->other = swap;
    }
    if (s->normalized) {
        step_normalize(pool->vector, s->length_one);
    }
    for (size_t i = 0; i < s->dims; i++) {
        if (!isfinite(pool->vector[i])) {
            return error_set(err, BERT_BAD_INPUT,
                             "a number of the vector is not finite");
        }
    }
    memcpy(out, pool->vector, s->dims * sizeof *out);
    return BERT_OK;
}
