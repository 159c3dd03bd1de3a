/*
 * records.h - helpers of the tests of records: input from memory
 */
#ifndef RECORDS_H
#define RECORDS_H

#include <unistd.h>

#include "bert_io.h"

/* A temporary file with these bytes; its name to path. */
static inline void write_file(char path[32], const void *bytes, size_t size)
{
    strcpy(path, "/tmp/bert-test-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || close(fd) != 0) {
        perror(path);
        exit(1);
    }
}

/* A reader over these bytes; the file is gone once it is opened. */
static inline bert_reader *reader_over(const void *bytes, size_t size,
                                       const bert_reader_options *options)
{
    char         path[32];
    const char  *paths[] = {path};
    bert_reader *reader = NULL;

    write_file(path, bytes, size);
    if (bert_reader_open(&reader, paths, 1, options, NULL) != BERT_OK) {
        exit(1);
    }
    (void)bert_reader_ready(reader); /* opens the file */
    unlink(path);
    return reader;
}

#endif
