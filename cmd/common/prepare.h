/*
 * prepare.h - a record to the sequences that the encoder reads
 *
 * A token record's ids are taken as they are, a text is tokenised; either is
 * then cut or windowed to the length (fit.h). Every bert-* tool does this in
 * the same way, on any member of the team.
 */
#ifndef COMMON_PREPARE_H
#define COMMON_PREPARE_H

#include <bert.h>
#include <bert_io.h>

#include "common/fit.h"
#include "common/pipeline.h"
#include "common/windows.h"

/* What holds for a run; set once. */
typedef struct preparer {
    const bert_tokenizer *tokenizer;
    const char           *model_name; /* as -m would name it, for messages */
    int32_t               vocab_size; /* V of the encoder */
    int32_t               type_count; /* its segments */
    const fitting        *fitting;
    bert_encode_options   encode;
    const char           *prompt;     /* before each text; NULL or "": none */
    const char           *prompt_end; /* after it; NULL or "": none */
    int32_t               counted;    /* an id; -1: none is counted */
    bool question; /* pairs are a question and its context: members of these
                      names serve as well, and the context is no split words */
} preparer;

/* Scratch memory of one member of the team; zero it to begin. */
typedef struct prepare_scratch {
    window_scratch windows;
    bert_buffer    prompted;
    uint8_t       *special;
    size_t         special_capacity;
} prepare_scratch;

/* One encoded text or pair; zero it to begin, and use it again. */
typedef struct prepared {
    bert_encoding *encoding; /* cut to the length, but whole for windows */
    window_plan    plan;     /* count 1: the encoding is the sequence */
    bool           truncated;
    size_t         counted; /* tokens of that id before any were cut */
} prepared;

/*
 * Fill out from the record of s. side NULL: the record as it is, a pair where
 * it has one. Else that member alone, as a text (bert-embed --similarity); ids
 * are then refused. On failure s is bad, or fatal (a foreign vocab).
 */
bool prepare_record(const preparer *p, slot *s, const bert_member *side,
                    prepared *out, prepare_scratch *scratch);

/* A record made with another vocabulary (its "vocab") is fatal. */
bool prepare_check_vocab(const bert_tokenizer *tokenizer,
                         const char *model_name, slot *s);

/* What the record's offsets count: its "offset_unit", else code points. */
bert_unit record_unit(const bert_record *record);

/* The text of a member as a side; false where it is absent. value keeps the
   side's parts. */
bool record_side(const bert_record *record, bert_member member,
                 bert_value *value, bert_side *side);

/* Cut or window what is in out->encoding. */
bool prepare_fit(const fitting *f, slot *s, prepared *out,
                 window_scratch *scratch);

size_t prepared_tokens(const prepared *p); /* of all sequences */
void   prepared_free(prepared *p);
void   prepare_scratch_free(prepare_scratch *scratch);

#endif
