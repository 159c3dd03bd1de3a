/*
 * pickle_stack.c - the stack machine that a pickle runs on
 */
#include "io/pickle_stack.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

bool machine_bad(machine *m, const char *format, ...)
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

bool machine_no_memory(machine *m)
{
    m->status = error_memory(m->err);
    return false;
}

bool numbers_reserve(numbers *n, size_t count)
{
    void *at = n->at;
    bool  done = memory_reserve(&at, &n->capacity, count, sizeof *n->at);

    n->at = at;
    return done;
}

pickle_value *stack_push_new(machine *m, pickle_kind kind)
{
    void *values = m->p->values;

    if (m->p->count == MAX_VALUES) {
        (void)machine_bad(m, "more than %d values", MAX_VALUES);
        return NULL;
    }
    if (!numbers_reserve(&m->stack, m->stack.count + 1) ||
        !memory_reserve(&values, &m->p->capacity, m->p->count + 1,
                        sizeof *m->p->values)) {
        (void)machine_no_memory(m);
        return NULL;
    }
    m->p->values = values;
    m->stack.at[m->stack.count++] = (uint32_t)m->p->count;
    pickle_value *v = &m->p->values[m->p->count++];
    *v = (pickle_value){.kind = kind};
    return v;
}

bool stack_push(machine *m, uint32_t value)
{
    if (m->stack.count >= MAX_VALUES) {
        return machine_bad(m, "more than %d values on the stack", MAX_VALUES);
    }
    if (!numbers_reserve(&m->stack, m->stack.count + 1)) {
        return machine_no_memory(m);
    }
    m->stack.at[m->stack.count++] = value;
    return true;
}

pickle_value *machine_value(const machine *m, uint32_t number)
{
    return &m->p->values[number];
}

size_t stack_height(const machine *m)
{
    size_t floor = m->mark_count > 0 ? m->marks[m->mark_count - 1] : 0;

    return m->stack.count - floor;
}

bool stack_has(machine *m, size_t count)
{
    return stack_height(m) >= count
               ? true
               : machine_bad(m, "too few values on the stack");
}

uint32_t stack_pop(machine *m)
{
    return m->stack.at[--m->stack.count];
}

bool stack_since_mark(machine *m, size_t *count)
{
    if (m->mark_count == 0) {
        return machine_bad(m, "no mark on the stack");
    }
    *count = stack_height(m);
    m->mark_count--;
    return true;
}

bool value_add_items(machine *m, pickle_value *v, const uint32_t *items,
                     size_t count)
{
    size_t capacity = v->capacity;
    void  *grown = v->as.items;

    if (count > MAX_ITEMS - m->item_count) {
        return machine_bad(m, "more than %d items", MAX_ITEMS);
    }
    if (!memory_reserve(&grown, &capacity, v->count + count,
                        sizeof *v->as.items)) {
        return machine_no_memory(m);
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

bool stack_collect(machine *m, pickle_kind kind, size_t count)
{
    pickle_value *v = stack_push_new(m, kind);

    if (v == NULL) {
        return false;
    }
    uint32_t number = stack_pop(m);
    if (!value_add_items(m, v, m->stack.at + m->stack.count - count, count)) {
        return false;
    }
    m->stack.count -= count;
    return stack_push(m, number);
}

const char *machine_take(machine *m, uint64_t size)
{
    const char *bytes = (const char *)m->data + m->at;

    if (size > m->size - m->at) {
        (void)machine_bad(m, "it breaks off");
        return NULL;
    }
    m->at += (size_t)size;
    return bytes;
}

const char *machine_take_line(machine *m, size_t *size)
{
    const char *line = (const char *)m->data + m->at;
    const char *end = memchr(line, '\n', m->size - m->at);

    if (end == NULL) {
        (void)machine_bad(m, "it breaks off");
        return NULL;
    }
    *size = (size_t)(end - line);
    m->at += *size + 1;
    return line;
}
