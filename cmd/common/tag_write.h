/*
 * tag_write.h - entities and labels to the bytes of a record's output
 */
#ifndef COMMON_TAG_WRITE_H
#define COMMON_TAG_WRITE_H

#include "common/tag.h"

/* Names and types of the results, [TAG_RESULTS]; returns how many. */
size_t tag_results(const tagging *t, const char **names, bert_type *types);

/* m->units [count]: a line of jsonl or tsv with entities, with a label a word,
   or of spacy. What fails is told to the slot of m->source. */
void tag_write_entities(const tagging *t, tag_member *m, size_t count);
void tag_write_words(const tagging *t, tag_member *m, size_t count);
void tag_write_spacy(const tagging *t, tag_member *m, size_t count);

/* How many of m->units [count] are of the first text; the others follow. */
size_t tag_second_text(const tag_member *m, size_t count);

/* A line a word, a blank line after each text. */
void tag_write_conll(const tagging *t, tag_member *m, size_t count);

/* The record's marks; and, when all of a batch have theirs, their lines. */
void tag_collect_marks(const tagging *t, tag_member *m, size_t count,
                       tag_marks *marks);
void tag_write_marks(tagging *t, slot *slots, size_t count);

#endif
