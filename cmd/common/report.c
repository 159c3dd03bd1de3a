/*
 * report.c - what a tool says on standard error, and how it ends
 */
#include "common/report.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_LIMIT = 4096 }; /* bytes of a message; more is cut */

static const char  *tool_name = "bertutils";
static report_level level = REPORT_NORMAL;

/* A file takes the first number that is free. Where one of the three standard
   ones is closed it would be read as standard input, or get our messages.
   What stands there now fails as a closed one does. */
static void fill_closed(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int unusable = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", unusable) != fd) {
            _exit(ENDS_STOPPED);
        }
    }
}

void report_start(const char *tool)
{
    sigset_t pipe;

    tool_name = tool;
    fill_closed();
    /* Whoever started us may have blocked or ignored it. */
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigprocmask(SIG_UNBLOCK, &pipe, NULL);
}

const char *report_tool(void)
{
    return tool_name;
}

void report_set_level(report_level wanted)
{
    level = wanted;
}

bool report_is_verbose(void)
{
    return level == REPORT_VERBOSE;
}

/* A line that cannot be written has nowhere to be reported. */
static void write_line(const char *line, size_t size)
{
    while (size > 0) {
        ssize_t n = write(STDERR_FILENO, line, size);

        if (n <= 0) {
            return;
        }
        line += n;
        size -= (size_t)n;
    }
}

/* Control characters to '?': those of ASCII and U+0080 to U+009F, which a
   terminal may take as bytes, too. Returns the size that is left. */
static size_t tame(char *line, size_t size)
{
    size_t kept = 0;
    int    due = 0; /* bytes that the character still lacks */

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)line[i];
        bool          inside = due > 0 && (c & 0xC0) == 0x80;
        bool          control = c < 0x20 || c == 0x7F;

        if (inside && line[i - 1] == '\xC2' && c < 0xA0) {
            kept--;
            control = true;
        } else if (!inside && c >= 0x80 && c < 0xA0) {
            control = true;
        }
        due = inside ? due - 1 : (c >= 0xC0) + (c >= 0xE0) + (c >= 0xF0);
        line[kept++] = control ? '?' : line[i];
    }
    return kept;
}

static void say(const char *kind, const char *format, va_list arguments)
{
    char line[LINE_LIMIT];
    int  head = snprintf(line, sizeof line, "%s: %s", tool_name, kind);
    int  body = 0;

    if (head < 0 || head >= LINE_LIMIT - 2) {
        return;
    }
    body = vsnprintf(line + head, sizeof line - (size_t)head - 1, format,
                     arguments);
    if (body < 0) {
        return;
    }
    size_t size = tame(line, strlen(line));
    line[size++] = '\n';
    write_line(line, size);
}

void report_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say("", format, arguments);
    va_end(arguments);
}

void report_warning(const char *format, ...)
{
    va_list arguments;

    if (level == REPORT_QUIET) {
        return;
    }
    va_start(arguments, format);
    say("warning: ", format, arguments);
    va_end(arguments);
}

void report_note(const char *format, ...)
{
    va_list arguments;

    if (level == REPORT_QUIET) {
        return;
    }
    va_start(arguments, format);
    say("", format, arguments);
    va_end(arguments);
}

void report_verbose(const char *format, ...)
{
    va_list arguments;

    if (level != REPORT_VERBOSE) {
        return;
    }
    va_start(arguments, format);
    say("", format, arguments);
    va_end(arguments);
}

void usage_error(const char *format, ...)
{
    char    line[128];
    va_list arguments;

    va_start(arguments, format);
    say("", format, arguments);
    va_end(arguments);
    int size = snprintf(line, sizeof line, "Try '%s --help'\n", tool_name);
    if (size > 0 && (size_t)size < sizeof line) {
        write_line(line, (size_t)size);
    }
    exit(ENDS_USAGE);
}

void stop_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say("", format, arguments);
    va_end(arguments);
    exit(ENDS_STOPPED);
}

void end_at_once(int status)
{
#if defined(__SANITIZE_ADDRESS__)
    (void)status; /* its leak checker wants to see everything given back */
#elif defined(__has_feature)
#if !__has_feature(address_sanitizer)
    _exit(status);
#endif
#else
    _exit(status);
#endif
}

void stop_library(const bert_error *err)
{
    if (err->status == BERT_BAD_CALL) {
        usage_error("%s", err->message);
    }
    stop_error("%s", err->message);
}
