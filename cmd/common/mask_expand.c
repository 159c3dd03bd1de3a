/*
 * mask_expand.c - what may stand in the place of each word
 *
 * All pieces of a word give way to one mask; the candidates are words too:
 * tokens that are content words by themselves, the word itself left out. Their
 * scores are probabilities over the whole vocabulary.
 */
#include <math.h>
#include <string.h>

#include "common/alloc.h"
#include "common/mask.h"

static void start(masking *m)
{
    bert_buffer folded = {0};

    word_list_load(&m->stops, m->stop_words);
    m->is_word = alloc_zeroed(m->V, 1);
    for (size_t i = 0; i < m->V; i++) {
        size_t      size = 0;
        const char *token =
            bert_tokenizer_token(m->l->tokenizer, (int32_t)i, &size);

        folded.size = 0;
        if (token != NULL && word_fold(token, size, &folded)) {
            m->is_word[i] =
                word_is_content(&m->stops, folded.data, folded.size);
        }
    }
    bert_buffer_free(&folded);
}

/* ---- Words ---- */

/* The next word from token *from on, [begin, end); false: there is none. */
static bool next_word(const bert_tokens *tokens, size_t *from, mask_word *word)
{
    size_t i = *from;

    while (i < tokens->length && (tokens->special[i] || tokens->words[i] < 0)) {
        i++;
    }
    word->begin = i;
    while (i < tokens->length && !tokens->special[i] &&
           tokens->words[i] == tokens->words[word->begin] &&
           (i < tokens->second) == (word->begin < tokens->second)) {
        i++;
    }
    word->end = *from = i;
    return word->begin < word->end;
}

/* The word as its pieces have it, folded. */
static bool fold_pieces(const masking *m, const bert_tokens *tokens,
                        const mask_word *word, bert_buffer *text,
                        bert_buffer *folded)
{
    text->size = folded->size = 0;
    return bert_tokenizer_decode(m->l->tokenizer, tokens->ids + word->begin,
                                 word->end - word->begin, false, text,
                                 NULL) == BERT_OK &&
           word_fold(text->data, text->size, folded);
}

/* The text's place between the parts of the template. */
static bert_span text_place(const masking *m, size_t record)
{
    const bert_record *r = m->t.slots[record].record;

    if (m->template_text == NULL) {
        return (bert_span){0, SIZE_MAX};
    }
    bert_unit unit = record_unit(r);
    bert_text text = bert_record_value(r, BERT_M_TEXT).as.text;
    size_t    begin = m->template_size[unit];

    return (bert_span){begin, begin + text_length(text, unit)};
}

/* Whether it lies in the text and not in the template around it. */
static bool is_in_text(const masking *m, bert_span place,
                       const bert_tokens *tokens, const mask_word *word)
{
    return m->template_text == NULL || word->begin >= tokens->second ||
           (tokens->spans[word->begin].begin >= place.begin &&
            tokens->spans[word->end - 1].end <= place.end);
}

static bool is_wanted(masking *m, bert_span place, const bert_tokens *tokens,
                      const mask_word *word)
{
    mask_member *w = &m->members[0];
    int32_t      id = tokens->ids[word->begin];

    return id != m->mask && is_in_text(m, place, tokens, word) &&
           fold_pieces(m, tokens, word, &w->text, &w->folded[0]) &&
           (id == bert_tokenizer_unknown(m->l->tokenizer) ||
            word_is_content(&m->stops, w->folded[0].data, w->folded[0].size));
}

static size_t count(masking *m, size_t record)
{
    bert_tokens tokens = mask_tokens(m, record);
    mask_word   word;
    bert_span   place = text_place(m, record);
    size_t      words = 0, from = 0;

    if (tokens.words == NULL) {
        slot_bad(&m->t.slots[record],
                 "no \"words\": which tokens are a word is not known");
        return 0;
    }
    while (next_word(&tokens, &from, &word)) {
        words += is_wanted(m, place, &tokens, &word);
    }
    return words;
}

static size_t size_of_result(const masking *m)
{
    return 2 * m->k + 8;
}

static bool ready(masking *m, size_t results)
{
    void *best = m->best, *counts = m->counts, *words = m->words;
    bool  done =
        (m->k == 0 || results <= SIZE_MAX / m->k) &&
        grow_array(&best, &m->best_capacity, results * m->k, sizeof *m->best) &&
        grow_array(&counts, &m->counts_capacity, results, sizeof *m->counts) &&
        grow_array(&words, &m->words_capacity, results, sizeof *m->words);

    m->best = best;
    m->counts = counts;
    m->words = words;
    return done;
}

/* ---- Sequences ---- */

/* The first of the words [begin, end) that does not begin before the token. */
static size_t find_word(const masking *m, size_t begin, size_t end,
                        size_t token)
{
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;

        if (m->words[middle].begin < token) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin;
}

/* The view's words whose first piece it speaks for. */
static bool add_view(masking *m, size_t record, size_t first,
                     const mask_view *view)
{
    bert_tokens tokens = mask_tokens(m, record);
    size_t      end = m->first[record + 1];

    for (size_t i = 0; i < view->take_count; i++) {
        window_take take = mask_view_take(view, i);
        size_t      key = find_word(m, first, end, take.token);
        size_t      rows = take.row, row;

        if (key == end || m->words[key].begin != take.token) {
            continue;
        }
        while (rows < view->length &&
               (size_t)view->at[rows] >= m->words[key].begin &&
               (size_t)view->at[rows] < m->words[key].end) {
            rows++;
        }
        if (!mask_view_add(m, record, view, tokens.ids, take.row, rows, 1,
                           &row) ||
            !mask_rows_want(&m->rows, &m->t.slots[record], row, key, 0, 1)) {
            return false;
        }
    }
    return true;
}

static void add(masking *m, size_t record, size_t first)
{
    bert_tokens tokens = mask_tokens(m, record);
    bert_span   place = text_place(m, record);
    mask_word   word = {.record = record};
    mask_view   view;
    size_t      from = 0, key = first;

    if (!ready(m, m->first[record + 1])) {
        slot_no_memory(&m->t.slots[record]);
        return;
    }
    while (next_word(&tokens, &from, &word)) {
        if (is_wanted(m, place, &tokens, &word)) {
            m->words[key++] = word;
        }
    }
    for (size_t k = 0; k < mask_view_count(m, record); k++) {
        if (!mask_view_get(m, record, k, &view) ||
            !add_view(m, record, first, &view)) {
            return;
        }
    }
}

/* ---- Rows ---- */

/* The word that candidates may not be, as pieces have it. */
typedef struct same_word {
    const masking *m;
    mask_member   *w;
} same_word;

/* Whether a token is the word that was there, its case aside. */
static bool is_same(void *context, int32_t id)
{
    const same_word *same = context;
    bert_buffer     *word = &same->w->folded[0], *other = &same->w->folded[1];
    size_t           size = 0;
    const char *token = bert_tokenizer_token(same->m->l->tokenizer, id, &size);

    other->size = 0;
    return token == NULL || !word_fold(token, size, other) ||
           (word->size == other->size &&
            memcmp(word->data, other->data, other->size) == 0);
}

static bool each(void *context, const mask_want *want, size_t member,
                 float *logits)
{
    masking         *m = context;
    const mask_word *word = &m->words[want->key];
    bert_tokens      tokens = mask_tokens(m, word->record);
    same_word        same = {m, &m->members[member]};
    choose_filter    filter = {m->is_word, is_same, &same};

    bert_head_softmax(m->l->head, logits, m->V, logits);
    m->counts[want->key] = 0;
    if (fold_pieces(m, &tokens, word, &same.w->text, &same.w->folded[0])) {
        m->counts[want->key] = choose_top(logits, m->V, m->k, m->least, &filter,
                                          m->best + want->key * m->k);
    }
    return isfinite(logits[0]);
}

/* ---- Writing ---- */

static bool put_place(const masking *m, size_t record, mask_member *w,
                      const bert_tokens *tokens, const mask_word *word)
{
    const bert_record *r = m->t.slots[record].record;
    bool               second = word->begin >= tokens->second;
    bool               pair = tokens->second < tokens->length;
    size_t             before = second ? 0 : m->template_size[record_unit(r)];

    if (!mask_put_index(w, "index", word->begin)) {
        return false;
    }
    if (tokens->spans != NULL &&
        !(mask_put(w, ",") &&
          mask_put_index(w, "start",
                         tokens->spans[word->begin].begin - before) &&
          mask_put(w, ",") &&
          mask_put_index(w, "end",
                         tokens->spans[word->end - 1].end - before))) {
        return false;
    }
    return !pair ||
           mask_put(w, second ? ",\"in\":\"pair\"" : ",\"in\":\"text\"");
}

/* The word as the text has it, or where there is no text as its pieces do. */
static bool put_surface(const masking *m, size_t record, mask_member *w,
                        const bert_tokens *tokens, const mask_word *word)
{
    const bert_record *r = m->t.slots[record].record;
    bert_unit          unit = record_unit(r);
    bool               second = word->begin >= tokens->second;
    size_t             before = second ? 0 : m->template_size[unit];
    bert_value text = bert_record_value(r, second ? BERT_M_PAIR : BERT_M_TEXT);
    size_t     begin, end, character;

    if (text.type == BERT_STRING && tokens->spans != NULL) {
        if (w->placed != 1 + second &&
            !text_places_set(&w->places, text.as.text, unit)) {
            w->error = (bert_error){BERT_NO_MEMORY, "out of memory"};
            return false;
        }
        w->placed = 1 + second;
        if (text_places_find(&w->places,
                             tokens->spans[word->begin].begin - before, &begin,
                             &character) &&
            text_places_find(&w->places,
                             tokens->spans[word->end - 1].end - before, &end,
                             &character) &&
            begin < end) {
            return mask_put_string(w, text.as.text.data + begin, end - begin);
        }
    }
    return mask_decode_word(m, w, tokens->ids + word->begin,
                            word->end - word->begin) &&
           mask_put_string(w, w->text.data, w->text.size);
}

static bool put_word(const masking *m, size_t record, mask_member *w,
                     const bert_tokens *tokens, size_t key)
{
    const mask_word *word = &m->words[key];
    bool             done = mask_put(w, "{\"word\":") &&
                put_surface(m, record, w, tokens, word) && mask_put(w, ",") &&
                put_place(m, record, w, tokens, word) &&
                mask_put(w, ",\"candidates\":[");

    for (size_t i = 0; done && i < m->counts[key]; i++) {
        candidate c = m->best[key * m->k + i];

        done = mask_put(w, i == 0 ? "{" : ",{") &&
               mask_put_token(m, w, &c.id, 1, c.score) && mask_put(w, "}");
    }
    return done && mask_put(w, "]}");
}

static bool write(masking *m, size_t record, size_t first, mask_member *w)
{
    bert_value  results[MASK_RESULTS] = {{0}};
    bert_tokens tokens = mask_tokens(m, record);
    bool        done = mask_put(w, "[");

    w->placed = 0;
    for (size_t key = first; done && key < m->first[record + 1]; key++) {
        done = (key == first || mask_put(w, ",")) &&
               put_word(m, record, w, &tokens, key);
    }
    if (!done || !mask_put(w, "]")) {
        return false;
    }
    results[0] = mask_json(w);
    return mask_put_line(m, record, results, w);
}

const mask_way mask_expand = {
    .names = {"expand", "truncated"},
    .types = {BERT_JSON, BERT_TRUE},
    .start = start,
    .count = count,
    .size = size_of_result,
    .add = add,
    .each = each,
    .write = write,
};
