/*
 * options.c - the table to the parser
 *
 * getopt_long does the reading (abbreviations, `--`, options after operands);
 * the messages are ours, since its own begin with argv[0].
 */
#include "common/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/numbers.h"
#include "common/report.h"

static const tool *parsed; /* by options_parse() */

/* For getopt. Static: still reachable, so no leak, where an error ends us. */
static struct {
    struct option    *names;
    char             *letters;
    const option_row *rows[128];
    bool             *set; /* rows of KIND_SET that were given */
} keys;

enum { FIRST_LONG = 256, DUMP = 0x10000 }; /* values of getopt's rows */

/* The place of text among "a|b|c", -1: none of them. */
static int choice_find(const char *choices, const char *text)
{
    size_t size = strlen(text);
    int    place = 0;

    for (const char *c = choices;; place++) {
        size_t n = strcspn(c, "|");

        if (n == size && memcmp(c, text, n) == 0) {
            return place;
        }
        if (c[n] == '\0') {
            return -1;
        }
        c += n + 1;
    }
}

static void texts_add(option_texts *texts, const char *text)
{
    void *items = texts->items;

    if (!grow_array(&items, &texts->capacity, texts->count + 1,
                    sizeof *texts->items)) {
        stop_error("out of memory");
    }
    texts->items = items;
    texts->items[texts->count++] = text;
}

static void apply_size(const option_row *row, const char *text)
{
    size_t number = 0;

    if (!number_size(text, &number)) {
        usage_error("--%s: '%s' is not a number (k, M, G are powers of 1024)",
                    row->name, text);
    }
    if (number < (size_t)row->value) {
        usage_error("--%s: %zu is less than %d", row->name, number, row->value);
    }
    *(size_t *)row->target = number;
}

static void apply_choice(const option_row *row, const char *text)
{
    int place = choice_find(row->argument, text);

    if (place < 0) {
        usage_error("--%s: '%s' is not one of %s", row->name, text,
                    row->argument);
    }
    *(int *)row->target = place;
}

static void apply(const tool *about, const option_row *row, const char *text)
{
    switch (row->kind) {
    case KIND_FLAG:
        *(bool *)row->target = true;
        break;
    case KIND_SET:
        *(int *)row->target = row->value;
        break;
    case KIND_TEXT:
        *(const char **)row->target = text;
        break;
    case KIND_TEXTS:
        texts_add(row->target, text);
        break;
    case KIND_SIZE:
        apply_size(row, text);
        break;
    case KIND_REAL:
        if (!number_real(text, strlen(text), row->target)) {
            usage_error("--%s: '%s' is not a number", row->name, text);
        }
        break;
    case KIND_CHOICE:
        apply_choice(row, text);
        break;
    case KIND_LEVEL:
        report_set_level((report_level)row->value);
        break;
    case KIND_BRIEF:
        help_brief(about);
    case KIND_HELP:
        help_full(about);
    case KIND_VERSION:
        help_version(about);
    }
}

/* The options that a shortened word may mean, "--a, --b"; NULL: less than two.
   Static: still reachable, so no leak, where the usage error ends us. */
static char *names_like(const tool *about, const char *word, size_t size)
{
    static char *names;
    size_t       count = 0;

    for (size_t i = 0; size > 2 && i < about->count; i++) {
        const char *name = about->rows[i].name;

        if (name == NULL || strncmp(name, word + 2, size - 2) != 0) {
            continue;
        }
        char *shorter = names;
        names = alloc_joined(shorter != NULL ? shorter : "",
                             count++ > 0 ? ", --" : "--", name);
        free(shorter);
    }
    return count > 1 ? names : NULL;
}

/* Ends the tool for what getopt_long would not take (its return value, '?' or
   ':'); `word` is the argument of argv it was reading. */
static void refuse(const tool *about, int value, const char *word)
{
    if (optopt != 0 && optopt < FIRST_LONG) {
        unsigned letter = (unsigned char)optopt; /* of a signed char, maybe */

        usage_error(value == ':'    ? "option -%c needs an argument"
                    : letter < 0x80 ? "unknown option -%c"
                                    : "unknown option -\\x%02X",
                    letter);
    }
    size_t size = strcspn(word, "=");
    if (value == ':') {
        usage_error("option %s needs an argument", word);
    }
    if (optopt != 0) {
        usage_error("option %.*s takes no argument", (int)size, word);
    }
    char *names = names_like(about, word, size);
    if (names != NULL) {
        usage_error("option %.*s is ambiguous: %s", (int)size, word, names);
    }
    usage_error("unknown option %.*s", (int)size, word);
}

/* The table as getopt takes it, and its rows by their letter. */
static void fill_keys(const tool *about)
{
    size_t n = 0, named = 0;

    keys.names = alloc_zeroed(about->count + 2, sizeof *keys.names);
    keys.letters = alloc_zeroed(2 * about->count + 2, 1);
    keys.set = alloc_zeroed(about->count, sizeof *keys.set);
    keys.letters[n++] = ':';
    for (size_t i = 0; i < about->count; i++) {
        const option_row *row = &about->rows[i];

        if (row->name != NULL) {
            keys.names[named++] = (struct option){
                row->name, row->argument != NULL, NULL, FIRST_LONG + (int)i};
        }
        if (row->letter != 0) {
            keys.rows[(unsigned char)row->letter & 127] = row;
            keys.letters[n++] = row->letter;
            if (row->argument != NULL) {
                keys.letters[n++] = ':';
            }
        }
    }
    keys.names[named] = (struct option){"dump-options", 0, NULL, DUMP};
}

/* Of two options that set the same otherwise, one would do nothing: opposites,
   and -q with -v. */
static void refuse_opposite(const tool *about, const option_row *row)
{
    bool sets = row->kind == KIND_SET || row->kind == KIND_LEVEL;

    keys.set[row - about->rows] = sets;
    for (size_t i = 0; sets && i < about->count; i++) {
        const option_row *other = &about->rows[i];

        if (keys.set[i] && other->kind == row->kind &&
            other->target == row->target && other->value != row->value) {
            usage_error("--%s and --%s exclude each other", other->name,
                        row->name);
        }
    }
}

int options_parse(const tool *about, int argc, char **argv)
{
    parsed = about;
    fill_keys(about);
    opterr = 0;
    for (;;) {
        int value = getopt_long(argc, argv, keys.letters, keys.names, NULL);

        if (value == -1) {
            break;
        }
        if (value == DUMP) {
            help_dump(about);
        }
        if (value == '?' || value == ':') {
            refuse(about, value, argv[optind - 1]);
        }
        const option_row *row = value < FIRST_LONG
                                    ? keys.rows[value & 127]
                                    : &about->rows[value - FIRST_LONG];
        apply(about, row, optarg);
        refuse_opposite(about, row);
    }
    free(keys.names);
    free(keys.letters);
    free(keys.set);
    return optind;
}

const char *options_argument(const char *name)
{
    for (size_t i = 0; parsed != NULL && i < parsed->count; i++) {
        const option_row *row = &parsed->rows[i];

        if (row->name != NULL && strcmp(row->name, name) == 0) {
            return row->argument != NULL ? row->argument : "";
        }
    }
    return "";
}
