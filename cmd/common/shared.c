/*
 * shared.c - the options that mean the same in every tool
 */
#include "common/shared.h"

#include <float.h>
#include <stdint.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "common/numbers.h"

shared_options shared = {
    .strategy = NOT_GIVEN,
    .long_mode = NOT_GIVEN,
    .overlap = SIZE_MAX,
    .progress = NOT_GIVEN,
};

void shared_check(void)
{
    if (shared.null_ended && shared.input != BERT_AUTO &&
        shared.input != BERT_LINES) {
        usage_error("--null goes with text records only");
    }
    if (shared.columns != NULL && shared.input != BERT_TSV) {
        usage_error("--columns goes with --input tsv only");
    }
    if (shared.keep != NULL && shared.drop != NULL) {
        usage_error("--keep and --drop exclude each other");
    }
    if (shared.as != NULL && shared.as[0] == '\0') {
        usage_error("--as needs a name");
    }
    if (shared.as != NULL && strcmp(shared.as, "n") == 0 && shared.number) {
        usage_error("--as n: --number writes a member of that name");
    }
    if (shared.digits > FLT_DECIMAL_DIG) {
        usage_error("--digits: a float has %d digits at most", FLT_DECIMAL_DIG);
    }
    if (shared.resume && shared.output == NULL) {
        usage_error("--resume needs --output FILE");
    }
    shared_forbid_resume(shared.on_error == ON_ERROR_SKIP,
                         "cannot count the records that --on-error skip left "
                         "out: use emit");
}

void shared_forbid_resume(bool never, const char *reason)
{
    if (never && shared.resume) {
        usage_error("--resume %s", reason);
    }
    shared.final |= never;
}

output *shared_output(void)
{
    return output_open(shared.output, shared.resume  ? OUTPUT_RESUMED
                                      : shared.final ? OUTPUT_NEW
                                                     : OUTPUT_RESUMABLE);
}

void shared_exclude(const char *option, const excluded *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].given) {
            usage_error("%s does not go with %s", list[i].name, option);
        }
    }
}

void shared_check_output(bool records, bool tsv, bool jsonl)
{
    const excluded of_records[] = {
        {shared.as != NULL, "--as"},
        {shared.keep != NULL, "--keep"},
        {shared.drop != NULL, "--drop"},
        {shared.number, "--number"},
    };

    if (!records) {
        shared_exclude("this format: it has no members", of_records,
                       sizeof of_records / sizeof *of_records);
    }
    if (shared.no_header && !tsv) {
        usage_error("--no-header goes with --format tsv");
    }
    if (shared.on_error == ON_ERROR_EMIT && !jsonl) {
        usage_error("--on-error emit does not go with this --format");
    }
}

bert_reader_options shared_reader(void)
{
    return (bert_reader_options){
        .format = shared.null_ended ? BERT_LINES : (bert_format)shared.input,
        .null_ended = shared.null_ended,
        .pair = shared.pair,
        .question = shared.question,
        .columns = shared.columns,
        .replace_invalid = shared.invalid == 1,
        .max_record = shared.max_record,
    };
}

bert_team *shared_team(void)
{
    const char *wanted = getenv("BERT_THREADS");
    size_t      threads = shared.threads;
    bert_team  *team = NULL;
    bert_error  err;

    if (threads == 0 && wanted != NULL && wanted[0] != '\0' &&
        (!number_size(wanted, &threads) || threads == 0)) {
        usage_error("BERT_THREADS: '%s' is not a number of threads", wanted);
    }
#ifdef M_ARENA_MAX
    /* One heap for all threads: a heap of each would take 64 MB of address
       space at a time, which under a limit could be the memory that a library
       was just found to have left (lib/compute/gemm_onednn.c). */
    (void)mallopt(M_ARENA_MAX, 1);
#endif
    if (bert_team_new(&team, threads, &err) != BERT_OK) {
        stop_library(&err);
    }
    return team;
}
