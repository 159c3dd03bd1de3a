/*
 * tag_labels.c - what the labels of a tagging model say
 */
#include "common/tag_labels.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

/* What labels are brought together by, and whose it is. */
typedef struct label_key {
    bert_text text;
    size_t    label;
} label_key;

static int by_text(const void *a, const void *b)
{
    const label_key *x = a, *y = b;
    size_t size = x->text.size < y->text.size ? x->text.size : y->text.size;
    int    order = memcmp(x->text.data, y->text.data, size);

    if (order == 0 && x->text.size != y->text.size) {
        return x->text.size < y->text.size ? -1 : 1;
    }
    return order != 0 ? order : x->label < y->label ? -1 : x->label > y->label;
}

/* Where the run of equal texts that begins at i ends. */
static size_t run_end(const label_key *keys, size_t count, size_t i)
{
    bert_text first = keys[i].text;

    while (i < count && keys[i].text.size == first.size &&
           memcmp(keys[i].text.data, first.data, first.size) == 0) {
        i++;
    }
    return i;
}

static bool is_o(bert_text text)
{
    return text.size == 1 && text.data[0] == 'O';
}

static bool has_part(bert_text name, char letter)
{
    return name.size >= 2 && name.data[0] == letter && name.data[1] == '-';
}

/* The part that a name begins with; false: none. */
static bool find_part(bert_text name, bool ends, tag_part *part)
{
    static const struct {
        char     letter;
        bool     ends; /* known only where entities have ends */
        tag_part part;
    } known[] = {
        {'B', false, TAG_BEGIN}, {'I', false, TAG_INSIDE},
        {'M', true, TAG_INSIDE}, {'E', true, TAG_END},
        {'S', true, TAG_SINGLE},
    };

    *part = TAG_INSIDE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (has_part(name, known[i].letter) && (ends || !known[i].ends)) {
            *part = known[i].part;
            return true;
        }
    }
    return false;
}

/* The tag of a label: its name without the part. */
static bert_text tag_text(const tag_label *label)
{
    size_t skip = label->marked ? 2 : 0;

    return (bert_text){label->name.data + skip, label->name.size - skip};
}

static void read_label(tag_label *label, bool ends)
{
    const char *dash = memchr(label->name.data, '-', label->name.size);

    label->type = label->name;
    if (dash != NULL) {
        size_t skip = (size_t)(dash + 1 - label->name.data);
        label->type = (bert_text){dash + 1, label->name.size - skip};
    }
    label->marked = find_part(label->name, ends, &label->part);
    label->outside = is_o(label->name);
    label->ignored = is_o(label->type);
}

/* The same number for the same tag: that of its first label. */
static void number_tags(tag_labels *out, label_key *keys)
{
    for (size_t i = 0; i < out->count; i++) {
        keys[i] = (label_key){tag_text(&out->all[i]), i};
    }
    qsort(keys, out->count, sizeof *keys, by_text);
    for (size_t i = 0; i < out->count;) {
        size_t end = run_end(keys, out->count, i), tag = keys[i].label;

        for (; i < end; i++) {
            out->all[keys[i].label].tag = tag;
        }
    }
}

/* Whether the map is one in which entities have ends. An "E-MAIL" among names
   without parts does not make it one. */
static bool has_ends(const tag_labels *labels, label_key *keys)
{
    size_t count = 0;
    bool   found = false;

    for (size_t i = 0; i < labels->count; i++) {
        bert_text name = labels->all[i].name;

        if (name.size >= 2 && strchr("BIES", name.data[0]) != NULL &&
            name.data[1] == '-') {
            keys[count++] = (label_key){{name.data + 1, name.size - 1}, i};
        }
    }
    qsort(keys, count, sizeof *keys, by_text);
    for (size_t i = 0; i < count && !found;) {
        size_t end = run_end(keys, count, i);
        bool   begun = false, ended = false;

        for (; i < end; i++) {
            char letter = labels->all[keys[i].label].name.data[0];
            bool ends = letter == 'E' || letter == 'S';

            ended |= ends;
            begun |= !ends;
        }
        found = begun && ended;
    }
    return found;
}

void tag_labels_make(tag_labels *out, const char *const *names, size_t count)
{
    *out = (tag_labels){.count = count};
    out->all = alloc_zeroed(count, sizeof *out->all);
    for (size_t i = 0; i < count; i++) {
        out->all[i].name = (bert_text){names[i], strlen(names[i])};
    }
    label_key *keys = alloc_zeroed(count, sizeof *keys);
    out->ends = has_ends(out, keys);
    for (size_t i = 0; i < count; i++) {
        read_label(&out->all[i], out->ends);
    }
    number_tags(out, keys);
    free(keys);
}

void tag_labels_free(tag_labels *labels)
{
    free(labels->all);
    *labels = (tag_labels){0};
}
