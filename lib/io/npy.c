/*
 * npy.c - the header of a NumPy array file
 *
 * Version 1.0 (numpy.lib.format): magic, version, length of what follows,
 * a Python dict, spaces, LF; 128 bytes in all, which any shape fits, so that
 * a header written first can be written over at the end.
 */
#include "bert_io.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"

enum { NPY_SIZE = 128, NPY_PREFIX = 10 };

bert_status bert_npy_header(const char *descr, size_t rows, size_t columns,
                            bert_buffer *out, bert_error *err)
{
    char header[NPY_SIZE + 1];

    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)(NPY_SIZE - NPY_PREFIX);
    header[9] = 0;
    int n = snprintf(header + NPY_PREFIX, sizeof header - NPY_PREFIX,
                     "{'descr': '%.4s', 'fortran_order': False, "
                     "'shape': (%zu, %zu), }",
                     descr, rows, columns);
    if (n < 0 || n >= NPY_SIZE - NPY_PREFIX) {
        return error_set(err, BERT_BAD_CALL, "no .npy header for %s", descr);
    }
    memset(header + NPY_PREFIX + n, ' ', (size_t)(NPY_SIZE - NPY_PREFIX - n));
    header[NPY_SIZE - 1] = '\n';
    return buffer_put(out, header, NPY_SIZE) ? BERT_OK : error_memory(err);
}
