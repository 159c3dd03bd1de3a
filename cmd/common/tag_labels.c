/*
 * tag_labels.c - what the labels of a tagging model say
 */
#include "common/tag_labels.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

static bool same_text(bert_text a, bert_text b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
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

static void read_label(tag_labels *out, size_t i)
{
    tag_label  *label = &out->all[i];
    const char *dash = memchr(label->name.data, '-', label->name.size);

    label->type = label->name;
    if (dash != NULL) {
        size_t skip = (size_t)(dash + 1 - label->name.data);
        label->type = (bert_text){dash + 1, label->name.size - skip};
    }
    label->marked = find_part(label->name, out->ends, &label->part);
    label->outside = is_o(label->name);
    label->ignored = is_o(label->type);
    label->tag = i;
    for (size_t k = 0; k < i; k++) {
        if (same_text(tag_text(&out->all[k]), tag_text(label))) {
            label->tag = out->all[k].tag;
            break;
        }
    }
}

/* Whether some name is `letter`, then what follows the part of name `of`. */
static bool has_name(const tag_labels *labels, char letter, bert_text of)
{
    for (size_t i = 0; i < labels->count; i++) {
        bert_text name = labels->all[i].name;

        if (name.size == of.size && has_part(name, letter) &&
            memcmp(name.data + 1, of.data + 1, name.size - 1) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the map is one in which entities have ends. An "E-MAIL" among names
   without parts does not make it one. */
static bool has_ends(const tag_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        bert_text name = labels->all[i].name;

        if ((has_part(name, 'E') || has_part(name, 'S')) &&
            (has_name(labels, 'B', name) || has_name(labels, 'I', name))) {
            return true;
        }
    }
    return false;
}

void tag_labels_make(tag_labels *out, const char *const *names, size_t count)
{
    *out = (tag_labels){.count = count};
    out->all = alloc_zeroed(count, sizeof *out->all);
    for (size_t i = 0; i < count; i++) {
        out->all[i].name = (bert_text){names[i], strlen(names[i])};
    }
    out->ends = has_ends(out);
    for (size_t i = 0; i < count; i++) {
        read_label(out, i);
    }
}

void tag_labels_free(tag_labels *labels)
{
    free(labels->all);
    *labels = (tag_labels){0};
}
