/*
 * lower.c - lower case, a character at a time
 */
#include "base/buffer.h"
#include "base/utf8.h"
#include "tokenizer/chars.h"

enum { CAPITAL_I_DOT = 0x130, SMALL_I = 0x69, DOT_ABOVE = 0x307 };

static bool put_char(uint32_t c, bert_buffer *out)
{
    char bytes[4];

    return buffer_put(out, bytes, utf8_encode(c, bytes));
}

bool bert_text_lower(bert_text text, bert_buffer *out)
{
    size_t      before = out->size;
    const char *p = text.data, *end = p + text.size;

    while (p < end) {
        uint32_t c = utf8_next(&p);
        bool     done;

        if (c == CAPITAL_I_DOT) { /* the only one that becomes two */
            done = put_char(SMALL_I, out) && put_char(DOT_ABOVE, out);
        } else {
            done = put_char((uint32_t)((int32_t)c + char_look(c).lower), out);
        }
        if (!done) {
            out->size = before;
            return false;
        }
    }
    return true;
}
