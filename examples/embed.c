/*
 * embed.c - the cosine of two sentences, with the installed library
 *     cc embed.c $(pkg-config --cflags --libs bert) -lm -o embed
 *     ./embed MODEL_FOLDER "A cat sleeps." "A kitten naps."
 */
#include <bert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bert_error err;

static void need(bert_status status)
{
    if (status != BERT_OK) {
        fprintf(stderr, "embed: %s\n", err.message);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        return fprintf(stderr, "usage: embed MODEL_FOLDER TEXT TEXT\n"), 2;
    }
    bert_tokenizer *tok;
    bert_model     *model;
    bert_sentence  *sentence;
    bert_workspace *ws;
    bert_pool      *pool;
    bert_hidden     hidden;
    bert_encoding  *enc = bert_encoding_new();
    bert_batch     *batch = bert_batch_new();
    need(bert_tokenizer_load(&tok, argv[1], NULL, &err));
    need(bert_model_load(&model, argv[1], NULL, &err));
    need(bert_sentence_load(&sentence, argv[1], model, NULL, &err));
    need(bert_workspace_new(&ws, model, NULL, &err));
    need(bert_pool_new(&pool, sentence, &err));
    size_t D = bert_sentence_dims(sentence);
    float *v = calloc(2 * D, sizeof *v); /* [2,D] */
    for (int i = 0; i < 2; i++) {
        bert_text part = {argv[2 + i], strlen(argv[2 + i])};
        bert_side text = {&part, 1, false};
        need(bert_tokenizer_encode(tok, &text, NULL, NULL, enc, &err));
        bert_tokens t = bert_encoding_tokens(enc);
        bert_batch_clear(batch);
        need(bert_batch_add(batch, t.ids, NULL, t.length, &err));
        need(bert_encoder_run(model, batch, NULL, 0, ws, &hidden, &err));
        bert_pool_begin(pool);
        bert_pool_add(pool, hidden.values, hidden.N, 0);
        need(bert_pool_end(pool, v + (i ? D : 0), &err));
    }
    double ab = 0, aa = 0, bb = 0;
    for (const float *a = v, *b = v + D; a < v + D; a++, b++) {
        ab += (double)*a * *b, aa += (double)*a * *a, bb += (double)*b * *b;
    }
    printf("%.4f\n", ab / sqrt(aa * bb));
}
