/*
 * mask_words.h - which words have a meaning of their own
 */
#ifndef COMMON_MASK_WORDS_H
#define COMMON_MASK_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include <bert.h>

/* Words that are none, folded and sorted. */
typedef struct word_list {
    char        *text; /* owned: of a file */
    const char **words;
    size_t       count, capacity;
} word_list;

/* The function words of English, German and Chinese that are built in
   (mask_stop_words.c), or the lines of a file. What fails ends the tool. */
void word_list_load(word_list *list, const char *path);
void word_list_free(word_list *list);

/*
 * Append text in lower case: ASCII, Latin-1, Greek and Cyrillic, which are the
 * cases of the multilingual vocabularies. false: no memory.
 */
bool word_fold(const char *text, size_t size, bert_buffer *out);

/* Whether text is letters, with digits, hyphens and apostrophes between, and at
   least one of them a letter. */
bool word_has_letters(const char *text, size_t size);

/* Whether a folded word has letters and is not in the list. */
bool word_is_content(const word_list *list, const char *folded, size_t size);

/* The built-in words, in no order. */
extern const char *const mask_stop_words[];
extern const size_t      mask_stop_word_count;

#endif
