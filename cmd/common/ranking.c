/*
 * ranking.c - the records of one group in order of score
 */
#include "common/ranking.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

/* What a group's memory may keep for the next. */
enum { KEEP_BYTES = 4 << 20 };

/* One line of the group. */
struct ranking_entry {
    float  score;
    size_t place, begin, size; /* its number in the group; in `lines` */
};

static int better_first(const void *a, const void *b)
{
    const struct ranking_entry *x = a, *y = b;

    if (x->score != y->score) {
        return x->score > y->score ? -1 : 1;
    }
    return x->place < y->place ? -1 : x->place > y->place;
}

bool ranking_end(ranking *r, bert_buffer *out)
{
    size_t count = r->limit > 0 && r->limit < r->count ? r->limit : r->count;
    bool   done = true;

    if (r->count > 0) {
        qsort(r->entries, r->count, sizeof *r->entries, better_first);
    }
    for (size_t i = 0; i < count && done; i++) {
        const struct ranking_entry *e = &r->entries[i];

        done = bert_buffer_put(out, r->lines.data + e->begin, e->size);
    }
    r->count = 0;
    r->lines.size = 0;
    if (r->lines.capacity > KEEP_BYTES) {
        bert_buffer_free(&r->lines);
    }
    return done;
}

/* Keep the line; false: no memory. */
static bool keep(ranking *r, const bert_buffer *line, float score)
{
    void *entries = r->entries;

    if (!grow_array(&entries, &r->capacity, r->count + 1, sizeof *r->entries)) {
        return false;
    }
    r->entries = entries;
    r->entries[r->count] = (struct ranking_entry){
        .score = score,
        .place = r->count,
        .begin = r->lines.size,
        .size = line->size,
    };
    if (!bert_buffer_put(&r->lines, line->data, line->size)) {
        return false;
    }
    r->count++;
    return true;
}

/* The group of key ends: its lines to s->out, in the place of the record's
   own, which begins the next. */
static bool begin_group(ranking *r, slot *s, bert_text key, float score)
{
    bert_buffer ended = {0};
    bool        done = ranking_end(r, &ended) && keep(r, &s->out, score);

    r->key.size = 0;
    done = done && bert_buffer_put(&r->key, key.data, key.size);
    s->out.size = 0;
    done = done && bert_buffer_put(&s->out, ended.data, ended.size);
    bert_buffer_free(&ended);
    return done;
}

void ranking_take(ranking *r, slot *s, float score)
{
    bert_text key;
    bool      done;

    if (!bert_record_raw(s->record, r->member, strlen(r->member), &key)) {
        slot_bad(s, "no \"%s\" (--group)", r->member);
        return;
    }
    if (r->count > 0 && key.size == r->key.size &&
        (key.size == 0 || memcmp(key.data, r->key.data, key.size) == 0)) {
        done = keep(r, &s->out, score);
        s->out.size = 0;
    } else {
        done = begin_group(r, s, key, score);
    }
    if (!done) {
        slot_no_memory(s);
    }
}

void ranking_free(ranking *r)
{
    bert_buffer_free(&r->key);
    bert_buffer_free(&r->lines);
    free(r->entries);
    *r = (ranking){.member = r->member, .limit = r->limit};
}
