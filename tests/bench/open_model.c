/*
 * open_model.c - how long bert_model_load() takes, first in a process
 *
 *   open_model FOLDER     prints milliseconds; coldstart.py builds and runs it
 */
#include <stdio.h>
#include <time.h>

#include "bert.h"

static double milliseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    bert_error  err;
    bert_model *model = NULL;

    if (argc != 2) {
        fputs("usage: open_model FOLDER\n", stderr);
        return 2;
    }
    double start = milliseconds();
    if (bert_model_load(&model, argv[1], NULL, &err) != BERT_OK) {
        fprintf(stderr, "open_model: %s\n", err.message);
        return 3;
    }
    printf("%.3f\n", milliseconds() - start);
    bert_model_free(model);
    return 0;
}
