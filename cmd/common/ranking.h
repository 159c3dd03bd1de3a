/*
 * ranking.h - the records of one group in order of score
 *
 * A group is a run of records whose member has the same bytes. Its lines are
 * kept until it ends; then the best come first, of equal scores the earlier.
 */
#ifndef COMMON_RANKING_H
#define COMMON_RANKING_H

#include <bert.h>

#include "common/pipeline.h"

struct ranking_entry;

typedef struct ranking {
    const char *member; /* that names the group */
    size_t      limit;  /* lines of a group that are written; 0: all */

    bert_buffer           key, lines; /* of the group at hand */
    struct ranking_entry *entries;
    size_t                count, capacity;
} ranking;

/*
 * The next good record, its line in s->out: the line is kept, and s->out gets
 * those of the group that has ended with it, which may be none. The record is
 * bad where it lacks the member.
 */
void ranking_take(ranking *r, slot *s, float score);

/* Append the lines of the group at hand, best first, and forget it. false: no
   memory. */
bool ranking_end(ranking *r, bert_buffer *out);

void ranking_free(ranking *r);

#endif
