/*
 * family.h - the names that a family of models gives its tensors
 *
 * One file a family (family_bert.c); a new one adds its file and its row in
 * family.c.
 */
#ifndef MODEL_FAMILY_H
#define MODEL_FAMILY_H

/*
 * Stems: ".weight", ".bias" and, of norms in older files, ".gamma", ".beta"
 * come after them. Those of a layer come after "<layers>.<number>.".
 */
typedef struct family {
    const char *model_type; /* config.json */
    const char *prefix;     /* before every name in files with a head */
    const char *word, *position, *type, *embeddings_norm;
    const char *layers;
    const char *query, *key, *value, *attention_output, *attention_norm;
    const char *intermediate, *output, *output_norm;
    const char *pooler;
    /* Heads; their names never bear the prefix. */
    const char *mask_dense, *mask_norm; /* masked words: the transform, */
    const char *mask_decoder;           /* the vocabulary's rows, */
    const char *mask_bias;              /* and their bias, a whole name */
    const char *nsp, *classifier, *qa;
} family;

extern const family family_bert;

/* NULL: no such family. */
const family *family_find(const char *model_type);

#endif
