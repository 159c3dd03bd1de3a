/*
 * mask_write.c - what bert-mask found, as JSON
 */
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/mask.h"

static bool no_memory(mask_member *w)
{
    w->error = (bert_error){BERT_NO_MEMORY, "out of memory"};
    return false;
}

bool mask_put(mask_member *w, const char *text)
{
    return bert_buffer_put(&w->json, text, strlen(text)) || no_memory(w);
}

static bool put_value(mask_member *w, bert_value value, int digits)
{
    return bert_value_put(&value, digits, &w->json, &w->error) == BERT_OK;
}

bool mask_put_string(mask_member *w, const char *text, size_t size)
{
    return put_value(
        w, (bert_value){.type = BERT_STRING, .as.text = {text, size}}, 0);
}

static bool put_integer(mask_member *w, size_t number)
{
    return put_value(
        w, (bert_value){.type = BERT_INT, .as.integer = (int64_t)number}, 0);
}

static bool put_name(mask_member *w, const char *name)
{
    return mask_put_string(w, name, strlen(name)) && mask_put(w, ":");
}

bool mask_put_index(mask_member *w, const char *name, size_t number)
{
    return put_name(w, name) && put_integer(w, number);
}

bool mask_put_number(mask_member *w, const char *name, float number, int digits)
{
    return put_name(w, name) &&
           put_value(w, (bert_value){.type = BERT_FLOAT, .as.number = number},
                     digits);
}

/* An id that no token has (a head may know more than the vocabulary) is no
   text. */
bool mask_decode_word(const masking *m, mask_member *w, const int32_t *ids,
                      size_t n)
{
    w->text.size = 0;
    return (n == 1 && ids[0] >= bert_tokenizer_size(m->l->tokenizer)) ||
           bert_tokenizer_decode(m->l->tokenizer, ids, n, false, &w->text,
                                 &w->error) == BERT_OK;
}

bool mask_decode(const masking *m, mask_member *w, const bert_tokens *tokens,
                 size_t place, const int32_t *pieces, size_t n,
                 bool skip_special)
{
    int32_t size = bert_tokenizer_size(m->l->tokenizer);
    void   *ids = w->ids;
    size_t  count = 0;
    bool    done =
        grow_array(&ids, &w->ids_capacity, tokens->length + n, sizeof *w->ids);

    w->ids = ids;
    if (!done) {
        return no_memory(w);
    }
    for (size_t i = 0; i < tokens->length; i++) {
        const int32_t *from = i == place ? pieces : &tokens->ids[i];

        for (size_t k = 0; k < (i == place ? n : 1); k++) {
            if (from[k] != m->pad && from[k] < size) {
                w->ids[count++] = from[k];
            }
        }
    }
    w->text.size = 0;
    return bert_tokenizer_decode(m->l->tokenizer, w->ids, count, skip_special,
                                 &w->text, &w->error) == BERT_OK;
}

bool mask_put_token(const masking *m, mask_member *w, const int32_t *ids,
                    size_t n, float score)
{
    bool done = mask_decode_word(m, w, ids, n) && mask_put(w, "\"token\":") &&
                mask_put_string(w, w->text.data, w->text.size) &&
                mask_put(w, n == 1 ? ",\"id\":" : ",\"ids\":[");

    for (size_t i = 0; done && i < n; i++) {
        done = (i == 0 || mask_put(w, ",")) && put_integer(w, (size_t)ids[i]);
    }
    return done && mask_put(w, n == 1 ? "," : "],") &&
           mask_put_number(w, "score", score, m->digits);
}

bert_value mask_json(const mask_member *w)
{
    return (bert_value){.type = BERT_JSON,
                        .as.text = {w->json.data, w->json.size}};
}

bool mask_put_line(const masking *m, size_t record, bert_value *results,
                   mask_member *w)
{
    slot  *s = &m->t.slots[record];
    size_t last = MASK_RESULTS - 1;

    while (m->way->names[last] == NULL) {
        last--;
    }
    results[last].type = s->cut ? BERT_TRUE : BERT_ABSENT;
    return bert_layout_put(m->layout, s->record, results, &s->out, &s->clashed,
                           &w->error) == BERT_OK;
}
