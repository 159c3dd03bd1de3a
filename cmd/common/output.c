/*
 * output.c - where results go: standard output, or -o FILE
 */
#include "common/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/numbers.h"
#include "common/report.h"

enum {
    BUFFER_SIZE = 512 << 10,
    SCAN_SIZE = 1 << 20,
    LINK_SIZE = 4096,
    MAX_LINKS = 40 /* as in the kernel */
};

struct output {
    int    file;
    char  *path;      /* FILE; NULL: written directly */
    char  *part_path; /* FILE.part */
    char  *name;      /* for messages */
    char  *buffer;    /* [BUFFER_SIZE], the first `held` bytes in use */
    size_t held;
    bool   resume, resumed; /* asked for; FILE.part was there */
    size_t puts;            /* records */
    char  *expected;        /* the record that must come again; NULL: none */
    size_t expected_size;
    off_t  expected_end;
};

static _Noreturn void fail(const output *out, int error_number)
{
    stop_error("%s: %s", out->name, strerror(error_number));
}

static void write_all(output *out, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(out->file, bytes, size);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            fail(out, n < 0 ? errno : EIO);
        }
        bytes += n;
        size -= (size_t)n;
    }
}

/* What can be refused before a model is loaded; the file itself is made only
   when there is something to write, so that no failure leaves an empty one. */
static void check_part(output *out, bool resumable)
{
    bool part = access(out->part_path, F_OK) == 0;

    if (out->resume && !part && access(out->path, F_OK) == 0) {
        report_verbose("%s is complete: nothing to do", out->path);
        exit(ENDS_WELL);
    }
    if (!out->resume && part) {
        stop_error(resumable ? "%s exists: --resume goes on from it; remove it "
                               "to start anew"
                             : "%s exists: a run that stopped left it, and "
                               "none can go on from it; remove it",
                   out->part_path);
    }
    out->resumed = part;
}

/* Open FILE.part, anew or where a run was cut off. */
static void open_part(output *out)
{
    struct stat about;

    out->file = open(out->part_path,
                     out->resumed ? O_RDWR | O_CLOEXEC
                                  : O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                     0666);
    if (out->file < 0) {
        fail(out, errno);
    }
    if (!out->resumed && stat(out->path, &about) == 0 &&
        fchmod(out->file, about.st_mode & 07777) != 0) {
        report_verbose("%s: cannot give it the mode of %s", out->part_path,
                       out->path);
    }
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* Is this folder, already resolved, the one of our own descriptors? */
static bool holds_descriptors(const char *folder)
{
    static const char *const names[] = {"/dev/fd", "/proc/self/fd",
                                        "/proc/thread-self/fd"};
    bool                     found = false;

    for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++) {
        char *real = realpath(names[i], NULL);

        found = real != NULL && strcmp(real, folder) == 0;
        free(real);
    }
    return found;
}

/* What the link at path names, seen from the folder it is in; NULL: no link. */
static char *read_link(const char *path, const char *folder)
{
    char    target[LINK_SIZE];
    ssize_t size = readlink(path, target, sizeof target - 1);

    if (size < 0) {
        return NULL;
    }
    target[size] = '\0';
    return target[0] == '/' ? alloc_text(target, (size_t)size)
                            : alloc_joined(folder, "/", target);
}

/*
 * The descriptor of ours that path names, directly or through links
 * (/dev/stdout, /dev/fd/3); -1: none. A regular file behind it is the
 * shell's, who writes before and after us: it is neither replaced nor begun
 * anew, as opening it by its name would.
 */
static int find_descriptor(const char *path)
{
    char  *at = alloc_text(path, strlen(path));
    size_t number = 0;
    bool   found = false;

    for (int links = 0; at != NULL && !found && links < MAX_LINKS; links++) {
        const char *base = base_of(at);
        char       *named = base == at ? alloc_text(".", 1)
                                       : alloc_text(at, (size_t)(base - at));
        char       *folder = realpath(named, NULL);
        char       *next = NULL;

        if (folder != NULL) {
            found = holds_descriptors(folder) && number_size(base, &number) &&
                    number <= INT_MAX;
            next = found ? NULL : read_link(at, folder);
        }
        free(named);
        free(folder);
        free(at);
        at = next;
    }
    free(at);
    return found ? (int)number : -1;
}

/* Written directly: `file` is open for it, or -1. */
static output *open_direct(output *out, const char *name, int file)
{
    out->name = alloc_text(name, strlen(name));
    out->file = file;
    if (file < 0) {
        fail(out, errno);
    }
    return out;
}

output *output_open(const char *path, output_start start)
{
    output     *out = alloc_zeroed(1, sizeof *out);
    bool        resume = start == OUTPUT_RESUMED;
    struct stat about;

    out->buffer = alloc_zeroed(BUFFER_SIZE, 1);
    if (path != NULL && path[0] == '\0') {
        usage_error("the name of an output file is empty");
    }
    if (path == NULL || strcmp(path, "-") == 0) {
        if (resume) {
            usage_error("--resume needs --output FILE");
        }
        return open_direct(out, "standard output", STDOUT_FILENO);
    }
    int given = find_descriptor(path);
    if (given >= 0) {
        if (resume) {
            usage_error("--resume: %s is no file of its own", path);
        }
        return open_direct(out, path, fcntl(given, F_DUPFD_CLOEXEC, 0));
    }
    bool there = stat(path, &about) == 0;
    if (there && !S_ISREG(about.st_mode)) {
        if (resume) {
            usage_error("--resume: %s is not a regular file", path);
        }
        return open_direct(out, path, open(path, O_WRONLY | O_CLOEXEC));
    }
    /* Through a link, so that the file it names is the one replaced. */
    char *real = there ? realpath(path, NULL) : NULL;
    out->path = real != NULL ? real : alloc_text(path, strlen(path));
    out->part_path = alloc_joined(out->path, ".part", "");
    out->name = alloc_text(out->part_path, strlen(out->part_path));
    out->resume = resume;
    check_part(out, start != OUTPUT_NEW);
    return out;
}

/* The folder that path is in. false: there is none. */
static bool find_folder(const char *path, const char *base, struct stat *about)
{
    char *folder = base == path ? alloc_text(".", 1)
                                : alloc_text(path, (size_t)(base - path));
    bool  there = stat(folder, about) == 0;

    free(folder);
    return there;
}

bool output_same(const output *a, const output *b)
{
    struct stat of_a, of_b;

    if (a->path == NULL && b->path == NULL) {
        return a->file == b->file ||
               (fstat(a->file, &of_a) == 0 && fstat(b->file, &of_b) == 0 &&
                !S_ISCHR(of_a.st_mode) && of_a.st_dev == of_b.st_dev &&
                of_a.st_ino == of_b.st_ino);
    }
    if (a->path == NULL || b->path == NULL) {
        return false;
    }
    const char *base_a = base_of(a->path), *base_b = base_of(b->path);
    return strcmp(base_a, base_b) == 0 && find_folder(a->path, base_a, &of_a) &&
           find_folder(b->path, base_b, &of_b) && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

const char *output_part_path(const output *out)
{
    return out->part_path;
}

bool output_seeks(const output *out)
{
    struct stat about;

    return out->path != NULL ||
           (fstat(out->file, &about) == 0 && S_ISREG(about.st_mode) &&
            (fcntl(out->file, F_GETFL) & O_APPEND) == 0 &&
            lseek(out->file, 0, SEEK_CUR) == 0);
}

bool output_is_terminal(const output *out)
{
    return out->path == NULL && isatty(out->file) == 1;
}

static void hold(output *out, const char *bytes, size_t size)
{
    if (size > BUFFER_SIZE - out->held) {
        output_flush(out);
    }
    if (size > BUFFER_SIZE) {
        write_all(out, bytes, size);
    } else if (size > 0) {
        memcpy(out->buffer + out->held, bytes, size);
        out->held += size;
    }
}

/* Read [from, from + size) of the file. false: it is not all there. */
static bool read_at(const output *out, char *bytes, size_t size, off_t from)
{
    while (size > 0) {
        ssize_t n = pread(out->file, bytes, size, from);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            fail(out, errno);
        }
        if (n == 0) {
            return false;
        }
        bytes += n;
        from += n;
        size -= (size_t)n;
    }
    return true;
}

static _Noreturn void differs(const output *out, const char *what)
{
    stop_error("%s: %s differs: written from other input, by another model or "
               "with other options; remove it to start anew",
               out->name, what);
}

/* Ends of the last whole record and of the one before; returns how many
   there are from `begin` on. */
static size_t scan_records(const output *out, const output_frame *frame,
                           off_t begin, off_t *before, off_t *last)
{
    size_t count = 0;

    *before = *last = begin;
    if (frame->row_size > 0) {
        off_t end = lseek(out->file, 0, SEEK_END);

        count = end <= begin ? 0 : (size_t)(end - begin) / frame->row_size;
        *last = begin + (off_t)(count * frame->row_size);
        *before = count == 0 ? begin : *last - (off_t)frame->row_size;
        return count;
    }
    char *bytes = alloc_zeroed(SCAN_SIZE, 1);
    for (off_t at = begin;;) {
        ssize_t n = pread(out->file, bytes, SCAN_SIZE, at);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            fail(out, errno);
        }
        if (n == 0) {
            break;
        }
        for (const char *c = bytes, *end = bytes + n;
             (c = memchr(c, frame->end, (size_t)(end - c))) != NULL;) {
            c++;
            count++;
            *before = *last;
            *last = at + (c - bytes);
        }
        at += n;
    }
    free(bytes);
    return count;
}

/* Whether the file holds a whole header; one that is not completed later must
   be the one this run would write. */
static bool header_stands(const output *out, const output_frame *frame)
{
    char *bytes = alloc_zeroed(frame->header_size, 1);
    bool  whole = read_at(out, bytes, frame->header_size, 0);

    if (whole && !frame->completed && frame->header_size > 0 &&
        memcmp(bytes, frame->header, frame->header_size) != 0) {
        differs(out, "its header");
    }
    free(bytes);
    return whole;
}

size_t output_begin(output *out, const output_frame *frame)
{
    off_t  before = 0, last = 0;
    size_t count = 0;

    if (out->path != NULL) {
        open_part(out);
    }
    if (out->resumed && header_stands(out, frame)) {
        count =
            scan_records(out, frame, (off_t)frame->header_size, &before, &last);
    }
    if (count == 0) {
        if (out->resumed && (ftruncate(out->file, 0) != 0 ||
                             lseek(out->file, 0, SEEK_SET) != 0)) {
            fail(out, errno);
        }
        hold(out, frame->header, frame->header_size);
        return 0;
    }
    out->expected_size = (size_t)(last - before);
    out->expected_end = last;
    out->expected = alloc_zeroed(out->expected_size, 1);
    if (!read_at(out, out->expected, out->expected_size, before) ||
        lseek(out->file, before, SEEK_SET) != before) {
        fail(out, EIO);
    }
    return count;
}

/* The record that the file holds already has come again. */
static void check_expected(output *out, const char *bytes, size_t size)
{
    if (size != out->expected_size || memcmp(bytes, out->expected, size) != 0) {
        differs(out, "its last record");
    }
    if (ftruncate(out->file, out->expected_end) != 0) {
        fail(out, errno);
    }
    free(out->expected);
    out->expected = NULL;
}

void output_put(output *out, const char *bytes, size_t size)
{
    if (out->expected != NULL) {
        check_expected(out, bytes, size);
    }
    hold(out, bytes, size);
    out->puts++;
}

void output_flush(output *out)
{
    write_all(out, out->buffer, out->held);
    out->held = 0;
}

void output_complete_header(output *out, const char *header, size_t size)
{
    output_flush(out);
    for (off_t at = 0; size > 0;) {
        ssize_t n = pwrite(out->file, header, size, at);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            fail(out, n < 0 ? errno : EIO);
        }
        header += n;
        at += n;
        size -= (size_t)n;
    }
}

static void release(output *out)
{
    free(out->path);
    free(out->part_path);
    free(out->name);
    free(out->buffer);
    free(out->expected);
    free(out);
}

/* To the disk. What no file system here can do is no error; a full disk may
   be noticed only now. */
static void synchronise(const output *out)
{
    if (fsync(out->file) != 0 && errno != EINVAL && errno != ENOSYS &&
        errno != ENOTSUP && errno != EROFS) {
        fail(out, errno);
    }
}

void output_finish(output *out)
{
    if (out->expected != NULL) {
        differs(out, "the number of its records");
    }
    output_flush(out);
    if (out->path != NULL) {
        synchronise(out);
    }
    if (close(out->file) != 0 && errno != EINTR) {
        fail(out, errno);
    }
    if (out->path != NULL && rename(out->part_path, out->path) != 0) {
        fail(out, errno);
    }
    release(out);
}

void output_abandon(output *out)
{
    output_flush(out);
    if (close(out->file) != 0 && errno != EINTR) {
        fail(out, errno);
    }
    if (out->path != NULL && !out->resumed && out->puts == 0) {
        unlink(out->part_path);
    }
    release(out);
}
