/*
 * pipeline.h - read, work, write: the loop of every tool
 *
 * One thread reads records into slots and writes what came of them, in input
 * order; the tool's `work` fills the slots of a batch, with a team as it
 * likes. While records are held the loop never waits for input: when a read
 * would block, what is there is worked on, written and flushed.
 */
#ifndef COMMON_PIPELINE_H
#define COMMON_PIPELINE_H

#include <bert.h>
#include <bert_io.h>

#include "common/output.h"

typedef enum slot_state {
    SLOT_GOOD = 0, /* work on it; then `out` is written */
    SLOT_PASSED,   /* came with an error, and passes (--on-error emit) */
    SLOT_BAD,      /* what --on-error says, with `error` */
    SLOT_FATAL     /* the run stops here, with `error` */
} slot_state;

/* A record on its way. */
typedef struct slot {
    bert_record *record;
    slot_state   state;
    bert_error   error;
    bert_buffer  out;
    size_t       bytes;   /* of the line it was read from */
    size_t       weight;  /* bytes of what it holds to work on */
    size_t       tokens;  /* of the encoder or tokenizer, for -v */
    bool         cut;     /* tokens were cut: counted in one warning */
    bert_text    clashed; /* a member dropped for a result's name */
} slot;

/* slot_fail(s, err): bad input makes a bad record, anything else is fatal. */
void slot_fail(slot *s, const bert_error *err);
/* The same for memory that was not there; false. */
bool slot_no_memory(slot *s);
/* A bad record with a message. */
void slot_bad(slot *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Does the run stop at it, so that no record after it counts? */
bool slot_stops(const slot *s);

struct texts;

typedef struct pipeline pipeline;

struct pipeline {
    /* Set by the tool */
    const char *const  *paths;
    size_t              path_count;
    bert_reader_options reading;
    const char         *awaits;       /* "texts, one a line" */
    size_t              slot_limit;   /* records a batch at most */
    size_t              weight_limit; /* a batch is full from here on */
    void               *context;
    struct texts       *texts; /* where a model looks at them (texts.h) */
    /* After the first good record was read, or the end: make the layout and say
       how the output begins. */
    void (*begin)(pipeline *p, output_frame *frame);
    void (*work)(pipeline *p, slot *slots, size_t count);
    /* What a record counts toward weight_limit; NULL: its bytes. */
    size_t (*weigh)(pipeline *p, const slot *s);
    /* At the end, or where the run stopped, before the output is closed; may
       be NULL. */
    void (*end)(pipeline *p);
    /* After the output is complete, so not where the run stopped; may be
       NULL. */
    void (*completed)(pipeline *p);

    /* For the tool to read; layout set by begin, freed here */
    bert_reader *reader;
    bool         pair;   /* the first good record has a "pair" */
    bert_layout *layout; /* NULL: no records, `out` stands for failed ones */
    output      *out;
    bert_buffer  header; /* what frame->header points to; freed here */
    size_t       records, tokens, failed, cut;
    size_t       written; /* with those of the run that is resumed */
    double       seconds_work;
    bool         stopped; /* for end: the input or a record failed */
};

/* p->out is open. Returns the exit status; the output is closed. */
int pipeline_run(pipeline *p);

/* For begin: the layout of jsonl or tsv records, options completed by the
   shared ones, and its header line. */
void pipeline_lay_out(pipeline *p, bert_layout_options *options,
                      output_frame *frame);

/* Bytes of what a record holds to work on. */
size_t record_bytes(const bert_record *record);

#endif
