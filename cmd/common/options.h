/*
 * options.h - one option table a command
 *
 * The table is the only place that knows a command's options: it drives the
 * parser (getopt_long), -h, --help and, through the hidden --dump-options,
 * the completions and the check of the man page. Rows that several commands
 * share are macros of shared.h, spliced in.
 *
 * --dump-options prints one line an option, in the table's order, five fields
 * with a TAB between: the short name without its dash (or nothing), the long
 * name without its dashes (or nothing), the argument's name (nothing: takes
 * none; words with | between are all the values there are), the default (or
 * nothing), and the help text.
 */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <bert.h>

typedef enum option_kind {
    KIND_FLAG,    /* bool *: true */
    KIND_SET,     /* int *: the row's value */
    KIND_TEXT,    /* const char **: the argument */
    KIND_TEXTS,   /* option_texts *: may be repeated */
    KIND_SIZE,    /* size_t *: a number, the row's value at least; k, M, G */
    KIND_REAL,    /* float *: a decimal number */
    KIND_CHOICE,  /* int *: the place of the argument in "a|b|c", from 0 */
    KIND_LEVEL,   /* report level: the row's value */
    KIND_BRIEF,   /* -h */
    KIND_HELP,    /* --help */
    KIND_VERSION, /* -V */
} option_kind;

typedef struct option_texts {
    const char **items;
    size_t       count, capacity;
} option_texts;

typedef struct option_row {
    char        letter;              /* 0: none */
    const char *name;                /* NULL: none */
    const char *argument, *fallback; /* NULL: takes none; has none */
    const char *help;
    const char *group; /* heading in --help */
    bool        brief; /* in -h too */
    option_kind kind;
    void       *target;
    int         value;
} option_row;

/* A row; written as a call, because tables of braces are unreadable. */
#define OPTION(letter, name, argument, fallback, group, brief, kind, target,   \
               value, help)                                                    \
    {                                                                          \
        letter, name, argument, fallback, help, group, brief, kind, target,    \
            value                                                              \
    }

typedef struct tool {
    const char       *name;    /* "wp-tokenize" */
    const char       *summary; /* one line, no full stop */
    const char       *usage;   /* "[OPTION]... [FILE]..." */
    const char       *notes;   /* at the end of --help; may be NULL */
    const option_row *rows;
    size_t            count;
    /* What -V says is linked; NULL-ended. */
    bool (*libraries[3])(bert_buffer *out);
} tool;

/*
 * Parse the command line; the operands are then argv[return value] on. Ends
 * the tool for -h, --help, -V and --dump-options (0) and for a mistake (2).
 */
int options_parse(const tool *about, int argc, char **argv);

/* The argument's name of a long option of the command line that was parsed,
   "a|b|c" where it is a choice; "": it has none. */
const char *options_argument(const char *name);

/* help.c */
_Noreturn void help_brief(const tool *about);
_Noreturn void help_full(const tool *about);
_Noreturn void help_version(const tool *about);
_Noreturn void help_dump(const tool *about);

#endif
