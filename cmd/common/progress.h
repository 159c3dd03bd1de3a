/*
 * progress.h - how far a run is, on standard error
 */
#ifndef COMMON_PROGRESS_H
#define COMMON_PROGRESS_H

#include <bert_io.h>

typedef struct progress {
    bool   shown, drawn;
    double started, next; /* seconds of the monotonic clock */
} progress;

double clock_seconds(void); /* monotonic */

/* Shown where asked for, else where standard error is a terminal and the
   output (output_is_terminal) is not. */
void progress_start(progress *p, bool output_is_terminal);
/* Draws at most a few times a second. */
void progress_tick(progress *p, const bert_reader *reader, size_t records);
void progress_end(progress *p); /* wipes the line */

#endif
