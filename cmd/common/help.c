/*
 * help.c - -h, --help, -V and --dump-options, all from the option table
 */
#include "common/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bert.h>

#include "common/report.h"

enum { WIDTH = 79, INDENT = 26 };

/* Words of text in lines of WIDTH, from the given column on. */
static void print_wrapped(const char *text, size_t column)
{
    if (column >= INDENT) {
        printf("\n");
        column = 0;
    }
    printf("%*s", (int)(INDENT - column), "");
    column = INDENT;
    while (*text != '\0') {
        size_t n = strcspn(text, " ");

        if (column > INDENT && column + 1 + n > WIDTH) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            printf(" ");
            column++;
        }
        printf("%.*s", (int)n, text);
        column += n;
        text += n;
        text += *text == ' ';
    }
    printf("\n");
}

/* The whole help text with the default, or its first clause. */
static void print_row(const option_row *row, bool brief)
{
    char text[1024];
    int  column =
        row->letter != 0 ? printf("  -%c", row->letter) : printf("    ");

    if (row->name != NULL) {
        column += printf(row->letter != 0 ? ", --%s" : "  --%s", row->name);
    }
    if (row->argument != NULL) {
        column += printf(" %s", row->argument);
    }
    snprintf(text, sizeof text, "%.*s",
             (int)(brief ? strcspn(row->help, ";:") : strlen(row->help)),
             row->help);
    if (!brief && row->fallback != NULL) {
        size_t n = strlen(text);

        snprintf(text + n, sizeof text - n, " (default: %s)", row->fallback);
    }
    print_wrapped(text, column > 0 ? (size_t)column : 0);
}

/* What was printed must have been written: --help > /dev/full fails. */
static _Noreturn void finish(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        stop_error("standard output: %s", strerror(errno));
    }
    exit(ENDS_WELL);
}

void help_brief(const tool *about)
{
    printf("Usage: %s %s\n%s.\n\n", about->name, about->usage, about->summary);
    for (size_t i = 0; i < about->count; i++) {
        if (about->rows[i].brief) {
            print_row(&about->rows[i], true);
        }
    }
    printf("\n%s --help lists all options.\n", about->name);
    finish();
}

void help_full(const tool *about)
{
    const char *group = "";

    printf("Usage: %s %s\n%s.\n", about->name, about->usage, about->summary);
    for (size_t i = 0; i < about->count; i++) {
        if (strcmp(group, about->rows[i].group) != 0) {
            group = about->rows[i].group;
            printf("\n%s:\n", group);
        }
        print_row(&about->rows[i], false);
    }
    if (about->notes != NULL) {
        printf("\n%s", about->notes);
    }
    finish();
}

void help_version(const tool *about)
{
    printf("%s (bertutils) %s\n", about->name, bert_version());
    for (size_t i = 0; about->libraries[i] != NULL; i++) {
        bert_buffer text = {0};

        if (!about->libraries[i](&text)) {
            stop_error("out of memory");
        }
        printf("%.*s\n", (int)text.size, text.data);
        bert_buffer_free(&text);
    }
    finish();
}

void help_dump(const tool *about)
{
    for (size_t i = 0; i < about->count; i++) {
        const option_row *row = &about->rows[i];

        if (row->letter != 0) {
            printf("%c", row->letter);
        }
        printf("\t%s\t%s\t%s\t%s\n", row->name != NULL ? row->name : "",
               row->argument != NULL ? row->argument : "",
               row->fallback != NULL ? row->fallback : "", row->help);
    }
    finish();
}
