/*
 * pickle_stack.h - the stack machine that a pickle runs on: values, stack, memo
 *
 * Only pickle.c, which has the opcodes, uses it. What returns a bool or a
 * pointer has failed where that is false or NULL: machine.status says how.
 */
#ifndef IO_PICKLE_STACK_H
#define IO_PICKLE_STACK_H

#include "io/pickle.h"

/* Far beyond what weights need: some 130 MB at most, however small the pickle
   that asks for them. */
enum { MAX_VALUES = 1 << 20, MAX_ITEMS = 1 << 22, MAX_MARKS = 1000 };

struct pickle {
    pickle_value *values;
    size_t        count, capacity;
    uint32_t      root;
};

typedef struct numbers { /* of values */
    uint32_t *at;
    size_t    count, capacity;
} numbers;

typedef struct machine {
    pickle              *p;
    const unsigned char *data;
    size_t               size, at, began; /* began: the opcode in work, */
    unsigned char        code;            /* and what it is */
    const pickle_global *globals;
    size_t               global_count;
    const char          *path, *part;
    numbers              stack;
    size_t               marks[MAX_MARKS]; /* heights of the stack */
    size_t               mark_count;
    numbers              memo;       /* UINT32_MAX: not set */
    size_t               item_count; /* of all values */
    bool                 stopped;
    bert_status          status;
    bert_error          *err;
} machine;

/* Fail: the pickle is bad at the opcode in work. Always false. */
bool machine_bad(machine *m, const char *format, ...) ERROR_FORMAT(2, 3);
bool machine_no_memory(machine *m);

bool numbers_reserve(numbers *n, size_t count);

/* A new value on the stack. Valid until the next one. */
pickle_value *stack_push_new(machine *m, pickle_kind kind);
bool          stack_push(machine *m, uint32_t value);
/* The last of the stack, which stack_has(). */
uint32_t      stack_pop(machine *m);
pickle_value *machine_value(const machine *m, uint32_t number);
/* Values above the last mark. */
size_t stack_height(const machine *m);
/* Whether so many values can be taken from the stack. */
bool stack_has(machine *m, size_t count);
/* Values since the last mark, which is taken away: they stay on the stack. */
bool stack_since_mark(machine *m, size_t *count);

/* More items for a value. */
bool value_add_items(machine *m, pickle_value *v, const uint32_t *items,
                     size_t count);
/* The last `count` values of the stack become items of a new one. */
bool stack_collect(machine *m, pickle_kind kind, size_t count);

/* So many bytes of the pickle. */
const char *machine_take(machine *m, uint64_t size);
/* To the next newline. */
const char *machine_take_line(machine *m, size_t *size);

#endif
