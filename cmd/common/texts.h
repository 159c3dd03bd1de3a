/*
 * texts.h - a batch of records on its way through the encoder
 *
 * What every bert-* tool does with its records: prepare each (prepare.h), run
 * the encoder over all of them (encode.h), whose rows reach the tool's hooks,
 * and give back what a long text took. A tool sets encoder.context, begin,
 * piece and end; they may run on any member of the team, one record's bytes
 * depending on nothing but itself. texts_main() is the rest of its main().
 */
#ifndef COMMON_TEXTS_H
#define COMMON_TEXTS_H

#include <bert.h>

#include "common/encode.h"
#include "common/load.h"
#include "common/pipeline.h"
#include "common/prepare.h"

enum { TEXTS_SLOTS = 4096 }; /* records a batch at most */

typedef struct texts {
    preparer    prepare;
    encoder     encoder;
    const char *kernels; /* as they were said to be before the first text */

    /* The batch at work: text k of record i is number each * i + k */
    size_t           each; /* 1; 2: text and pair, each by itself */
    slot            *slots;
    size_t           count;   /* records */
    prepared        *texts;   /* [each * TEXTS_SLOTS] */
    encode_item     *items;   /* [each * TEXTS_SLOTS] */
    prepare_scratch *scratch; /* [team size] */
    double           seconds; /* of preparing */
} texts;

/*
 * Run a tool whose options were parsed and checked: p has its context, texts
 * and hooks (weigh may be NULL), all else is set here. `load`, with the output
 * open, loads the model and its head, starts the texts and makes of the options
 * what the work needs; what fails ends the tool. Returns the exit status.
 */
int texts_main(pipeline *p, void (*load)(pipeline *p, loaded *l),
               void (*unload)(void *context), size_t count, char **operands);

/* l is loaded, its workspace too; both outlive t. */
void texts_start(texts *t, const loaded *l, size_t each);

/* Prepare the records of the slots; what fails is told to them. */
void texts_prepare(texts *t, slot *slots, size_t count);
/* A record whose tokens do not begin with the template's [CLS] is bad: a head
   on the pooler has learnt no other row. For token records. */
void texts_need_cls(const texts *t, slot *slots);
/* Run the encoder over what was prepared, for the slots that are good. */
void texts_run(texts *t);
/* Give back what long texts took; when the batch is written. */
void texts_trim(texts *t);

/* For the pipeline: what a record counts, in tokens, about, that the encoder
   will see. */
size_t texts_weigh(pipeline *p, const slot *s);

/* At the end, with -v: where the time went. */
void texts_report(const pipeline *p, const char *rest);

#endif
