/*
 * embed_write.h - vectors to the bytes of a record's output
 */
#ifndef COMMON_EMBED_WRITE_H
#define COMMON_EMBED_WRITE_H

#include "common/embed.h"

/* m->vector, as --format and --quantize say. */
void embed_write_vector(embedding *e, embed_member *m, slot *s);
void embed_write_similarity(embedding *e, slot *s, float value);
/* m->rows, with the tokens or words they belong to. */
void embed_write_rows(embedding *e, embed_member *m, slot *s,
                      const prepared *text);

#endif
