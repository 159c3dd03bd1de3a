/*
 * special.c - added tokens: the list, and finding them in text
 */
#include "tokenizer/special.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "tokenizer/chars.h"

added_token *added_find(const added_tokens *all, const char *content,
                        size_t size)
{
    int32_t i = all->index != NULL ? map_get(all->index, content, size) : -1;

    return i >= 0 ? &all->list[i] : NULL;
}

bool added_put(added_tokens *all, const char *content, size_t size,
               const added_token *flags)
{
    added_token  token = *flags;
    added_token *before = added_find(all, content, size);
    void        *list = all->list;

    token.size = size;
    if (before != NULL) {
        token.content = before->content;
        *before = token;
        return true;
    }
    if (all->index == NULL && (all->index = map_new(16)) == NULL) {
        return false;
    }
    if (!memory_reserve(&list, &all->capacity, all->count + 1,
                        sizeof(added_token))) {
        return false;
    }
    all->list = list;
    token.content = memory_copy_text(content, size);
    if (token.content == NULL) {
        return false;
    }
    all->list[all->count++] = token;
    return map_put(all->index, token.content, size, (int32_t)all->count - 1);
}

void added_free(added_tokens *all)
{
    for (size_t i = 0; i < all->count; i++) {
        memory_free(all->list[i].content);
    }
    memory_free(all->list);
    map_free(all->index);
    *all = (added_tokens){0};
}

/* Enter a length into the list, longest first, once. */
static bool put_length(added_set *set, size_t size)
{
    size_t at = 0;

    while (at < set->length_count && set->lengths[at] > size) {
        at++;
    }
    if (at < set->length_count && set->lengths[at] == size) {
        return true;
    }
    size_t *lengths =
        memory_resize(set->lengths, set->length_count + 1, sizeof *lengths);
    if (lengths == NULL) {
        return false;
    }
    memmove(lengths + at + 1, lengths + at,
            (set->length_count - at) * sizeof *lengths);
    lengths[at] = size;
    set->lengths = lengths;
    set->length_count++;
    return true;
}

bool added_set_put(added_set *set, const char *pattern, size_t size,
                   size_t token)
{
    if (size == 0) {
        return true;
    }
    if (set->index == NULL && (set->index = map_new(16)) == NULL) {
        return false;
    }
    void *patterns = set->patterns;
    if (!memory_reserve(&patterns, &set->capacity, set->count + 1,
                        sizeof *set->patterns)) {
        return false;
    }
    set->patterns = patterns;
    char *copy = memory_copy_text(pattern, size);
    if (copy == NULL) {
        return false;
    }
    set->patterns[set->count++] = copy;
    unsigned char first = (unsigned char)copy[0];
    if (set->count == 1) {
        set->only = first;
    } else if (set->only != first) {
        set->only = -1;
    }
    set->begins[first] = true;
    return put_length(set, size) &&
           map_put(set->index, copy, size, (int32_t)token);
}

void added_set_free(added_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        memory_free(set->patterns[i]);
    }
    memory_free(set->patterns);
    memory_free(set->lengths);
    map_free(set->index);
    *set = (added_set){0};
}

/* The next place where a pattern may begin. */
static size_t next_begin(const added_set *set, const char *text, size_t at,
                         size_t size)
{
    if (set->only >= 0) {
        const char *found = memchr(text + at, set->only, size - at);
        return found != NULL ? (size_t)(found - text) : size;
    }
    while (at < size && !set->begins[(unsigned char)text[at]]) {
        at++;
    }
    return at;
}

/* The leftmost, there the longest, match from *begin on. */
static const added_token *leftmost(const added_set *set, const char *text,
                                   size_t size, size_t *begin, size_t *end)
{
    size_t i = *begin;

    for (;;) {
        i = next_begin(set, text, i, size);
        if (i == size) {
            return NULL;
        }
        for (size_t k = 0; k < set->length_count; k++) {
            size_t n = set->lengths[k];
            if (n <= size - i) {
                int32_t token = map_get(set->index, text + i, n);
                if (token >= 0) {
                    *begin = i;
                    *end = i + n;
                    return &set->all->list[token];
                }
            }
        }
        i++;
    }
}

/* The character that ends before `at`, which is not 0; *begin: where. */
static uint32_t char_before(const char *text, size_t at, size_t *begin)
{
    size_t i = at - 1;

    while (i > 0 && ((unsigned char)text[i] & 0xC0) == 0x80) {
        i--;
    }
    *begin = i;
    const char *p = text + i;
    return utf8_next(&p);
}

/* Whether no word character (regex's \w) stands next to [begin,end). */
static bool stands_alone(const char *text, size_t size, size_t begin,
                         size_t end)
{
    size_t      unused;
    const char *next = text + end;

    if (begin > 0 &&
        (char_look(char_before(text, begin, &unused)).flags & CHAR_WORD)) {
        return false;
    }
    return end == size || !(char_look(utf8_next(&next)).flags & CHAR_WORD);
}

static size_t without_space_before(const char *text, size_t at)
{
    while (at > 0) {
        size_t begin;
        if (!(char_look(char_before(text, at, &begin)).flags & CHAR_SPACE)) {
            break;
        }
        at = begin;
    }
    return at;
}

static size_t with_space_after(const char *text, size_t at, size_t size)
{
    while (at < size) {
        const char *p = text + at;
        if (!(char_look(utf8_next(&p)).flags & CHAR_SPACE)) {
            break;
        }
        at = (size_t)(p - text);
    }
    return at;
}

bool added_next(const added_set *set, const char *text, size_t size,
                bool literal, added_search *search, added_match *out)
{
    if (set->count == 0 || size == 0) {
        return false;
    }
    for (;;) {
        size_t             begin = search->from, end;
        const added_token *token = leftmost(set, text, size, &begin, &end);
        if (token == NULL) {
            return false;
        }
        search->from = end;
        if ((literal && token->special) ||
            (token->single_word && !stands_alone(text, size, begin, end))) {
            continue;
        }
        if (token->lstrip) {
            begin = without_space_before(text, begin);
            begin = begin > search->done ? begin : search->done;
        }
        if (token->rstrip) {
            end = with_space_after(text, end, size);
        }
        search->done = end;
        *out = (added_match){.token = token, .begin = begin, .end = end};
        return true;
    }
}
