/*
 * fuzz_safetensors.c - any file as safetensors; every byte of every tensor of
 * one that opens is read
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    bert_status s = safetensors_open(file, path, &err);
    close(fd);
    unsigned sum = 0;
    for (size_t i = 0; s == BERT_OK && i < tensors_count(file); i++) {
        tensor t;
        if (!tensors_find(file, tensors_name(file, i), &t)) {
            abort();
        }
        for (size_t j = 0; j < tensor_count(&t) * dtype_size(t.type); j++) {
            sum += ((const unsigned char *)t.data)[j];
        }
    }
    tensors_free(file);
    return sum == UINT32_MAX ? -1 : 0;
}
