/*
 * error.c - errors as values: a status and a one-line message
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

const char *bert_status_name(bert_status status)
{
    switch (status) {
    case BERT_OK:
        return "BERT_OK";
    case BERT_NO_MEMORY:
        return "BERT_NO_MEMORY";
    case BERT_IO:
        return "BERT_IO";
    case BERT_BAD_FILE:
        return "BERT_BAD_FILE";
    case BERT_UNSUPPORTED:
        return "BERT_UNSUPPORTED";
    case BERT_BAD_INPUT:
        return "BERT_BAD_INPUT";
    case BERT_BAD_CALL:
        return "BERT_BAD_CALL";
    }
    return "BERT_UNKNOWN";
}

const char *bert_version(void)
{
    return BERT_VERSION;
}

/* One printable line of UTF-8: what a message quotes may be hostile. */
static void tidy(char *message)
{
    size_t size = strlen(message);

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)message[i];
        if (c < 0x20 || c == 0x7F) {
            message[i] = '?';
        }
    }
    for (;;) {
        size_t good = utf8_valid_prefix(message, size);
        if (good == size) {
            return;
        }
        if (size - good < 4 && size >= sizeof(((bert_error *)0)->message) - 4) {
            message[good] = '\0'; /* cut inside the last character */
            return;
        }
        message[good] = '?';
    }
}

bert_status error_set(bert_error *err, bert_status status, const char *format,
                      ...)
{
    if (err != NULL) {
        va_list args;

        va_start(args, format);
        if (vsnprintf(err->message, sizeof err->message, format, args) < 0) {
            err->message[0] = '\0';
        }
        va_end(args);
        tidy(err->message);
        err->status = status;
    }
    return status;
}

bert_status error_memory(bert_error *err)
{
    return error_set(err, BERT_NO_MEMORY, "out of memory");
}

bert_status error_system(bert_error *err, const char *path, int error_number)
{
    char reason[128];

    /* The XSI form fills the buffer, the GNU form may return its own text. */
#if defined(__GLIBC__) && defined(_GNU_SOURCE)
    const char *why = strerror_r(error_number, reason, sizeof reason);
#else
    const char *why = reason;
    if (strerror_r(error_number, reason, sizeof reason) != 0) {
        why = "unknown error";
    }
#endif
    return error_set(err, BERT_IO, "%s: %s", path, why);
}
