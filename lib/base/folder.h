/*
 * folder.h - where in a model folder the transformer's own files lie
 */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include "base/json.h"

/*
 * The folder that holds config.json, the weights and the tokenizer: that of
 * the first module of modules.json (sentence-transformers keeps it in
 * "0_Transformer" in older models), else the folder itself. *out is to be
 * freed with memory_free(). Errors: BERT_IO, BERT_BAD_FILE, BERT_NO_MEMORY.
 */
bert_status folder_transformer(const char *folder, char **out, bert_error *err);

/*
 * What says how the transformer in folder is built: config.json, or where
 * there is none the bert_config.json of Google's checkpoints, if that is
 * there. *out is to be freed with memory_free(). Errors: BERT_NO_MEMORY.
 */
bert_status folder_config(const char *folder, char **out, bert_error *err);

/*
 * "folder/path" for a path that a model's file names: it must stay inside the
 * folder. *out is to be freed with memory_free(); name is the file that says
 * so, for the message. Errors: BERT_BAD_FILE, BERT_NO_MEMORY.
 */
bert_status folder_inside(const char *folder, const char *path,
                          const char *name, char **out, bert_error *err);

#endif
