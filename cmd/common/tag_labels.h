/*
 * tag_labels.h - what the labels of a tagging model say
 *
 * A label is a part and a tag: "B-PER" begins a PER, "I-PER" goes on with it;
 * any other label, "O" among them, is a tag by itself of which each token goes
 * on with the one before (transformers, TokenClassificationPipeline.get_tag).
 * Where a label map has E-X or S-X beside B-X or I-X (BIOES, BMES), E- ends an
 * entity, S- is one by itself and M- is another I-; elsewhere these letters
 * mean nothing.
 */
#ifndef COMMON_TAG_LABELS_H
#define COMMON_TAG_LABELS_H

#include <bert.h>

typedef enum tag_part {
    TAG_INSIDE, /* also of a label without a part */
    TAG_BEGIN,
    TAG_END,
    TAG_SINGLE
} tag_part;

typedef struct tag_label {
    bert_text name; /* "B-PER" */
    bert_text type; /* "PER": what follows the first '-', or all */
    size_t    tag;  /* the same number, the same tag */
    tag_part  part;
    bool      marked;  /* the name says its part */
    bool      outside; /* the name is "O" */
    bool      ignored; /* the type is "O": such groups are no entities */
} tag_label;

typedef struct tag_labels {
    tag_label *all; /* [count] */
    size_t     count;
    bool       ends; /* E- and S- have a meaning */
} tag_labels;

/* From names [count], which must stay. */
void tag_labels_make(tag_labels *out, const char *const *names, size_t count);
void tag_labels_free(tag_labels *labels);

#endif
