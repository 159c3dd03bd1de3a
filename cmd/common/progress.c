/*
 * progress.c - how far a run is, on standard error
 */
#include "common/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "common/report.h"
#include "common/shared.h"

static const double redraw_seconds = 0.25;

double clock_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void progress_start(progress *p, bool output_is_terminal)
{
    *p = (progress){0};
    p->shown = shared.progress == NOT_GIVEN
                   ? isatty(STDERR_FILENO) == 1 && !output_is_terminal
                   : shared.progress == 1;
    p->started = clock_seconds();
    p->next = p->started + redraw_seconds;
}

void progress_tick(progress *p, const bert_reader *reader, size_t records)
{
    double now = p->shown ? clock_seconds() : 0;

    if (!p->shown || now < p->next) {
        return;
    }
    double   spent = now - p->started;
    uint64_t done = bert_reader_done(reader);
    uint64_t total = bert_reader_total(reader);
    double   mega = (double)done / 1e6;
    char     left[64] = "";

    if (total > 0 && done > 0 && done <= total) {
        double seconds = spent * (double)(total - done) / (double)done;

        snprintf(left, sizeof left, " of %.1f, %.0f:%02.0f left",
                 (double)total / 1e6, (double)(long)(seconds / 60),
                 (double)((long)seconds % 60));
    }
    fprintf(stderr, "\r%s: %.1f MB%s, %zu record%s, %.0f a second\033[K",
            report_tool(), mega, left, records, records == 1 ? "" : "s",
            (double)records / spent);
    fflush(stderr);
    p->drawn = true;
    p->next = now + redraw_seconds;
}

void progress_end(progress *p)
{
    if (p->drawn) {
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
        p->drawn = false;
    }
}
