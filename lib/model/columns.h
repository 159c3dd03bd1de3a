/*
 * columns.h - the products of a layer over few rows, shared out by columns
 */
#ifndef MODEL_COLUMNS_H
#define MODEL_COLUMNS_H

#include "model/workspace.h"

/* Most rows for which this is quicker than sharing out blocks of rows. */
enum { COLUMNS_ROWS = 64 };

/* The first m rows of the scratch of member 0; all members take part. */
typedef struct columns {
    const bert_model *model;
    bert_workspace   *ws;
    size_t            m;
} columns;

/* Whether a pack of so many rows may be computed so. */
bool columns_fit(const bert_workspace *ws, size_t rows);

/* Q, K and V, as attention_project() (encoder.h). Errors are left in the
   members' scratch. */
void columns_project(const columns *c, const layer *l);

/* attention_output() and feedforward_run() (encoder.h), the same. */
void columns_transform(const columns *c, const layer *l);

#endif
