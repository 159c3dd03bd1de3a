/*
 * output.h - where results go: standard output, or -o FILE
 *
 * A regular or new FILE is written as FILE.part and renamed when complete;
 * anything else (a pipe, a device, a descriptor by its name, as /dev/stdout) is
 * written directly. Every write and the
 * last close is checked: whatever fails ends the tool with one line (exit 3).
 * Each write is of whole records.
 *
 * --resume: FILE.part of a run that was cut off is kept up to its last whole
 * record. That one is computed again and must come out the same, byte for
 * byte; nothing in the file is touched before it has.
 */
#ifndef COMMON_OUTPUT_H
#define COMMON_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct output output;

/* How records follow one another. */
typedef struct output_frame {
    const char *header; /* bytes before the first record */
    size_t      header_size;
    bool        completed; /* the header is written anew at the end */
    size_t      row_size;  /* bytes a record; 0: each ends in `end` */
    char        end;
} output_frame;

typedef enum output_start {
    OUTPUT_NEW,       /* and no run could go on from its FILE.part */
    OUTPUT_RESUMABLE, /* new; --resume could */
    OUTPUT_RESUMED    /* --resume */
} output_start;

/* path NULL or "-": standard output. Ends the tool with 0 where resuming
   finds FILE complete, with 3 where it cannot be written. */
output *output_open(const char *path, output_start start);

/* Whether the two would be written into one file, whatever name each has. */
bool output_same(const output *a, const output *b);

/* FILE.part; NULL where results are written directly. */
const char *output_part_path(const output *out);

/* Whether the header can be completed at the end. */
bool output_seeks(const output *out);
bool output_is_terminal(const output *out);

/* Write the header, or find where the cut-off run stood: the number of whole
   records in the file, the last of which has to be put again. */
size_t output_begin(output *out, const output_frame *frame);

/* One record. */
void output_put(output *out, const char *bytes, size_t size);
void output_flush(output *out);

/* The header again, of the size it had. */
void output_complete_header(output *out, const char *header, size_t size);

/* Flush and close; finish also gives FILE its name. Both free out. */
void output_finish(output *out);
void output_abandon(output *out);

#endif
