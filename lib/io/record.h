/*
 * record.h - inside a record: its bytes, where its members lie, their values
 *
 * A record owns a copy of its line, so that many can be alive at once. Slots
 * say where each member stands in that line; known members are also parsed
 * into values, whose arrays lie in four growing arenas. While a record is
 * read, an array is known by where it begins in its arena; record_link() turns
 * that into pointers when nothing grows any more.
 */
#ifndef IO_RECORD_H
#define IO_RECORD_H

#include "base/error.h"
#include "bert_io.h"

/* No known member. */
#define RECORD_USER ((int)BERT_M_COUNT)

/* A member as it stands in the line. TSV: the name is that of the column. */
typedef struct record_slot {
    size_t   name;       /* JSONL: where the name begins, after its quote */
    size_t   value;      /* where the value begins */
    size_t   value_size; /* bytes, as in the input */
    uint32_t name_size;  /* JSONL: bytes, still escaped */
    int      member;     /* a bert_member, or RECORD_USER */
} record_slot;

struct bert_record {
    bert_format format;  /* BERT_LINES, BERT_JSONL or BERT_TSV */
    bool        broken;  /* no UTF-8 or no JSON: its members do not serve */
    bool        no_json; /* by its grammar: it may be no JSONL at all */
    const char *file;    /* lent by the reader */
    size_t      line_number, number;

    bert_buffer  line;    /* as read (or repaired); NULs stand after it */
    bert_buffer  scratch; /* unescaped strings; never moves while in use */
    record_slot *slots;
    size_t       slot_count, slot_capacity;
    /* TSV: the columns, one a slot; lent by the reader. */
    const bert_text *columns;

    bert_value values[BERT_M_COUNT];
    size_t     first[BERT_M_COUNT]; /* of an array, in its arena */
    int32_t   *ints;
    bert_span *spans;
    bert_text *texts;
    size_t     int_count, int_capacity, span_count, span_capacity, text_count,
        text_capacity;
};

/* The member of that name, or RECORD_USER. */
int         record_find(const char *name, size_t size, bool question);
const char *record_member_name(bert_member member);
/* Heads consume tokens, ids, type_ids, offsets, words, special and vocab. */
bool record_is_token(int member);
/* These, and what speaks of them: truncated, offset_unit, window. */
bool record_is_of_tokens(int member);

/* Is it a token record, by its slots? */
bool record_has_ids(const bert_record *record);

/*
 * How a member is read. Where there are no ids no token member is needed, so
 * one of the wrong type ("tokens":512, a count) is no mistake: it is as good as
 * absent. So is window everywhere, for which users have a meaning of their own.
 */
typedef enum reading { READ_NOT, READ_IF_SOUND, READ_NEEDED } reading;
reading record_reading(int member, bool has_ids, bool no_tokens);

/* Once all is read, not linked yet: a window that is not [k,of], or was not
   read since there are no ids, is the user's. */
void record_settle_window(bert_record *record);

/* Empty it for the next line; memory that a huge record took goes back. */
void record_clear(bert_record *record);
/* Set the line, with its NULs after it. false: no memory. */
bool record_set_line(bert_record *record, const char *bytes, size_t size);

/* Append to the arenas; false: no memory. */
bool record_add_slot(bert_record *record, const record_slot *slot);
bool record_add_int(bert_record *record, int32_t value);
bool record_add_span(bert_record *record, bert_span span);
bool record_add_text(bert_record *record, bert_text text);
/* Begin the array of a member, and end it: type, and count as added since. */
void record_begin(bert_record *record, bert_member member, bert_type type);
void record_end(bert_record *record, bert_member member);
/* Room in scratch for the unescaped form of any part of the line. */
bool record_need_scratch(bert_record *record);
void record_link(bert_record *record);

/*
 * Do the members fit together? Token arrays as long as ids, offsets inside the
 * texts. Without ids all do; an unknown unit becomes absent. Errors:
 * BERT_BAD_INPUT.
 */
bert_status record_check(bert_record *record, bert_error *err);

#endif
