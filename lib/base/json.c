/*
 * json.c - model files (config.json and its kin), over jansson
 */
#include "base/json.h"

#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"

enum { MAX_FILE = 64 << 20, MAX_DEPTH = 64, MAX_VALUES = 4 << 20 };
enum { LONG_DIGITS = 18 }; /* of an integer, at most, that 64 bits hold */

/*
 * jansson limits depth only at 2,048, each level a call, and makes of two bytes
 * a value of a hundred: refuse before it.
 */
static bert_status check_limits(const char *text, size_t size, const char *name,
                                bert_error *err)
{
    size_t depth = 0, values = 0;
    bool   in_string = false;

    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > MAX_DEPTH) {
                return error_set(err, BERT_BAD_FILE,
                                 "%s: nested deeper than %d", name, MAX_DEPTH);
            }
            values++;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        } else if (c == ',' && ++values > MAX_VALUES) {
            return error_set(err, BERT_BAD_FILE, "%s: more than %d values",
                             name, MAX_VALUES);
        }
    }
    return BERT_OK;
}

/*
 * Copy text with an exponent after each integer of more digits than 64 bits are
 * sure to hold: transformers writes a model_max_length of 1e30 as an integer,
 * which jansson takes as a real number only.
 */
static bool put_long_integers(const char *text, size_t size, bert_buffer *out)
{
    bool in_string = false;

    for (size_t i = 0; i < size;) {
        size_t n = 0;

        while (!in_string && i + n < size && text[i + n] >= '0' &&
               text[i + n] <= '9') {
            n++;
        }
        /* A fraction's digits and an exponent's are no integer. */
        bool ends = i + n == size || memchr(".eE", text[i + n], 3) == NULL;
        bool whole = i == 0 || memchr(".eE+", text[i - 1], 4) == NULL;
        if (n > 0) {
            if (!buffer_put(out, text + i, n) ||
                (n > LONG_DIGITS && ends && whole &&
                 !buffer_put_text(out, "e0"))) {
                return false;
            }
            i += n;
            continue;
        }
        if (in_string && text[i] == '\\' && i + 1 < size) {
            n = 2;
        } else {
            in_string ^= text[i] == '"';
            n = 1;
        }
        if (!buffer_put(out, text + i, n)) {
            return false;
        }
        i += n;
    }
    return true;
}

static bert_status load(json_t **out, const char *text, size_t size,
                        json_error_t *why, bert_error *err)
{
    bert_buffer copy = {0};

    *out = json_loadb(text, size, JSON_REJECT_DUPLICATES, why);
    if (*out == NULL && json_error_code(why) == json_error_numeric_overflow) {
        if (!put_long_integers(text, size, &copy)) {
            bert_buffer_free(&copy);
            return error_memory(err);
        }
        *out = json_loadb(copy.data, copy.size, JSON_REJECT_DUPLICATES, why);
        bert_buffer_free(&copy);
    }
    return BERT_OK;
}

bert_status json_text_read(json_t **out, const char *text, size_t size,
                           const char *name, bert_error *err)
{
    json_error_t why;

    bert_status s = check_limits(text, size, name, err);
    if (s != BERT_OK) {
        return s;
    }
    json_t *json = NULL;
    s = load(&json, text, size, &why, err);
    if (s != BERT_OK) {
        return s;
    }
    if (json == NULL) {
        if (json_error_code(&why) == json_error_out_of_memory) {
            return error_memory(err);
        }
        /* jansson's own words name a constant of its interface. */
        bool nul = json_error_code(&why) == json_error_null_character;
        return error_set(err, BERT_BAD_FILE, "%s:%d: %s", name, why.line,
                         nul ? "\\u0000 in a string" : why.text);
    }
    *out = json;
    return BERT_OK;
}

bert_status json_file_read(json_t **out, const char *path, bool required,
                           bert_error *err)
{
    bert_buffer text = {0};

    *out = NULL;
    if (!required && file_absent(path)) {
        return BERT_OK;
    }
    bert_status s = file_read(path, MAX_FILE, &text, err);
    if (s == BERT_OK) {
        s = json_text_read(out, text.data, text.size, path, err);
    }
    bert_buffer_free(&text);
    return s;
}

/*
 * The member, or NULL where it is absent or null; *s is then the error unless
 * the caller can do without (found not NULL).
 */
static const json_t *look_up(const json_t *object, const char *key,
                             const char *name, bool *found, bert_status *s,
                             bert_error *err)
{
    const json_t *value = json_object_get(object, key);

    *s = BERT_OK;
    if (value != NULL && json_is_null(value)) {
        value = NULL;
    }
    if (found != NULL) {
        *found = value != NULL;
    } else if (value == NULL) {
        *s = error_set(err, BERT_BAD_FILE, "%s: %s is missing", name, key);
    }
    return value;
}

bert_status json_get_int(const json_t *object, const char *key,
                         const char *name, int64_t low, int64_t high,
                         int64_t *out, bool *found, bert_error *err)
{
    bert_status   s;
    const json_t *value = look_up(object, key, name, found, &s, err);

    if (value == NULL) {
        return s;
    }
    if (!json_is_integer(value)) {
        return error_set(err, BERT_BAD_FILE, "%s: %s is not an integer", name,
                         key);
    }
    int64_t number = json_integer_value(value);
    if (number < low || number > high) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: %s is %lld, outside %lld to %lld", name, key,
                         (long long)number, (long long)low, (long long)high);
    }
    *out = number;
    return BERT_OK;
}

bert_status json_get_number(const json_t *object, const char *key,
                            const char *name, double *out, bool *found,
                            bert_error *err)
{
    bert_status   s;
    const json_t *value = look_up(object, key, name, found, &s, err);

    if (value == NULL) {
        return s;
    }
    if (!json_is_number(value)) {
        return error_set(err, BERT_BAD_FILE, "%s: %s is not a number", name,
                         key);
    }
    *out = json_number_value(value);
    return BERT_OK;
}

bert_status json_get_bool(const json_t *object, const char *key,
                          const char *name, bool *out, bool *found,
                          bert_error *err)
{
    bert_status   s;
    const json_t *value = look_up(object, key, name, found, &s, err);

    if (value == NULL) {
        return s;
    }
    if (!json_is_boolean(value)) {
        return error_set(err, BERT_BAD_FILE, "%s: %s is not true or false",
                         name, key);
    }
    *out = json_is_true(value);
    return BERT_OK;
}

bert_status json_get_string(const json_t *object, const char *key,
                            const char *name, const char **out, bool *found,
                            bert_error *err)
{
    bert_status   s;
    const json_t *value = look_up(object, key, name, found, &s, err);

    if (value == NULL) {
        return s;
    }
    if (!json_is_string(value)) {
        return error_set(err, BERT_BAD_FILE, "%s: %s is not a string", name,
                         key);
    }
    *out = json_string_value(value);
    return BERT_OK;
}
