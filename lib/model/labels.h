/*
 * labels.h - what config.json says of a head's outputs
 */
#ifndef MODEL_LABELS_H
#define MODEL_LABELS_H

#include "model/config.h"

typedef struct labels {
    char       **names; /* [count], owned */
    size_t       count, unnamed;
    bert_problem problem;
    char        *activation; /* owned; NULL: none */
} labels;

/*
 * Names for `count` outputs: id2label's, "LABEL_i" where it has none.
 * Errors: BERT_BAD_FILE (id2label is no map of numbers to strings; an unknown
 * problem_type), BERT_UNSUPPORTED (a cross-encoder with a prompt),
 * BERT_NO_MEMORY.
 */
bert_status labels_read(labels *out, const config *c, size_t count,
                        bert_error *err);
void        labels_clear(labels *l);

#endif
