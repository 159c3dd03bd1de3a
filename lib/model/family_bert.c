/*
 * family_bert.c - BERT's tensors, as transformers' modeling_bert.py names them
 */
#include "model/family.h"

const family family_bert = {
    .model_type = "bert",
    .prefix = "bert.",
    .word = "embeddings.word_embeddings",
    .position = "embeddings.position_embeddings",
    .type = "embeddings.token_type_embeddings",
    .embeddings_norm = "embeddings.LayerNorm",
    .layers = "encoder.layer",
    .query = "attention.self.query",
    .key = "attention.self.key",
    .value = "attention.self.value",
    .attention_output = "attention.output.dense",
    .attention_norm = "attention.output.LayerNorm",
    .intermediate = "intermediate.dense",
    .output = "output.dense",
    .output_norm = "output.LayerNorm",
    .pooler = "pooler.dense",
    .mask_dense = "cls.predictions.transform.dense",
    .mask_norm = "cls.predictions.transform.LayerNorm",
    .mask_decoder = "cls.predictions.decoder",
    .mask_bias = "cls.predictions.bias",
    .nsp = "cls.seq_relationship",
    .classifier = "classifier",
    .qa = "qa_outputs",
};
