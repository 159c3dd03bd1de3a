/*
 * weights_file.h - in which file of a folder the weights are
 */
#ifndef MODEL_WEIGHTS_FILE_H
#define MODEL_WEIGHTS_FILE_H

#include "io/tensors.h"

/*
 * Open the weights of a folder: the file of that name, read as its ending
 * says, or where name is NULL the first that is there of model.safetensors,
 * its index of several, pytorch_model.bin and its index, bert_model.ckpt.index,
 * variables/variables.index, or the one other "*.ckpt*.index" of the folder.
 * Errors: as those of the readers; BERT_UNSUPPORTED names weights in another
 * form, or one of several checkpoints.
 */
bert_status weights_open(tensors **out, const char *folder, const char *name,
                         bert_error *err);

#endif
