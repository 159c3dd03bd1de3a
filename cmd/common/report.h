/*
 * report.h - what a tool says on standard error, and how it ends
 *
 * A message is one line, "TOOL: ...", written at once, so that the lines of
 * two tools in a pipe do not mix. Control characters in it become '?'.
 */
#ifndef COMMON_REPORT_H
#define COMMON_REPORT_H

#include <bert.h>

#if defined(__GNUC__)
#define REPORT_FORMAT __attribute__((format(printf, 1, 2)))
#else
#define REPORT_FORMAT
#endif

enum {
    ENDS_WELL = 0,
    ENDS_SOME_FAILED = 1, /* some records failed and the stream went on */
    ENDS_USAGE = 2,       /* the command line is wrong */
    ENDS_STOPPED = 3      /* input, model or output failed */
};

typedef enum report_level {
    REPORT_QUIET = -1, /* -q: no warnings */
    REPORT_NORMAL = 0,
    REPORT_VERBOSE = 1 /* -v */
} report_level;

/* The tool's name, before anything else, also before a file is opened; it must
   stay. A closed pipe ends the tool from here on, as it ends cat. */
void        report_start(const char *tool);
const char *report_tool(void);

void report_set_level(report_level level);
bool report_is_verbose(void);

void report_error(const char *format, ...) REPORT_FORMAT;   /* TOOL: ... */
void report_warning(const char *format, ...) REPORT_FORMAT; /* not with -q */
void report_note(const char *format, ...) REPORT_FORMAT;    /* not with -q */
void report_verbose(const char *format, ...) REPORT_FORMAT; /* with -v only */

/* One line, "Try 'TOOL --help'", and exit 2. */
_Noreturn void usage_error(const char *format, ...) REPORT_FORMAT;
/* One line and exit 3; for the time before the stream runs (pipeline.h). */
_Noreturn void stop_error(const char *format, ...) REPORT_FORMAT;
/* The same for an error of the library: a call that broke its contract comes
   from the command line, so it is a usage error. */
_Noreturn void stop_library(const bert_error *err);
/*
 * End now, without giving memory back piece by piece: the kernel does it at
 * once, and for one sentence that is a sixth of the whole time. All output must
 * be written. Returns where a leak checker is built in and wants to see all of
 * it given back.
 */
void end_at_once(int status);

#endif
