/*
 * layout.h - inside a layout: the lists, and what becomes of a member
 */
#ifndef IO_LAYOUT_H
#define IO_LAYOUT_H

#include "io/record.h"

/* Names, of a comma-separated list. */
typedef struct name_list {
    bert_text *names; /* NULL: no list was given */
    size_t     count;
    char      *bytes;
} name_list;

struct bert_layout {
    bert_layout_options options; /* strings and arrays: not used after _new */
    name_list           results, keep, drop;
    bert_type          *types;     /* [results.count], TSV */
    char               *as;        /* NULL: not given */
    bool                as_object; /* several results under it */
    name_list           columns;   /* TSV: of the input */
    size_t             *places;    /* [columns.count]: each one's there */
    bool                uniform;   /* TSV: all texts, or all pairs */
};

/* A member's name: raw JSON, still escaped, or plain. */
typedef struct member_name {
    bert_text text;
    bool      json;
} member_name;

bool layout_name_is(const member_name *name, const char *other, size_t size);

/* What --keep and --drop say of it. */
bool layout_is_listed(const bert_layout *layout, const member_name *name);

typedef enum layout_fate { LAYOUT_KEEP, LAYOUT_DROP, LAYOUT_CLASH } layout_fate;

/* What becomes of an input member; results [count] may be NULL (none is
   absent). */
layout_fate layout_decide(const bert_layout *layout, int member,
                          const member_name *name, const bert_value *results);

/* Is this result the "truncated" of the record, outside of `as`? */
bool layout_is_truncated(const bert_layout *layout, size_t result);

/* Is it a truncated of false or null, which is as good as none and never
   written? For records that were read whole. */
bool layout_is_none(const bert_record *record, int member);

/* One line of TSV; as bert_layout_put(). */
bert_status layout_put_tsv(const bert_layout *layout, const bert_record *record,
                           const bert_value *results, bert_buffer *out,
                           bert_text *clashed, bert_error *err);

#endif
