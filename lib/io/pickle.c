/*
 * pickle.c - what a Python pickle says, with nothing executed
 *
 * A stack machine, as CPython's: values live in one array and are named by
 * their place in it, so that a pickle may share and even tie them in circles,
 * and nothing is walked by recursion.
 */
#include "io/pickle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { NEWTRUE = 0x88, TUPLE1 = 0x85 }; /* opcodes */

/* Far beyond what weights need: some 130 MB at most, however small the pickle
   that asks for them. */
enum { MAX_VALUES = 1 << 20, MAX_ITEMS = 1 << 22, MAX_MARKS = 1000 };
static const size_t max_size = (size_t)16 << 20;

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

/* ---- values and the stack -------------------------------------------------
 */

static bool bad(machine *m, const char *format, ...) ERROR_FORMAT(2, 3);

static bool bad(machine *m, const char *format, ...)
{
    char    text[320];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    m->status = error_set(m->err, BERT_BAD_FILE, "%s: %s: byte %zu: %s",
                          m->path, m->part, m->began, text);
    return false;
}

static bool no_memory(machine *m)
{
    m->status = error_memory(m->err);
    return false;
}

static bool numbers_reserve(numbers *n, size_t count)
{
    void *at = n->at;
    bool  done = memory_reserve(&at, &n->capacity, count, sizeof *n->at);

    n->at = at;
    return done;
}

/* A new value on the stack; NULL: the machine has failed. Valid until the
   next one. */
static pickle_value *push_new(machine *m, pickle_kind kind)
{
    void *values = m->p->values;

    if (m->p->count == MAX_VALUES) {
        (void)bad(m, "more than %d values", MAX_VALUES);
        return NULL;
    }
    if (!numbers_reserve(&m->stack, m->stack.count + 1) ||
        !memory_reserve(&values, &m->p->capacity, m->p->count + 1,
                        sizeof *m->p->values)) {
        (void)no_memory(m);
        return NULL;
    }
    m->p->values = values;
    m->stack.at[m->stack.count++] = (uint32_t)m->p->count;
    pickle_value *v = &m->p->values[m->p->count++];
    *v = (pickle_value){.kind = kind};
    return v;
}

static bool push(machine *m, uint32_t value)
{
    if (m->stack.count >= MAX_VALUES) {
        return bad(m, "more than %d values on the stack", MAX_VALUES);
    }
    if (!numbers_reserve(&m->stack, m->stack.count + 1)) {
        return no_memory(m);
    }
    m->stack.at[m->stack.count++] = value;
    return true;
}

static pickle_value *value_of(const machine *m, uint32_t number)
{
    return &m->p->values[number];
}

/* Values above the last mark. */
static size_t height(const machine *m)
{
    size_t floor = m->mark_count > 0 ? m->marks[m->mark_count - 1] : 0;

    return m->stack.count - floor;
}

/* Whether so many values can be taken from the stack. */
static bool has(machine *m, size_t count)
{
    return height(m) >= count ? true : bad(m, "too few values on the stack");
}

static uint32_t pop(machine *m)
{
    return m->stack.at[--m->stack.count];
}

/* Values since the last mark, which is taken away: they stay on the stack. */
static bool since_mark(machine *m, size_t *count)
{
    if (m->mark_count == 0) {
        return bad(m, "no mark on the stack");
    }
    *count = height(m);
    m->mark_count--;
    return true;
}

static bool add_items(machine *m, pickle_value *v, const uint32_t *items,
                      size_t count)
{
    size_t capacity = v->capacity;
    void  *grown = v->as.items;

    if (count > MAX_ITEMS - m->item_count) {
        return bad(m, "more than %d items", MAX_ITEMS);
    }
    if (!memory_reserve(&grown, &capacity, v->count + count,
                        sizeof *v->as.items)) {
        return no_memory(m);
    }
    v->as.items = grown;
    v->capacity = (uint32_t)capacity;
    if (count > 0) {
        memcpy(v->as.items + v->count, items, count * sizeof *items);
    }
    v->count += (uint32_t)count;
    m->item_count += count;
    return true;
}

/* The last `count` values of the stack become items of a new one. */
static bool collect(machine *m, pickle_kind kind, size_t count)
{
    pickle_value *v = push_new(m, kind);

    if (v == NULL) {
        return false;
    }
    uint32_t number = pop(m);
    if (!add_items(m, v, m->stack.at + m->stack.count - count, count)) {
        return false;
    }
    m->stack.count -= count;
    return push(m, number);
}

/* ---- opcodes: `number` is the argument, little-endian ---------------------
 */

static bool op_proto(machine *m, uint64_t number)
{
    return number >= 2 && number <= 5
               ? true
               : bad(m, "protocol %u is not 2 to 5", (unsigned)number);
}

static bool op_frame(machine *m, uint64_t number)
{
    return number <= m->size - m->at ? true : bad(m, "a frame beyond the end");
}

static bool op_stop(machine *m, uint64_t number)
{
    (void)number;
    if (m->mark_count != 0 || m->stack.count != 1) {
        return bad(m, "%zu values and %zu marks are left at the end",
                   m->stack.count, m->mark_count);
    }
    m->p->root = pop(m);
    m->stopped = true;
    return true;
}

static bool op_mark(machine *m, uint64_t number)
{
    (void)number;
    if (m->mark_count == MAX_MARKS) {
        return bad(m, "nested deeper than %d", MAX_MARKS);
    }
    m->marks[m->mark_count++] = m->stack.count;
    return true;
}

static bool push_number(machine *m, pickle_kind kind, int64_t number)
{
    pickle_value *v = push_new(m, kind);

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

/* So many bytes of the pickle; NULL: they are not there. */
static const char *take(machine *m, uint64_t size)
{
    const char *bytes = (const char *)m->data + m->at;

    if (size > m->size - m->at) {
        (void)bad(m, "it breaks off");
        return NULL;
    }
    m->at += (size_t)size;
    return bytes;
}

/* LONG1: `number` bytes, two's complement. */
static bool op_long(machine *m, uint64_t number)
{
    const char   *bytes = take(m, number);
    pickle_value *v = bytes != NULL ? push_new(m, PICKLE_LONG) : NULL;

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
    pickle_value *v = push_new(m, PICKLE_FLOAT);
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
    const char *bytes = take(m, number);

    if (bytes == NULL) {
        return false;
    }
    if (utf8_valid_prefix(bytes, (size_t)number) != number) {
        return bad(m, "a string that is no UTF-8");
    }
    pickle_value *v = push_new(m, PICKLE_TEXT);
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
    return collect(m,
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
    return has(m, count) && collect(m, PICKLE_TUPLE, count);
}

static bool op_tuple(machine *m, uint64_t number)
{
    size_t count = 0;

    (void)number;
    return since_mark(m, &count) && collect(m, PICKLE_TUPLE, count);
}

/* The last `count` values go to the container under them. */
static bool put_items(machine *m, pickle_kind kind, size_t count)
{
    if (height(m) <= count) {
        return bad(m, "too few values on the stack");
    }
    const uint32_t *items = m->stack.at + m->stack.count - count;
    pickle_value   *into = value_of(m, items[-1]);
    if (into->kind != kind || (kind == PICKLE_DICT && count % 2 != 0)) {
        return bad(m, "items for what is no %s",
                   kind == PICKLE_DICT ? "dict" : "list");
    }
    if (!add_items(m, into, items, count)) {
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
    return since_mark(m, &count) &&
           put_items(m, m->code == 'e' ? PICKLE_LIST : PICKLE_DICT, count);
}

/* ---- the memo ------------------------------------------------------------
 */

static bool op_get(machine *m, uint64_t number)
{
    if (number >= m->memo.count || m->memo.at[number] == UINT32_MAX) {
        return bad(m, "memo %llu is not set", (unsigned long long)number);
    }
    return push(m, m->memo.at[number]);
}

static bool op_put(machine *m, uint64_t number)
{
    if (!has(m, 1)) {
        return false;
    }
    if (number >= MAX_VALUES) {
        return bad(m, "memo %llu is beyond %d", (unsigned long long)number,
                   MAX_VALUES);
    }
    if (!numbers_reserve(&m->memo, (size_t)number + 1)) {
        return no_memory(m);
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
    return bad(m, "it names %.*s.%.*s, which is not allowed in weights",
               (int)(module_size < 100 ? module_size : 100), module,
               (int)(name_size < 100 ? name_size : 100), name);
}

/* To the next newline; NULL: there is none. */
static const char *take_line(machine *m, size_t *size)
{
    const char *line = (const char *)m->data + m->at;
    const char *end = memchr(line, '\n', m->size - m->at);

    if (end == NULL) {
        (void)bad(m, "it breaks off");
        return NULL;
    }
    *size = (size_t)(end - line);
    m->at += *size + 1;
    return line;
}

static bool op_global(machine *m, uint64_t number)
{
    size_t      module_size = 0, name_size = 0;
    const char *module = take_line(m, &module_size);
    const char *name = module != NULL ? take_line(m, &name_size) : NULL;

    (void)number;
    return name != NULL && push_global(m, module, module_size, name, name_size);
}

static bool op_stack_global(machine *m, uint64_t number)
{
    (void)number;
    if (!has(m, 2)) {
        return false;
    }
    const pickle_value *name = value_of(m, pop(m));
    const pickle_value *module = value_of(m, pop(m));
    if (name->kind != PICKLE_TEXT || module->kind != PICKLE_TEXT) {
        return bad(m, "a global whose name is no string");
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
        const pickle_value *pairs = value_of(m, args->as.items[0]);
        fits = pairs->kind == PICKLE_LIST;
        for (size_t i = 0; fits && i < pairs->count; i++) {
            const pickle_value *pair = value_of(m, pairs->as.items[i]);
            fits = (pair->kind == PICKLE_LIST || pair->kind == PICKLE_TUPLE) &&
                   pair->count == 2;
            if (fits &&
                (!push(m, pair->as.items[0]) || !push(m, pair->as.items[1]))) {
                return false;
            }
            n += 2;
        }
    }
    return fits ? collect(m, PICKLE_DICT, n)
                : bad(m, "an OrderedDict of something else than pairs");
}

static bool op_reduce(machine *m, uint64_t number)
{
    (void)number;
    if (!has(m, 2)) {
        return false;
    }
    const pickle_value *args = value_of(m, m->stack.at[m->stack.count - 1]);
    const pickle_value *callee = value_of(m, m->stack.at[m->stack.count - 2]);
    if (callee->kind != PICKLE_GLOBAL || args->kind != PICKLE_TUPLE) {
        return bad(m, "a call of what is no function");
    }
    const pickle_global *g = &m->globals[callee->as.integer];
    switch (g->use) {
    case PICKLE_CALLED:
        return collect(m, PICKLE_CALL, 2);
    case PICKLE_MAKES_DICT:
        m->stack.count -= 2;
        return make_dict(m, args);
    default:
        return bad(m, "a call of %s.%s, which is not allowed in weights",
                   g->module, g->name);
    }
}

/* The state of a module's OrderedDict, its _metadata: not needed. */
static bool op_build(machine *m, uint64_t number)
{
    (void)number;
    if (!has(m, 2)) {
        return false;
    }
    (void)pop(m);
    return value_of(m, m->stack.at[m->stack.count - 1])->kind == PICKLE_DICT
               ? true
               : bad(m, "a state for what is no dict");
}

static bool op_persistent(machine *m, uint64_t number)
{
    (void)number;
    return has(m, 1) && collect(m, PICKLE_PERSISTENT, 1);
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
        return bad(m, "it breaks off");
    }
    m->code = m->data[m->at++];
    const operation *o = &operations[m->code];
    if (o->run == NULL) {
        return o->refused != NULL
                   ? bad(m, "opcode %s is not allowed in weights", o->refused)
                   : bad(m, "opcode 0x%02X is not known", m->code);
    }
    const char *argument = take(m, o->width);
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
