/*
 * shared.h - the options that mean the same in every tool
 *
 * Their values, and the rows to splice into a command's table. What a number
 * may be when nothing was given is said beside it.
 */
#ifndef COMMON_SHARED_H
#define COMMON_SHARED_H

#include <bert.h>
#include <bert_io.h>

#include "common/options.h"
#include "common/output.h"
#include "common/report.h"

enum { NOT_GIVEN = -1 };

enum { RECORDS_JSONL, RECORDS_TSV }; /* as in "jsonl|tsv" */

typedef enum long_mode {
    LONG_TRUNCATE,
    LONG_WINDOW,
    LONG_ERROR,
    LONG_HEAD_TAIL /* bert-classify only */
} long_mode;       /* as in "truncate|window|error|head-tail" */

typedef enum error_mode {
    ON_ERROR_STOP,
    ON_ERROR_SKIP,
    ON_ERROR_EMIT
} error_mode;

typedef struct shared_options {
    const char *model;     /* NULL: $BERT_MODEL, the default */
    int         lowercase; /* a bert_choice: --uncased, --cased */

    int  input; /* a bert_format */
    bool null_ended, pair, no_header;
    bool question; /* pairs are questions and contexts */
    int  on_error; /* an error_mode */
    int  invalid;  /* 1: replace */

    const char *columns, *as, *keep, *drop; /* NULL: not given */
    bool        number;
    size_t      max_record; /* 0: no limit */

    size_t      max_length; /* 0: not given */
    int         strategy;   /* a bert_truncation, NOT_GIVEN */
    const char *sides;      /* NULL: not given */
    int         long_mode;  /* NOT_GIVEN */
    size_t      overlap;    /* SIZE_MAX: not given */
    /* A tool's own defaults, 0: none. Of max_length in place of the folder's
       max_seq_length; of overlap, but half of the length at most. */
    size_t usual_length, usual_overlap;

    size_t digits; /* of numbers; 0: as many as a float needs */
    int    dtype;  /* f32 is all there is */

    size_t threads;      /* 0: not given */
    size_t batch_tokens; /* 0: not given */

    const char *output; /* NULL: standard output */
    bool        resume;
    bool        final;    /* no run can go on from what another one left */
    int         progress; /* NOT_GIVEN, 0, 1 */
} shared_options;

extern shared_options shared;

#define IN_INPUT "Input"
#define IN_OUTPUT "Output"
#define IN_MODEL "Model"
#define IN_LENGTH "Long texts"
#define IN_RUN "Running"

#define SHARED_MODEL_ROWS                                                      \
    OPTION('m', "model", "MODEL", "the model default-TOOL, else default",      \
           IN_MODEL, true, KIND_TEXT, &shared.model, 0,                        \
           "a folder, a model's name, or org/name; names are looked up in "    \
           "the models folders, org/name in the Hugging Face cache")

#define SHARED_DTYPE_ROW                                                       \
    OPTION(0, "dtype", "f32", "f32", IN_MODEL, false, KIND_CHOICE,             \
           &shared.dtype, 0, "arithmetic of the encoder")

/* For models whose files do not say; --vocab of wp-tokenize needs it too. */
#define SHARED_CASE_ROWS                                                       \
    OPTION(0, "cased", NULL, NULL, IN_MODEL, false, KIND_SET,                  \
           &shared.lowercase, BERT_NO, "letters keep their case"),             \
        OPTION(0, "uncased", NULL, NULL, IN_MODEL, false, KIND_SET,            \
               &shared.lowercase, BERT_YES, "letters become lower case")

#define SHARED_INPUT_ROWS SHARED_INPUT_ROWS_OF("auto|text|jsonl|tsv")

/* formats: those of the shared table, in its order, and more of the tool's. */
#define SHARED_INPUT_ROWS_OF(formats)                                          \
    OPTION('i', "input", formats, "auto", IN_INPUT, true, KIND_CHOICE,         \
           &shared.input, 0,                                                   \
           "what the records are; auto: JSONL where an input begins with {, "  \
           "else "                                                             \
           "text, one a line"),                                                \
        OPTION('0', "null", NULL, NULL, IN_INPUT, false, KIND_FLAG,            \
               &shared.null_ended, 0, "text records end in NUL"),              \
        OPTION(0, "pair", NULL, NULL, IN_INPUT, true, KIND_FLAG, &shared.pair, \
               0,                                                              \
               "every record is a pair; a text line is FIRST, TAB, SECOND"),   \
        OPTION(0, "columns", "LIST", NULL, IN_INPUT, false, KIND_TEXT,         \
               &shared.columns, 0,                                             \
               "names of the columns of a TSV input that has no header line"), \
        OPTION(0, "on-error", "stop|skip|emit", "stop", IN_INPUT, false,       \
               KIND_CHOICE, &shared.on_error, 0,                               \
               "bad records; stop there, leave them out, or write them with "  \
               "an error member (jsonl only)"),                                \
        OPTION(0, "invalid", "error|replace", "error", IN_INPUT, false,        \
               KIND_CHOICE, &shared.invalid, 0,                                \
               "bytes that are not UTF-8; they make a record bad, or become "  \
               "U+FFFD"),                                                      \
        OPTION(0, "max-record", "BYTES", "no limit", IN_INPUT, false,          \
               KIND_SIZE, &shared.max_record, 1,                               \
               "a longer record is a bad one")

#define SHARED_DIGITS_ROW                                                      \
    OPTION(0, "digits", "N", "as many as a float needs", IN_OUTPUT, false,     \
           KIND_SIZE, &shared.digits, 1, "significant digits of each number")

#define SHARED_OUTPUT_ROWS                                                     \
    OPTION(0, "as", "NAME", NULL, IN_OUTPUT, false, KIND_TEXT, &shared.as, 0,  \
           "the member that holds the result (an object, where there are "     \
           "several)"),                                                        \
        OPTION(0, "keep", "LIST", NULL, IN_OUTPUT, false, KIND_TEXT,           \
               &shared.keep, 0,                                                \
               "only these members of the input are copied (none: '')"),       \
        OPTION(0, "drop", "LIST", NULL, IN_OUTPUT, false, KIND_TEXT,           \
               &shared.drop, 0,                                                \
               "all members of the input but these are copied"),               \
        OPTION(0, "number", NULL, NULL, IN_OUTPUT, false, KIND_FLAG,           \
               &shared.number, 0, "add \"n\", the record's number from 1"),    \
        OPTION(0, "no-header", NULL, NULL, IN_OUTPUT, false, KIND_FLAG,        \
               &shared.no_header, 0, "no header line in a TSV output"),        \
        OPTION('o', "output", "FILE", "standard output", IN_OUTPUT, true,      \
               KIND_TEXT, &shared.output, 0,                                   \
               "write to FILE, as FILE.part until it is complete"),            \
        OPTION(0, "resume", NULL, NULL, IN_OUTPUT, false, KIND_FLAG,           \
               &shared.resume, 0,                                              \
               "go on from the FILE.part of a run that was cut off")

/* How long a sequence may be, and what becomes of longer texts; modes: of
   --long, a beginning of those of long_mode. */
#define SHARED_FIT_ROWS(modes, mode, help)                                     \
    OPTION(0, "max-length", "N", "the model's", IN_LENGTH, true, KIND_SIZE,    \
           &shared.max_length, 2,                                              \
           "tokens a sequence at most; special ones included"),                \
        OPTION(0, "long", modes, mode, IN_LENGTH, true, KIND_CHOICE,           \
               &shared.long_mode, 0,                                           \
               "what becomes of longer texts; they are " help)

#define SHARED_OVERLAP_ROW                                                     \
    OPTION(0, "overlap", "N", "a quarter of the length", IN_LENGTH, false,     \
           KIND_SIZE, &shared.overlap, 0,                                      \
           "tokens that neighbouring windows share")

/* moves: what else --truncate says */
#define SHARED_CUT_ROWS(cut, moves)                                            \
    OPTION(0, "truncate", "longest-first|only-first|only-second", cut,         \
           IN_LENGTH, false, KIND_CHOICE, &shared.strategy, 0,                 \
           "which text of a pair is cut" moves),                               \
        OPTION(0, "truncate-side", "SIDE", "right", IN_LENGTH, false,          \
               KIND_TEXT, &shared.sides, 0,                                    \
               "where it is cut, left or right; for pairs also one for each: " \
               "left,right")

#define SHARED_MOVES " (or moves, with --long window)"

#define SHARED_LENGTH_ROWS_OF(mode, cut)                                       \
    SHARED_FIT_ROWS("truncate|window|error", mode,                             \
                    "cut as the model's own tokenizer does, read in "          \
                    "overlapping windows, or bad records"),                    \
        SHARED_OVERLAP_ROW, SHARED_CUT_ROWS(cut, SHARED_MOVES)

#define SHARED_LENGTH_ROWS(mode) SHARED_LENGTH_ROWS_OF(mode, "longest-first")

#define SHARED_BATCH_ROW                                                       \
    OPTION(0, "batch-tokens", "N", "4k", IN_RUN, false, KIND_SIZE,             \
           &shared.batch_tokens, 1,                                            \
           "tokens computed at once; never changes the output")

#define SHARED_RUN_ROWS                                                        \
    OPTION('j', "threads", "N", "all cores it may use", IN_RUN, true,          \
           KIND_SIZE, &shared.threads, 1,                                      \
           "threads; never changes the output"),                               \
        OPTION(0, "progress", NULL,                                            \
               "where stderr is a terminal and the output is not", IN_RUN,     \
               false, KIND_SET, &shared.progress, 1,                           \
               "show how far it is and how fast"),                             \
        OPTION(0, "no-progress", NULL, NULL, IN_RUN, false, KIND_SET,          \
               &shared.progress, 0, "show nothing"),                           \
        OPTION('q', "quiet", NULL, NULL, IN_RUN, false, KIND_LEVEL, NULL,      \
               REPORT_QUIET, "no warnings"),                                   \
        OPTION('v', "verbose", NULL, NULL, IN_RUN, true, KIND_LEVEL, NULL,     \
               REPORT_VERBOSE,                                                 \
               "say what was loaded, what ran, how long it took"),             \
        OPTION('h', NULL, NULL, NULL, IN_RUN, false, KIND_BRIEF, NULL, 0,      \
               "the most used options, on one screen"),                        \
        OPTION(0, "help", NULL, NULL, IN_RUN, true, KIND_HELP, NULL, 0,        \
               "all options"),                                                 \
        OPTION('V', "version", NULL, NULL, IN_RUN, true, KIND_VERSION, NULL,   \
               0, "version and libraries")

/* Option mistakes that do not depend on the tool: exit 2. */
void shared_check(void);

/*
 * Options that need an output of records (jsonl or tsv), of TSV, or of JSONL
 * are refused (exit 2) where the format has none.
 */
void shared_check_output(bool records, bool tsv, bool jsonl);

/* A choice that an option excludes, and whether it was given. */
typedef struct excluded {
    bool        given;
    const char *name;
} excluded;
/* Refuse the first of the excluded that was given: "A and B ...". */
void shared_exclude(const char *option, const excluded *list, size_t count);

/* Where `never`, --resume is refused (exit 2): "--resume REASON". */
void shared_forbid_resume(bool never, const char *reason);

/* --output and --resume, opened; all options were checked. */
output *shared_output(void);

/* What the input options ask of the reader. */
bert_reader_options shared_reader(void);

/* The team of -j, $BERT_THREADS, or all cores. */
bert_team *shared_team(void);

#endif
