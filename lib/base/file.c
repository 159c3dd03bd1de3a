/*
 * file.c - files as a whole: mapped, or read
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"

/* What a clone of a repository leaves where Git LFS has not fetched the file:
   a few lines of text that name it, shorter than 1,024 bytes. */
static bool is_lfs_pointer(int fd, size_t size)
{
    static const char begins[] = "version https://git-lfs";
    char              start[sizeof begins - 1];

    return size < 1024 && pread(fd, start, sizeof start, 0) == sizeof start &&
           memcmp(start, begins, sizeof start) == 0;
}

/* A regular file, open for reading, and its size. */
static bert_status open_regular(const char *path, int *fd, size_t *size,
                                bert_error *err)
{
    struct stat st;

    /* Not blocking: opening a named pipe must fail, not wait for a writer. */
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0) {
        return error_system(err, path, errno);
    }
    if (fstat(*fd, &st) != 0) {
        bert_status s = error_system(err, path, errno);
        close(*fd);
        return s;
    }
    if (!S_ISREG(st.st_mode)) {
        close(*fd);
        return error_set(err, BERT_IO, "%s: %s", path,
                         S_ISDIR(st.st_mode) ? "is a folder"
                                             : "is not a regular file");
    }
    *size = (size_t)st.st_size;
    if (is_lfs_pointer(*fd, *size)) {
        close(*fd);
        return error_set(err, BERT_BAD_FILE,
                         "%s: a Git LFS pointer, not the file itself (git lfs "
                         "pull gets it)",
                         path);
    }
    return BERT_OK;
}

bert_status file_map_open(file_map *map, const char *path, bert_error *err)
{
    int    fd;
    size_t size;

    bert_status s = open_regular(path, &fd, &size, err);
    if (s != BERT_OK) {
        return s;
    }
    if (size == 0) { /* mmap refuses it */
        close(fd);
        *map = (file_map){.data = (const unsigned char *)"", .size = 0};
        return BERT_OK;
    }
    void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) {
        s = error_system(err, path, errno);
    } else {
        *map = (file_map){.data = data, .size = size};
    }
    close(fd);
    return s;
}

void file_map_close(file_map *map)
{
    if (map->size > 0) {
        munmap((void *)(uintptr_t)map->data, map->size);
    }
    *map = (file_map){0};
}

static bert_status read_all(int fd, const char *path, size_t limit,
                            bert_buffer *out, bert_error *err)
{
    size_t before = out->size;

    for (;;) {
        if (!buffer_reserve(out, 65536)) {
            return error_memory(err);
        }
        ssize_t got = read(fd, out->data + out->size, 65536);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return error_system(err, path, errno);
        }
        if (got == 0) {
            return BERT_OK;
        }
        out->size += (size_t)got;
        if (out->size - before > limit) {
            return error_set(err, BERT_BAD_FILE, "%s: larger than %zu bytes",
                             path, limit);
        }
    }
}

bert_status file_read(const char *path, size_t limit, bert_buffer *out,
                      bert_error *err)
{
    int    fd;
    size_t size;

    bert_status s = open_regular(path, &fd, &size, err);
    if (s != BERT_OK) {
        return s;
    }
    if (size > limit) {
        s = error_set(err, BERT_BAD_FILE, "%s: larger than %zu bytes", path,
                      limit);
    } else {
        s = read_all(fd, path, limit, out, err);
    }
    close(fd);
    return s;
}

char *file_join(const char *folder, const char *name)
{
    size_t a = strlen(folder), b = strlen(name);
    bool   slash = a > 0 && folder[a - 1] != '/';
    char  *path = memory_new(a + b + 2, 1);

    if (path != NULL) {
        memcpy(path, folder, a);
        if (slash) {
            path[a++] = '/';
        }
        memcpy(path + a, name, b + 1);
    }
    return path;
}

bool file_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool file_absent(const char *path)
{
    struct stat st;

    return lstat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}
