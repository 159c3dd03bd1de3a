/*
 * models.h - where a model is
 *
 * A model is asked for by -m, $BERT_MODEL, or not at all. What was asked for
 * is, in this order: a path that exists (a folder, or a file in one); a name in
 * the models folders; org/name in the Hugging Face cache, at the revision of
 * refs/main. Not asked for: default-TOOL, else default, in the models folders.
 * These are $BERT_MODELS (colon-separated), then bertutils/models in
 * ${XDG_DATA_HOME:-~/.local/share}, then ../share/bertutils/models beside the
 * program. Nothing is ever downloaded.
 */
#ifndef COMMON_MODELS_H
#define COMMON_MODELS_H

/*
 * The folder, the caller's to free. wanted NULL: not given with -m; empty:
 * a usage error. name is "embed" for bert-embed. Where a weights file was asked
 * for, its name in the folder goes to *weights, else NULL, to be freed too
 * (weights may be NULL). Where there is none the tool ends (exit 3) with a
 * message that says where it looked and how to get the default model.
 */
char *model_find(const char *wanted, const char *name, char **weights);

#endif
