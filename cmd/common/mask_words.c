/*
 * mask_words.c - which words have a meaning of their own
 */
#include "common/mask_words.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/report.h"

/* ---- Letters ---- */

/* The code point at text, which is valid UTF-8, and its bytes. */
static uint32_t read_char(const char *text, size_t left, size_t *bytes)
{
    const unsigned char *t = (const unsigned char *)text;
    size_t   n = t[0] < 0xC0 ? 1 : t[0] < 0xE0 ? 2 : t[0] < 0xF0 ? 3 : 4;
    uint32_t c = n == 1 ? t[0] : t[0] & (0xFFu >> (n + 1));

    *bytes = n > left ? left : n;
    for (size_t i = 1; i < *bytes; i++) {
        c = c << 6 | (t[i] & 0x3F);
    }
    return c;
}

/* Beyond ASCII: all but the blocks of punctuation, symbols and pictures. */
static bool is_letter(uint32_t c)
{
    static const uint32_t others[][2] = {
        {0x80, 0xA9},      {0xAB, 0xB4},     {0xB6, 0xB9},     {0xBB, 0xBF},
        {0xD7, 0xD7},      {0xF7, 0xF7},     {0x0589, 0x058F}, {0x05BE, 0x05BE},
        {0x0600, 0x061F},  {0x066A, 0x066D}, {0x0964, 0x0965}, {0x2000, 0x2BFF},
        {0x2E00, 0x2E7F},  {0x3000, 0x3004}, {0x3008, 0x3020}, {0x3030, 0x3030},
        {0x303D, 0x303F},  {0x30FB, 0x30FB}, {0xE000, 0xF8FF}, {0xFE10, 0xFE6F},
        {0xFF00, 0xFF20},  {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF},
        {0x1F000, 0x1FAFF}};

    if (c < 0x80) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (c >= others[i][0] && c <= others[i][1]) {
            return false;
        }
    }
    return true;
}

bool word_has_letters(const char *text, size_t size)
{
    bool any = false;

    for (size_t i = 0, n; i < size; i += n) {
        uint32_t c = read_char(text + i, size - i, &n);

        if (is_letter(c)) {
            any = true;
        } else if (!((c >= '0' && c <= '9') ||
                     (i > 0 && i + n < size && (c == '-' || c == '\'')))) {
            return false;
        }
    }
    return any;
}

/* Lower case of U+0080 to U+07FF, all of whose forms take two bytes. */
static uint32_t lower(uint32_t c)
{
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
        (c >= 0x391 && c <= 0x3AB && c != 0x3A2) ||
        (c >= 0x410 && c <= 0x42F)) {
        return c + 0x20;
    }
    return c >= 0x400 && c <= 0x40F ? c + 0x50 : c;
}

bool word_fold(const char *text, size_t size, bert_buffer *out)
{
    for (size_t i = 0, n; i < size; i += n) {
        uint32_t c = read_char(text + i, size - i, &n);
        char     folded[2];

        if (n == 1) {
            folded[0] = c >= 'A' && c <= 'Z' ? (char)(c + 0x20) : text[i];
        } else if (n == 2) {
            c = lower(c);
            folded[0] = (char)(0xC0 | c >> 6);
            folded[1] = (char)(0x80 | (c & 0x3F));
        }
        if (!bert_buffer_put(out, n <= 2 ? folded : text + i, n)) {
            return false;
        }
    }
    return true;
}

/* ---- Lists ---- */

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_word(word_list *list, const char *word)
{
    void *words = list->words;

    if (!grow_array(&words, &list->capacity, list->count + 1,
                    sizeof *list->words)) {
        stop_error("out of memory");
    }
    list->words = words;
    list->words[list->count++] = word;
}

/* All of a file, folded, NUL-terminated. */
static char *read_folded(const char *path)
{
    FILE       *file = fopen(path, "rb");
    bert_buffer raw = {0}, out = {0};
    char        piece[4096];
    bool        done = true;

    if (file == NULL) {
        stop_error("%s: %s", path, strerror(errno));
    }
    for (size_t n; done && (n = fread(piece, 1, sizeof piece, file)) > 0;) {
        done = bert_buffer_put(&raw, piece, n);
    }
    if (ferror(file)) {
        stop_error("%s: %s", path, strerror(errno));
    }
    fclose(file);
    if (!done || !word_fold(raw.data, raw.size, &out) ||
        !bert_buffer_put(&out, "", 1)) {
        stop_error("out of memory");
    }
    bert_buffer_free(&raw);
    return out.data;
}

void word_list_load(word_list *list, const char *path)
{
    if (path == NULL) {
        for (size_t i = 0; i < mask_stop_word_count; i++) {
            put_word(list, mask_stop_words[i]);
        }
    } else if (path[0] != '\0') {
        char *rest = NULL;

        list->text = read_folded(path);
        for (char *word = strtok_r(list->text, "\r\n", &rest); word != NULL;
             word = strtok_r(NULL, "\r\n", &rest)) {
            put_word(list, word);
        }
    }
    if (list->count > 0) {
        qsort(list->words, list->count, sizeof *list->words, compare_words);
    }
}

void word_list_free(word_list *list)
{
    free(list->text);
    free(list->words);
    *list = (word_list){0};
}

/* Compare a NUL-terminated word with text. */
static int compare_text(const char *word, const char *text, size_t size)
{
    size_t n = strlen(word);
    int    order = memcmp(word, text, n < size ? n : size);

    return order != 0 ? order : n < size ? -1 : n > size;
}

bool word_is_content(const word_list *list, const char *folded, size_t size)
{
    size_t low = 0, high = list->count;

    if (!word_has_letters(folded, size)) {
        return false;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int    order = compare_text(list->words[middle], folded, size);

        if (order == 0) {
            return false;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return true;
}
