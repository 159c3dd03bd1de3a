/*
 * head.h - what stands on the encoder: a map of its rows to logits
 */
#ifndef MODEL_HEAD_H
#define MODEL_HEAD_H

#include "model/labels.h"
#include "model/workspace.h"

struct bert_head {
    bert_model    *model;
    bert_head_kind kind;
    linear         out;    /* [outputs,H]; of masks the decoder */
    bool           pooled; /* over the pooler */
    labels         labels; /* of tag and classify */
    copies         copies;

    /* Masks only: head_mask.c */
    linear            transform; /* [H,H] */
    norm              norm;
    struct mask_room *room; /* NULL before the first run */
};

/*
 * The head's tensors in the model's file, copies kept by the head; columns 0:
 * rank 1. Errors: as weights_tensor().
 */
bert_status head_tensor(bert_head *head, const char *name, size_t rows,
                        size_t columns, tensor *out, bert_error *err);
/* "<stem>.weight" [rows,H], and with "<stem>.bias" [rows]. */
bert_status head_weight(bert_head *head, const char *stem, size_t rows,
                        tensor *out, bert_error *err);
bert_status head_linear(bert_head *head, const char *stem, size_t rows,
                        linear *out, bert_error *err);
/* Rows of a tensor of any rank; 0: no such tensor. */
size_t head_rows(const bert_head *head, const char *stem, const char *suffix);

/* head_mask.c */
bert_status mask_load(bert_head *head, bert_error *err);
void        mask_clear(bert_head *head);

#endif
