/*
 * fuzz_torch_file.c - any file as one of torch.save(); every byte of every
 * tensor of one that opens is read, and its floats are made
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/torch_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned read_tensor(const tensor *t)
{
    size_t   count = tensor_count(t);
    unsigned sum = 0;

    for (size_t j = 0; j < count * dtype_size(t->type); j++) {
        sum += ((const unsigned char *)t->data)[j];
    }
    if (dtype_is_float(t->type)) {
        float *floats = malloc((count + 1) * sizeof *floats);
        if (floats == NULL) {
            abort();
        }
        tensor_floats(t, floats);
        sum += count > 0 && floats[count - 1] > 0;
        free(floats);
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char       path[32];
    tensors   *file = tensors_new("file");
    bert_error err;
    int        fd = memfd_create("file", 0);

    if (file == NULL || fd < 0 || write(fd, data, size) != (ssize_t)size) {
        abort();
    }
    sprintf(path, "/proc/self/fd/%d", fd);
    bert_status s = torch_file_open(file, path, &err);
    close(fd);
    unsigned sum = 0;
    for (size_t i = 0; s == BERT_OK && i < tensors_count(file); i++) {
        tensor t;
        if (!tensors_find(file, tensors_name(file, i), &t)) {
            abort();
        }
        sum += read_tensor(&t);
    }
    tensors_free(file);
    return sum == UINT32_MAX ? -1 : 0;
}
