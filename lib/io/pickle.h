/*
 * pickle.h - what a Python pickle says, with nothing executed
 *
 * Reads protocols 2 to 5 (Lib/pickle.py and pickletools.py of CPython) to a
 * graph of values. Names of Python are known only from the caller's list, and a
 * call of one is kept as a value: what it would have made is for the caller to
 * say. Every other name and every opcode that could do more is refused.
 */
#ifndef IO_PICKLE_H
#define IO_PICKLE_H

#include <stdint.h>

#include "base/error.h"

typedef enum pickle_kind {
    PICKLE_NONE,
    PICKLE_BOOL,
    PICKLE_INT,
    PICKLE_LONG, /* an integer of more than 8 bytes */
    PICKLE_FLOAT,
    PICKLE_TEXT,
    PICKLE_TUPLE,
    PICKLE_LIST,
    PICKLE_DICT,      /* items: key, value, key, value ... */
    PICKLE_GLOBAL,    /* a name of the caller's list: as.integer */
    PICKLE_CALL,      /* items: a PICKLE_GLOBAL, a PICKLE_TUPLE */
    PICKLE_PERSISTENT /* items: what the persistent id is */
} pickle_kind;

typedef struct pickle_value {
    pickle_kind kind;
    uint32_t    count;    /* items; bytes of text and long */
    uint32_t    capacity; /* of items */
    union {
        int64_t     integer; /* int, bool, global */
        double      number;
        const char *text; /* in the pickle's bytes, no NUL; UTF-8. A long's
                             bytes, two's complement, lowest first */
        uint32_t *items;  /* numbers of values: pickle_item() */
    } as;
} pickle_value;

/* What may be done with a global. */
typedef enum pickle_use {
    PICKLE_NAMED,     /* named only */
    PICKLE_CALLED,    /* called: PICKLE_CALL */
    PICKLE_MAKES_DICT /* called with nothing or pairs: PICKLE_DICT */
} pickle_use;

typedef struct pickle_global {
    const char *module, *name;
    pickle_use  use;
} pickle_global;

typedef struct pickle pickle;

/*
 * Read the pickle at the start of data; *used bytes it took. Messages begin
 * "path: part: ". data and globals must outlive it. Free with pickle_free(),
 * NULL allowed. Errors: BERT_BAD_FILE (byte, opcode and global named),
 * BERT_NO_MEMORY.
 */
bert_status pickle_read(pickle **out, const unsigned char *data, size_t size,
                        const pickle_global *globals, size_t global_count,
                        const char *path, const char *part, size_t *used,
                        bert_error *err);
void        pickle_free(pickle *p);

const pickle_value *pickle_root(const pickle *p);
/* Item i of a value that has items, i below its count. */
const pickle_value *pickle_item(const pickle *p, const pickle_value *v,
                                size_t i);
/* All values, in the order in which they were made. */
size_t              pickle_count(const pickle *p);
const pickle_value *pickle_at(const pickle *p, size_t i);

#endif
