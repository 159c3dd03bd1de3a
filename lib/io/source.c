/*
 * source.c - operands as one stream of lines
 *
 * One buffer holds what is read and not yet taken. It grows to the longest
 * line and is cut back after it, so memory does not depend on the length of
 * the stream. Every byte is looked at once for the mark: `searched` remembers
 * how far a line without end has been seen.
 */
#include "io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"

enum { CHUNK = 256 << 10, KEEP = 1 << 20, BOM_SIZE = 3 };

struct source {
    char **paths;
    size_t count, next; /* next: the operand to open */
    char   mark;
    size_t limit;

    int         fd; /* -1: none is open */
    bool        ended, first;
    const char *file;
    size_t      number; /* lines taken of this operand */
    uint64_t    done, total;

    bert_buffer buffer;
    size_t      begin;    /* the first byte not taken */
    size_t      searched; /* bytes from begin that hold no mark */
    size_t      after;    /* bytes from begin that source_take() passes */
    bool        skipping; /* the rest of a line that was too long */
    bool        peeked;   /* line stands */
    source_line line;
};

/* The size of all operands, 0 where one is no regular file. */
static uint64_t total_size(const source *s)
{
    uint64_t total = 0;

    for (size_t i = 0; i < s->count; i++) {
        struct stat st;
        bool        input = strcmp(s->paths[i], "-") == 0;
        if ((input ? fstat(STDIN_FILENO, &st) : stat(s->paths[i], &st)) != 0 ||
            !S_ISREG(st.st_mode)) {
            return 0;
        }
        off_t at = input ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
        if (at >= 0 && at < st.st_size) {
            total += (uint64_t)(st.st_size - at);
        }
    }
    return total;
}

bert_status source_open(source **out, const char *const *paths, size_t count,
                        char mark, size_t limit, bert_error *err)
{
    static const char *const input[] = {"-"};
    source                  *s = memory_new_zeroed(1, sizeof *s);

    if (count == 0) {
        paths = input;
        count = 1;
    }
    if (s == NULL) {
        return error_memory(err);
    }
    *s = (source){.mark = mark, .limit = limit, .fd = -1};
    s->paths = memory_new_zeroed(count, sizeof *s->paths);
    if (s->paths == NULL) {
        source_close(s);
        return error_memory(err);
    }
    for (; s->count < count; s->count++) {
        s->paths[s->count] =
            memory_copy_text(paths[s->count], strlen(paths[s->count]));
        if (s->paths[s->count] == NULL) {
            source_close(s);
            return error_memory(err);
        }
    }
    s->total = total_size(s);
    *out = s;
    return BERT_OK;
}

static void close_operand(source *s)
{
    if (s->fd > STDIN_FILENO) {
        close(s->fd);
    }
    s->fd = -1;
}

void source_close(source *s)
{
    if (s != NULL) {
        close_operand(s);
        for (size_t i = 0; i < s->count; i++) {
            memory_free(s->paths[i]);
        }
        memory_free(s->paths);
        bert_buffer_free(&s->buffer);
        memory_free(s);
    }
}

/* Open the next operand. Opening a named pipe waits for its writer. */
static source_state open_operand(source *s, bool wait, bert_error *err)
{
    const char *path = s->paths[s->next];
    struct stat st;

    if (strcmp(path, "-") == 0) {
        s->fd = STDIN_FILENO;
    } else {
        if (!wait && stat(path, &st) == 0 && S_ISFIFO(st.st_mode)) {
            return SOURCE_WAIT;
        }
        do {
            s->fd = open(path, O_RDONLY | O_CLOEXEC);
        } while (s->fd < 0 && errno == EINTR);
        if (s->fd < 0) {
            error_system(err, path, errno);
            return SOURCE_FAILED;
        }
    }
    s->next++;
    s->file = path;
    s->number = 0;
    s->first = true;
    s->ended = false;
    return SOURCE_LINE;
}

/* Room for CHUNK more bytes, the taken ones gone and the excess given back. */
static bool make_room(source *s)
{
    bert_buffer *b = &s->buffer;
    size_t       left = b->size - s->begin;

    if (b->capacity > KEEP && left < CHUNK) {
        bert_buffer smaller = {0};
        if (!buffer_reserve(&smaller, 2 * CHUNK)) {
            return false;
        }
        memcpy(smaller.data, b->data + s->begin, left);
        bert_buffer_free(b);
        *b = smaller;
    } else if (s->begin > 0) {
        memmove(b->data, b->data + s->begin, left);
    }
    b->size = left;
    s->begin = 0;
    return buffer_reserve(b, CHUNK);
}

static bool readable(int fd, int timeout)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int           n;

    do {
        n = poll(&p, 1, timeout);
    } while (n < 0 && errno == EINTR);
    return n != 0; /* an error is for read() to tell */
}

/* Read once. SOURCE_LINE: there are new bytes, or the operand has ended. */
static source_state fill(source *s, bool wait, bert_error *err)
{
    if (!wait && !readable(s->fd, 0)) {
        return SOURCE_WAIT;
    }
    size_t room = s->buffer.capacity - s->buffer.size;
    bool   excess =
        s->buffer.capacity > KEEP && s->buffer.size - s->begin < CHUNK;
    if ((room < CHUNK / 2 || excess) && !make_room(s)) {
        error_memory(err);
        return SOURCE_FAILED;
    }
    for (;;) {
        ssize_t got = read(s->fd, s->buffer.data + s->buffer.size,
                           s->buffer.capacity - s->buffer.size);
        if (got > 0) {
            s->buffer.size += (size_t)got;
            s->done += (uint64_t)got;
            return SOURCE_LINE;
        }
        if (got == 0) {
            s->ended = true;
            return SOURCE_LINE;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait) {
                return SOURCE_WAIT;
            }
            (void)readable(s->fd, -1); /* someone made it non-blocking */
        } else if (errno != EINTR) {
            error_system(err, s->file, errno);
            return SOURCE_FAILED;
        }
    }
}

/* The mark that ends the line at begin, or NULL. */
static const char *find_mark(source *s)
{
    size_t size = s->buffer.size - s->begin - s->searched;

    if (size == 0) { /* there may be no buffer */
        return NULL;
    }
    const char *mark =
        memchr(s->buffer.data + s->begin + s->searched, s->mark, size);
    if (mark == NULL) {
        s->searched += size;
    }
    return mark;
}

/* Note the line of `size` bytes at begin; marked: a mark follows it. */
static void set_line(source *s, size_t size, bool marked, bool too_long)
{
    const char *bytes = s->buffer.data + s->begin;

    s->after = size + marked;
    if (marked && s->mark == '\n' && size > 0 && bytes[size - 1] == '\r') {
        size--;
    }
    if (s->first && size >= BOM_SIZE &&
        memcmp(bytes, "\xEF\xBB\xBF", BOM_SIZE) == 0) {
        bytes += BOM_SIZE;
        size -= BOM_SIZE;
    }
    s->peeked = true;
    s->skipping = too_long && !marked;
    s->line =
        (source_line){.bytes = bytes,
                      .size = size,
                      .first = s->first,
                      .marked = marked,
                      .too_long = too_long || (s->limit > 0 && size > s->limit),
                      .file = s->file,
                      .number = s->number + 1};
}

/* Pass the rest of a line that was too long; true where its end was found. */
static bool skip_rest(source *s)
{
    const char *mark = find_mark(s);

    s->begin =
        mark != NULL ? (size_t)(mark + 1 - s->buffer.data) : s->buffer.size;
    s->searched = 0;
    s->skipping = mark == NULL && !s->ended;
    return !s->skipping;
}

/* An operand without a line is no records, but without a piece no document,
   which its reader has to see. */
static bool gives_empty(const source *s)
{
    return s->first && s->mark != '\n' && s->mark != '\0';
}

/* Is there a line in the buffer? */
static bool find_line(source *s)
{
    if (s->skipping && !skip_rest(s)) {
        return false;
    }
    size_t      left = s->buffer.size - s->begin;
    const char *mark = find_mark(s);
    if (mark != NULL) {
        set_line(s, (size_t)(mark - s->buffer.data) - s->begin, true, false);
        return true;
    }
    /* A byte-order mark and a CR do not count. */
    if (s->limit > 0 && left > BOM_SIZE + 1 && left - BOM_SIZE - 1 > s->limit) {
        set_line(s, left, false, true);
        return true;
    }
    if (s->ended && (left > 0 || gives_empty(s))) {
        set_line(s, left, false, false);
        /* A file that is a byte-order mark and nothing else is empty. */
        if (s->first && s->line.size == 0 && !gives_empty(s)) {
            s->begin = s->buffer.size;
            s->searched = 0;
            s->peeked = false;
        }
        return s->peeked;
    }
    return false;
}

source_state source_peek(source *s, bool wait, source_line *line,
                         bert_error *err)
{
    while (!s->peeked) {
        if (s->fd < 0) {
            if (s->next == s->count) {
                return SOURCE_END;
            }
            source_state state = open_operand(s, wait, err);
            if (state != SOURCE_LINE) {
                return state;
            }
        }
        if (find_line(s)) {
            break;
        }
        if (s->ended) {
            close_operand(s);
            continue;
        }
        source_state state = fill(s, wait, err);
        if (state != SOURCE_LINE) {
            return state;
        }
    }
    *line = s->line;
    return SOURCE_LINE;
}

void source_take(source *s)
{
    s->begin += s->after;
    s->searched = s->after = 0;
    s->peeked = false;
    s->first = false;
    s->number++;
    if (s->begin == s->buffer.size) {
        s->begin = s->buffer.size = 0;
    }
}

uint64_t source_done(const source *s)
{
    return s->done;
}

uint64_t source_total(const source *s)
{
    return s->total;
}
