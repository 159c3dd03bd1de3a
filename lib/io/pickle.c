/*
 * pickle.c - what a Python pickle says, with nothing executed
 *
 * The opcodes. The machine is as CPython's: values live in one array, named by
 * their place in it, so that a pickle may share and even tie them in circles,
 * and nothing is walked by recursion.
 */
#include "io/pickle.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "io/pickle_stack.h"

enum { NEWTRUE = 0x88, TUPLE1 = 0x85 }; /* opcodes */

/* Bytes that are read at most. */
static const size_t max_size = (size_t)16 << 20;

/* ---- opcodes: `number` is the argument, little-endian ---------------------
 */

static bool op_proto(machine *m, uint64_t number)
{
    return number >= 2 && number <= 5
               ? true
               : machine_bad(m, "protocol %u is not 2 to 5", (unsigned)number);
}

static bool op_frame(machine *m, uint64_t number)
{
    return number <= m->size - m->at ? true
                                     : machine_bad(m, "a frame beyond the end");
}

static bool op_stop(machine *m, uint64_t number)
{
    (void)number;
    if (m->mark_count != 0 || m->stack.count != 1) {
        return machine_bad(m, "%zu values and %zu marks are left at the end",
                           m->stack.count, m->mark_count);
    }
    m->p->root = stack_pop(m);
    m->stopped = true;
    return true;
}

static bool op_mark(machine *m, uint64_t number)
{
    (void)number;
    if (m->mark_count == MAX_MARKS) {
        return machine_bad(m, "nested deeper than %d", MAX_MARKS);
    }
    m->marks[m->mark_count++] = m->stack.count;
    return true;
}

static bool push_number(machine *m, pickle_kind kind, int64_t number)
{
    pickle_value *v = stack_push_new(m, kind);

    if (v != NULL) {
        v->as.integer = number;
    }
    return v != NULL;
}

/* NONE, NEWTRUE, NEWFALSE. */
static bool op_constant(machine *m, uint64_t number)
{
    (void)number;
    return push_number(m, m->code == 'N' ? PICKLE_NONE : PICKLE_BOOL,
                       m->code == NEWTRUE);
}

/* BININT1, BININT2: unsigned. */
static bool op_int(machine *m, uint64_t number)
{
    return push_number(m, PICKLE_INT, (int64_t)number);
}

static bool op_int4(machine *m, uint64_t number)
{
    int64_t value = (int64_t)number;

    return push_number(m, PICKLE_INT,
                       value > INT32_MAX ? value - (INT64_C(1) << 32) : value);
}

/* LONG1: `number` bytes, two's complement. */
static bool op_long(machine *m, uint64_t number)
{
    const char   *bytes = machine_take(m, number);
    pickle_value *v = bytes != NULL ? stack_push_new(m, PICKLE_LONG) : NULL;

    if (v == NULL) {
        return false;
    }
    v->count = (uint32_t)number;
    v->as.text = bytes;
    if (number <= 8) {
        bool     negative = number > 0 && (bytes[number - 1] & 0x80) != 0;
        uint64_t value = negative ? UINT64_MAX : 0;
        for (size_t i = (size_t)number; i > 0; i--) {
            value = value << 8 | (unsigned char)bytes[i - 1];
        }
        *v = (pickle_value){.kind = PICKLE_INT};
        memcpy(&v->as.integer, &value, sizeof value);
    }
    return true;
}

/* BINFLOAT: big-endian. */
static bool op_float(machine *m, uint64_t number)
{
    pickle_value *v = stack_push_new(m, PICKLE_FLOAT);
    uint64_t      bits = 0;

    for (int i = 0; i < 8; i++) {
        bits = bits << 8 | (number >> 8 * i & 0xFF);
    }
    if (v != NULL) {
        memcpy(&v->as.number, &bits, sizeof bits);
    }
    return v != NULL;
}

/* `number` bytes of UTF-8. */
static bool op_text(machine *m, uint64_t number)
{
    const char *bytes = machine_take(m, number);

    if (bytes == NULL) {
        return false;
    }
    if (utf8_valid_prefix(bytes, (size_t)number) != number) {
        return machine_bad(m, "a string that is no UTF-8");
    }
    pickle_value *v = stack_push_new(m, PICKLE_TEXT);
    if (v != NULL) {
        v->count = (uint32_t)number;
        v->as.text = bytes;
    }
    return v != NULL;
}

/* EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT. */
static bool op_empty(machine *m, uint64_t number)
{
    (void)number;
    return stack_collect(m,
                         m->code == ')'   ? PICKLE_TUPLE
                         : m->code == ']' ? PICKLE_LIST
                                          : PICKLE_DICT,
                         0);
}

/* TUPLE1, TUPLE2, TUPLE3. */
static bool op_tuple_of(machine *m, uint64_t number)
{
    size_t count = (size_t)(m->code - TUPLE1) + 1;

    (void)number;
    return stack_has(m, count) && stack_collect(m, PICKLE_TUPLE, count);
}

static bool op_tuple(machine *m, uint64_t number)
{
    size_t count = 0;

    (void)number;
    return stack_since_mark(m, &count) && stack_collect(m, PICKLE_TUPLE, count);
}

/* The last `count` values go to the container under them. */
static bool put_items(machine *m, pickle_kind kind, size_t count)
{
    if (stack_height(m) <= count) {
        return machine_bad(m, "too few values on the stack");
    }
    const uint32_t *items = m->stack.at + m->stack.count - count;
    pickle_value   *into = machine_value(m, items[-1]);
    if (into->kind != kind || (kind == PICKLE_DICT && count % 2 != 0)) {
        return machine_bad(m, "items for what is no %s",
                           kind == PICKLE_DICT ? "dict" : "list");
    }
    if (!value_add_items(m, into, items, count)) {
        return false;
    }
    m->stack.count -= count;
    return true;
}

/* APPEND, SETITEM. */
static bool op_item(machine *m, uint64_t number)
{
    (void)number;
    return m->code == 'a' ? put_items(m, PICKLE_LIST, 1)
                          : put_items(m, PICKLE_DICT, 2);
}

/* APPENDS, SETITEMS. */
static bool op_items(machine *m, uint64_t number)
{
    size_t count = 0;

    (void)number;
    return stack_since_mark(m, &count) &&
           put_items(m, m->code == 'e' ? PICKLE_LIST : PICKLE_DICT, count);
}

/* ---- the memo ------------------------------------------------------------
 */

static bool op_get(machine *m, uint64_t number)
{
    if (number >= m->memo.count || m->memo.at[number] == UINT32_MAX) {
        return machine_bad(m, "memo %llu is not set",
                           (unsigned long long)number);
    }
    return stack_push(m, m->memo.at[number]);
}

static bool op_put(machine *m, uint64_t number)
{
    if (!stack_has(m, 1)) {
        return false;
    }
    if (number >= MAX_VALUES) {
        return machine_bad(m, "memo %llu is beyond %d",
                           (unsigned long long)number, MAX_VALUES);
    }
    if (!numbers_reserve(&m->memo, (size_t)number + 1)) {
        return machine_no_memory(m);
    }
    while (m->memo.count <= number) {
        m->memo.at[m->memo.count++] = UINT32_MAX;
    }
    m->memo.at[number] = m->stack.at[m->stack.count - 1];
    return true;
}

static bool op_memoize(machine *m, uint64_t number)
{
    (void)number;
    return op_put(m, m->memo.count);
}

/* ---- names and calls ------------------------------------------------------
 */

static bool push_global(machine *m, const char *module, size_t module_size,
                        const char *name, size_t name_size)
{
    for (size_t i = 0; i < m->global_count; i++) {
        const pickle_global *g = &m->globals[i];
        if (strlen(g->module) == module_size && strlen(g->name) == name_size &&
            memcmp(g->module, module, module_size) == 0 &&
            memcmp(g->name, name, name_size) == 0) {
            return push_number(m, PICKLE_GLOBAL, (int64_t)i);
        }
    }
    return machine_bad(m, "it names %.*s.%.*s, which is not allowed in weights",
                       (int)(module_size < 100 ? module_size : 100), module,
                       (int)(name_size < 100 ? name_size : 100), name);
}

static bool op_global(machine *m, uint64_t number)
{
    size_t      module_size = 0, name_size = 0;
    const char *module = machine_take_line(m, &module_size);
    const char *name = module != NULL ? machine_take_line(m, &name_size) : NULL;

    (void)number;
    return name != NULL && push_global(m, module, module_size, name, name_size);
}

static bool op_stack_global(machine *m, uint64_t number)
{
    (void)number;
    if (!stack_has(m, 2)) {
        return false;
    }
    const pickle_value *name = machine_value(m, stack_pop(m));
    const pickle_value *module = machine_value(m, stack_pop(m));
    if (name->kind != PICKLE_TEXT || module->kind != PICKLE_TEXT) {
        return machine_bad(m, "a global whose name is no string");
    }
    return push_global(m, module->as.text, module->count, name->as.text,
                       name->count);
}

/* OrderedDict([[k, v], ...]), as Python 2 has it. */
static bool make_dict(machine *m, const pickle_value *args)
{
    size_t n = 0;
    bool   fits = args->count <= 1;

    if (fits && args->count == 1) {
        const pickle_value *pairs = machine_value(m, args->as.items[0]);
        fits = pairs->kind == PICKLE_LIST;
        for (size_t i = 0; fits && i < pairs->count; i++) {
            const pickle_value *pair = machine_value(m, pairs->as.items[i]);
            fits = (pair->kind == PICKLE_LIST || pair->kind == PICKLE_TUPLE) &&
                   pair->count == 2;
            if (fits && (!stack_push(m, pair->as.items[0]) ||
                         !stack_push(m, pair->as.items[1]))) {
                return false;
            }
            n += 2;
        }
    }
    return fits ? stack_collect(m, PICKLE_DICT, n)
                : machine_bad(m, "an OrderedDict of something else than pairs");
}

static bool op_reduce(machine *m, uint64_t number)
{
    (void)number;
    if (!stack_has(m, 2)) {
        return false;
    }
    const pickle_value *args =
        machine_value(m, m->stack.at[m->stack.count - 1]);
    const pickle_value *callee =
        machine_value(m, m->stack.at[m->stack.count - 2]);
    if (callee->kind != PICKLE_GLOBAL || args->kind != PICKLE_TUPLE) {
        return machine_bad(m, "a call of what is no function");
    }
    const pickle_global *g = &m->globals[callee->as.integer];
    switch (g->use) {
    case PICKLE_CALLED:
        return stack_collect(m, PICKLE_CALL, 2);
    case PICKLE_MAKES_DICT:
        m->stack.count -= 2;
        return make_dict(m, args);
    default:
        return machine_bad(m,
                           "a call of %s.%s, which is not allowed in weights",
                           g->module, g->name);
    }
}

/* The state of a module's OrderedDict, its _metadata: not needed. */
static bool op_build(machine *m, uint64_t number)
{
    (void)number;
    if (!stack_has(m, 2)) {
        return false;
    }
    (void)stack_pop(m);
    return machine_value(m, m->stack.at[m->stack.count - 1])->kind ==
                   PICKLE_DICT
               ? true
               : machine_bad(m, "a state for what is no dict");
}

static bool op_persistent(machine *m, uint64_t number)
{
    (void)number;
    return stack_has(m, 1) && stack_collect(m, PICKLE_PERSISTENT, 1);
}

typedef struct operation {
    bool (*run)(machine *m, uint64_t number);
    unsigned    width;   /* bytes of its argument */
    const char *refused; /* its name, where it is known and not allowed */
} operation;

static const operation operations[256] = {
    [0x80] = {op_proto, 1, NULL},        [0x95] = {op_frame, 8, NULL},
    ['.'] = {op_stop, 0, NULL},          ['('] = {op_mark, 0, NULL},
    ['N'] = {op_constant, 0, NULL},      [NEWTRUE] = {op_constant, 0, NULL},
    [0x89] = {op_constant, 0, NULL},     ['K'] = {op_int, 1, NULL},
    ['M'] = {op_int, 2, NULL},           ['J'] = {op_int4, 4, NULL},
    [0x8A] = {op_long, 1, NULL},         ['G'] = {op_float, 8, NULL},
    ['U'] = {op_text, 1, NULL},          [0x8C] = {op_text, 1, NULL},
    ['T'] = {op_text, 4, NULL},          ['X'] = {op_text, 4, NULL},
    [0x8D] = {op_text, 8, NULL},         [')'] = {op_empty, 0, NULL},
    [TUPLE1] = {op_tuple_of, 0, NULL},   [0x86] = {op_tuple_of, 0, NULL},
    [0x87] = {op_tuple_of, 0, NULL},     ['t'] = {op_tuple, 0, NULL},
    [']'] = {op_empty, 0, NULL},         ['}'] = {op_empty, 0, NULL},
    ['a'] = {op_item, 0, NULL},          ['e'] = {op_items, 0, NULL},
    ['s'] = {op_item, 0, NULL},          ['u'] = {op_items, 0, NULL},
    ['h'] = {op_get, 1, NULL},           ['j'] = {op_get, 4, NULL},
    ['q'] = {op_put, 1, NULL},           ['r'] = {op_put, 4, NULL},
    [0x94] = {op_memoize, 0, NULL},      ['c'] = {op_global, 0, NULL},
    [0x93] = {op_stack_global, 0, NULL}, ['R'] = {op_reduce, 0, NULL},
    ['b'] = {op_build, 0, NULL},         ['Q'] = {op_persistent, 0, NULL},
    ['i'] = {NULL, 0, "INST"},           ['o'] = {NULL, 0, "OBJ"},
    ['P'] = {NULL, 0, "PERSID"},         [0x81] = {NULL, 0, "NEWOBJ"},
    [0x92] = {NULL, 0, "NEWOBJ_EX"},     [0x82] = {NULL, 0, "EXT1"},
    [0x83] = {NULL, 0, "EXT2"},          [0x84] = {NULL, 0, "EXT4"},
};

static bool run_one(machine *m)
{
    uint64_t number = 0;

    m->began = m->at;
    if (m->at == m->size) {
        return machine_bad(m, "it breaks off");
    }
    m->code = m->data[m->at++];
    const operation *o = &operations[m->code];
    if (o->run == NULL) {
        return o->refused != NULL
                   ? machine_bad(m, "opcode %s is not allowed in weights",
                                 o->refused)
                   : machine_bad(m, "opcode 0x%02X is not known", m->code);
    }
    const char *argument = machine_take(m, o->width);
    for (unsigned i = o->width; argument != NULL && i > 0; i--) {
        number = number << 8 | (unsigned char)argument[i - 1];
    }
    return argument != NULL && o->run(m, number);
}

bert_status pickle_read(pickle **out, const unsigned char *data, size_t size,
                        const pickle_global *globals, size_t global_count,
                        const char *path, const char *part, size_t *used,
                        bert_error *err)
{
    machine *m = memory_new_zeroed(1, sizeof *m);
    pickle  *p = memory_new_zeroed(1, sizeof *p);

    if (m == NULL || p == NULL) {
        memory_free(m);
        memory_free(p);
        return error_memory(err);
    }
    *m = (machine){.p = p,
                   .data = data,
                   .size = size < max_size ? size : max_size,
                   .globals = globals,
                   .global_count = global_count,
                   .path = path,
                   .part = part,
                   .err = err};
    while (!m->stopped && run_one(m)) {
    }
    bert_status s = m->status;
    *used = m->at;
    memory_free(m->stack.at);
    memory_free(m->memo.at);
    memory_free(m);
    if (s != BERT_OK) {
        pickle_free(p);
        return s;
    }
    *out = p;
    return BERT_OK;
}

static bool has_items(pickle_kind kind)
{
    return kind == PICKLE_TUPLE || kind == PICKLE_LIST || kind == PICKLE_DICT ||
           kind == PICKLE_CALL || kind == PICKLE_PERSISTENT;
}

void pickle_free(pickle *p)
{
    for (size_t i = 0; p != NULL && i < p->count; i++) {
        if (has_items(p->values[i].kind)) {
            memory_free(p->values[i].as.items);
        }
    }
    if (p != NULL) {
        memory_free(p->values);
        memory_free(p);
    }
}

const pickle_value *pickle_root(const pickle *p)
{
    return &p->values[p->root];
}

const pickle_value *pickle_item(const pickle *p, const pickle_value *v,
                                size_t i)
{
    return &p->values[v->as.items[i]];
}

size_t pickle_count(const pickle *p)
{
    return p->count;
}

const pickle_value *pickle_at(const pickle *p, size_t i)
{
    return &p->values[i];
}
