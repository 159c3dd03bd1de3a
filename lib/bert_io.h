/*
 * bert_io.h - records: text, JSONL and TSV in; JSONL, TSV, npy and raw out
 *
 * A record is one text with what belongs to it. The reader checks UTF-8 and
 * syntax, finds the members it knows and keeps all others byte for byte; the
 * layout says how a record and its results become a line. bert-stream(5)
 * describes the formats.
 *
 * Threads: a reader serves one thread; a layout never changes once made and
 * may be shared. See bert.h for ownership and errors.
 */
#ifndef BERT_IO_H
#define BERT_IO_H

#include <bert.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* ---- 1. Values ----------------------------------------------------------- */

typedef enum bert_type {
    BERT_ABSENT = 0, /* no such member, or null */
    BERT_TRUE,
    BERT_INT,     /* integer */
    BERT_FLOAT,   /* number, shortest decimals that read back as binary32 */
    BERT_STRING,  /* text: UTF-8, unescaped */
    BERT_STRINGS, /* texts [count] */
    BERT_INTS,    /* ints [count] */
    BERT_WORDS,   /* ints [count], -1 written null (in TSV: -) */
    BERT_BITS,    /* bytes [count], each a number 0..255 */
    BERT_BYTES,   /* sbytes [count], each a number -128..127 */
    BERT_SPANS,   /* spans [count], written [begin,end] (in TSV: b-e) */
    BERT_FLOATS,  /* floats [count] */
    BERT_MATRIX,  /* floats [count, columns] */
    BERT_JSON     /* text: JSON, copied as it is */
} bert_type;

typedef struct bert_value {
    bert_type type;
    size_t    count, columns; /* items; of BERT_MATRIX: rows and columns */
    union {
        int64_t          integer;
        float            number;
        bert_text        text;
        const bert_text *texts;
        const int32_t   *ints;
        const uint8_t   *bytes;
        const int8_t    *sbytes;
        const bert_span *spans;
        const float     *floats;
    } as;
} bert_value;

/* ---- 2. Records ---------------------------------------------------------- */

/* The members the reader knows; all others are the user's. Those of tokens
   (TOKENS to WINDOW) must be of their types beside IDS only: in other records
   one of another type is absent. */
typedef enum bert_member {
    BERT_M_TEXT,        /* STRING, or STRINGS: words already split */
    BERT_M_PAIR,        /* the same */
    BERT_M_QUESTION,    /* STRING; known only where the reader is asked to */
    BERT_M_CONTEXT,     /* the same */
    BERT_M_TOKENS,      /* STRINGS */
    BERT_M_IDS,         /* INTS */
    BERT_M_TYPE_IDS,    /* INTS */
    BERT_M_OFFSETS,     /* SPANS */
    BERT_M_WORDS,       /* WORDS */
    BERT_M_SPECIAL,     /* INTS, each 0 or 1 */
    BERT_M_TRUNCATED,   /* TRUE */
    BERT_M_VOCAB,       /* STRING */
    BERT_M_OFFSET_UNIT, /* STRING: "bytes" or "utf16" */
    BERT_M_WINDOW,      /* INTS [k,of]; else, or without ids, the
                           user's */
    BERT_M_ERROR,       /* JSON: whatever it is */
    BERT_M_COUNT
} bert_member;

typedef struct bert_record bert_record;

bert_record *bert_record_new(void); /* NULL: no memory */
void         bert_record_free(bert_record *record);

/* The value of a known member, lent until the record is read into again. */
bert_value bert_record_value(const bert_record *record, bert_member member);

/*
 * The member of that name, known or the user's, as it stands in the record:
 * JSON, a TSV field still escaped, or a line's text (or pair). The first of
 * several. Lent like a value; false: there is none, or it is "id" or a known
 * one and null, or an empty field of TSV (but of text or pair).
 */
bool bert_record_raw(const bert_record *record, const char *name, size_t size,
                     bert_text *raw);

/* Where it came from: operand as given ("-"), line from 1 (the record's number
   for -0), record from 1 over the whole stream. */
const char *bert_record_file(const bert_record *record);
size_t      bert_record_line(const bert_record *record);
size_t      bert_record_number(const bert_record *record);
/* Bytes of the line it was read from, which it holds. */
size_t bert_record_size(const bert_record *record);

/* ---- 3. Reading ---------------------------------------------------------- */

typedef enum bert_format {
    BERT_AUTO = 0, /* JSONL where an operand begins with {, else text */
    BERT_LINES,    /* text */
    BERT_JSONL,
    BERT_TSV,
    BERT_SQUAD /* a JSON document of SQuAD 1.1 or 2.0: a record a question,
                  with "context" and "title" as if it were JSONL */
} bert_format;

/* Zero it for the defaults. */
typedef struct bert_reader_options {
    bert_format format;
    bool        null_ended;      /* -0: texts end in NUL (text only) */
    bool        pair;            /* a text line is "first TAB second" */
    bool        ids;             /* --decode: a text line is ids, as IDS */
    bool        question;        /* know BERT_M_QUESTION and _CONTEXT */
    bool        no_tokens;       /* token members are not parsed or checked:
                                    the caller drops them (wp-tokenize) */
    const char *columns;         /* TSV without a header: "text,id" */
    bool        replace_invalid; /* bad UTF-8 becomes U+FFFD */
    size_t      max_record;      /* bytes; 0: no limit */
} bert_reader_options;

typedef struct bert_reader bert_reader;

/*
 * Read the operands one after the other; count 0 or "-": standard input. Files
 * are opened as they are reached. Errors: BERT_NO_MEMORY, BERT_BAD_CALL.
 */
bert_status bert_reader_open(bert_reader **out, const char *const *paths,
                             size_t count, const bert_reader_options *options,
                             bert_error *err);
void        bert_reader_free(bert_reader *reader);

/*
 * The next record. *more is false at the end, and record then unset.
 * BERT_BAD_INPUT: this record is bad and the message, without file and line,
 * says why; bert_record_file(), _line() and the raw members that could be read
 * serve; the next call goes on after it. BERT_IO, BERT_NO_MEMORY, BERT_BAD_FILE
 * (a header of TSV that is none, or not that of the file before; what is no
 * SQuAD document; the message begins with the file): the stream is over.
 */
bert_status bert_reader_next(bert_reader *reader, bert_record *record,
                             bool *more, bert_error *err);

/*
 * Whether bert_reader_next() would return without waiting for input: a whole
 * record, or the end, is at hand or can be read at once.
 */
bool bert_reader_ready(bert_reader *reader);

/* Bytes read so far, of all operands; and their size, 0 where not known. */
uint64_t bert_reader_done(const bert_reader *reader);
uint64_t bert_reader_total(const bert_reader *reader);

/* The columns of a TSV input, from its header or the options; of a text input
   "text", and "pair" where there are pairs; of SQuAD id, title, question and
   context; count 0 before the first record or
   where the input is JSONL. */
const bert_text *bert_reader_columns(const bert_reader *reader, size_t *count);
/* The format of the operand being read; BERT_AUTO before its first byte. */
bert_format bert_reader_format(const bert_reader *reader);

/* ---- 4. Writing ---------------------------------------------------------- */

/* What a line of output holds. Zero it for the defaults. */
typedef struct bert_layout_options {
    bert_format        format;  /* BERT_JSONL or BERT_TSV */
    const char *const *results; /* names of the results, in order */
    size_t             result_count;
    const bert_type   *types;   /* [result_count] for TSV's columns */
    size_t             columns; /* width of a FLOATS result in TSV: d0, .. */
    const char        *as;      /* --as: the results go under this name */
    const char        *keep, *drop; /* LIST, comma-separated; NULL: not given */
    bool               keep_tokens; /* token members are kept, not consumed */
    bool               new_tokens;  /* the tool makes token members itself: all
                                       of the input's go, truncated, window and
                                       offset_unit too */
    bool pair;   /* the records are pairs: TSV of an input without columns
                    has one for "pair" */
    bool number; /* "n": the record's number */
    int  digits; /* of floats, significant; 0: shortest exact */
} bert_layout_options;

typedef struct bert_layout bert_layout;

/*
 * input_columns: what bert_reader_columns() gives after the first record; NULL
 * or none: what keep names, else id, text and, for pairs, pair; the two are
 * question and context where a record has these in their place. Everything in
 * options is copied.
 *
 * What becomes of an input member, the first rule that fits: of the tokens,
 * where the tool makes new ones: dropped. Named as a result (or as `as`, "n"):
 * dropped, a clash unless tokens are consumed anyway. keep: it is in the list.
 * drop: it is not. tokens, ids, type_ids, offsets, words, special, vocab: only
 * with keep_tokens. A result named truncated stands outside `as`, and is
 * no clash: where it is absent the input's stays.
 *
 * TSV spreads a FLOATS, BITS or BYTES result over `columns` fields, where that
 * is not 0. Errors: BERT_BAD_CALL (keep and drop; a matrix in TSV),
 * BERT_NO_MEMORY.
 */
bert_status bert_layout_new(bert_layout              **out,
                            const bert_layout_options *options,
                            const bert_text *input_columns, size_t column_count,
                            bert_error *err);
void        bert_layout_free(bert_layout *layout);

/* The TSV header line. Errors: BERT_NO_MEMORY. */
bert_status bert_layout_header(const bert_layout *layout, bert_buffer *out,
                               bert_error *err);

/*
 * Append one line: the record's members that the layout keeps, byte for byte
 * in their order, then results [result_count] (BERT_ABSENT: left out).
 * *clashed (may be NULL) becomes the name, as it stands in the record and lent
 * like it, of the first member that was dropped for bearing a result's name;
 * it is left alone where there is none. Errors: BERT_NO_MEMORY; BERT_BAD_CALL
 * (a result of TSV with another number of numbers than `columns`);
 * BERT_BAD_INPUT (a float that is not finite; in TSV text or pair of split
 * words; TSV of an input without columns: a pair among texts or a text among
 * pairs, whose line would be read as the other).
 */
bert_status bert_layout_put(const bert_layout *layout,
                            const bert_record *record,
                            const bert_value *results, bert_buffer *out,
                            bert_text *clashed, bert_error *err);

/*
 * Append the record with "error":message (--on-error emit), token members
 * too; where it was no JSON or no UTF-8, error and line alone. message NULL:
 * a record that came with an error passes as it is. Errors: BERT_BAD_CALL (a
 * TSV layout), BERT_NO_MEMORY.
 */
bert_status bert_layout_put_error(const bert_layout *layout,
                                  const bert_record *record,
                                  const char *message, bert_buffer *out,
                                  bert_error *err);

/* Append a value as JSON, as bert_layout_put() writes it. */
bert_status bert_value_put(const bert_value *value, int digits,
                           bert_buffer *out, bert_error *err);

/*
 * Append the header of a .npy file, version 1.0, for float32 [rows, columns]
 * (or int8/uint8: descr "|i1", "|u1", "<f4"), always of the same length (128
 * bytes), so that it can be completed at the end.
 */
bert_status bert_npy_header(const char *descr, size_t rows, size_t columns,
                            bert_buffer *out, bert_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
