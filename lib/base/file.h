/*
 * file.h - files as a whole: mapped, or read
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/error.h"

/* A mapped file, read only. Zero it to begin. */
typedef struct file_map {
    const unsigned char *data;
    size_t               size;
} file_map;

/* Errors: BERT_IO (with the path and the reason; a folder, a pipe),
   BERT_BAD_FILE (a pointer of Git LFS in its place). */
bert_status file_map_open(file_map *map, const char *path, bert_error *err);
void        file_map_close(file_map *map);

/* Read a whole file of at most `limit` bytes to out (appended).
   Errors: BERT_IO, BERT_BAD_FILE (larger than limit; a pointer of Git LFS),
   BERT_NO_MEMORY. */
bert_status file_read(const char *path, size_t limit, bert_buffer *out,
                      bert_error *err);

/* "folder/name", to be freed with memory_free(); NULL: no memory. */
char *file_join(const char *folder, const char *name);
bool  file_exists(const char *path); /* as a regular file */
/* Nothing bears that name: a link that leads nowhere does. */
bool file_absent(const char *path);

#endif
