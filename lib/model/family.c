/*
 * family.c - the families of models that can be run
 */
#include "model/family.h"

#include <stddef.h>
#include <string.h>

static const family *const families[] = {&family_bert};

const family *family_find(const char *model_type)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (strcmp(families[i]->model_type, model_type) == 0) {
            return families[i];
        }
    }
    return NULL;
}
