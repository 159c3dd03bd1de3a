/*
 * libraries.c - what the tokenizer is linked to, as it runs
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <pcre2.h>
#include <utf8proc.h>

#include <string.h>

#include "base/buffer.h"

bool bert_tokenizer_libraries(bert_buffer *out)
{
    char   pcre2[64] = "";
    size_t before = out->size;

    if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) <= (int)sizeof pcre2) {
        pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    }
    pcre2[strcspn(pcre2, " ")] = '\0'; /* a date follows */
    if (buffer_put_text(out, "PCRE2 ") && buffer_put_text(out, pcre2) &&
        buffer_put_text(out, ", utf8proc ") &&
        buffer_put_text(out, utf8proc_version()) &&
        buffer_put_text(out, " (Unicode ") &&
        buffer_put_text(out, utf8proc_unicode_version()) &&
        buffer_put_text(out, "), jansson ") &&
        buffer_put_text(out, jansson_version_str())) {
        return true;
    }
    out->size = before;
    return false;
}
