/*
 * tok_dump.c - the tokenizer's results in binary, for a comparison with peers
 *
 *     tok_dump [-m FOLDER | -V VOCAB -c|-u] [-g] [-s] < TEXTS > RESULTS
 *
 * A text comes as its size (uint32) and its bytes; a result is its number of
 * tokens (uint32), then of each token id, word, begin and end (int32 each).
 * -t N: cut to N tokens.  -g: --compat google.  -b: time only, no output.
 */
#include <bert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const bert_error *err)
{
    fprintf(stderr, "tok_dump: %s\n", err->message);
    exit(3);
}

static void put(const bert_encoding *enc)
{
    bert_tokens t = bert_encoding_tokens(enc);
    uint32_t    n = (uint32_t)t.length;

    fwrite(&n, 4, 1, stdout);
    for (size_t i = 0; i < t.length; i++) {
        int32_t row[4] = {t.ids[i], t.words[i], (int32_t)t.spans[i].begin,
                          (int32_t)t.spans[i].end};
        fwrite(row, sizeof row, 1, stdout);
    }
}

int main(int argc, char **argv)
{
    bert_tokenizer_options options = {0};
    bert_tokenizer        *tok;
    bert_encoding         *enc = bert_encoding_new();
    bert_error             err;
    bert_fit               fit = {0};
    const char            *folder = NULL;
    char                  *text = NULL;
    int                    c;

    while ((c = getopt(argc, argv, "m:V:cugt:aAC")) != -1) {
        switch (c) {
        case 'm':
            folder = optarg;
            break;
        case 'V':
            options.vocab = optarg;
            break;
        case 'c':
            options.lowercase = BERT_NO;
            break;
        case 'u':
            options.lowercase = BERT_YES;
            break;
        case 'g':
            options.google = true;
            break;
        case 'a':
            options.strip_accents = BERT_YES;
            break;
        case 'A':
            options.strip_accents = BERT_NO;
            break;
        case 'C':
            options.split_cjk = BERT_NO;
            break;
        case 't':
            fit.max_length = strtoul(optarg, NULL, 10);
            break;
        default:
            return 2;
        }
    }
    if (bert_tokenizer_load(&tok, folder, &options, &err) != BERT_OK) {
        fail(&err);
    }
    for (uint32_t size; fread(&size, 4, 1, stdin) == 1;) {
        text = realloc(text, size + 1u);
        if (text == NULL || fread(text, 1, size, stdin) != size) {
            return 3;
        }
        bert_text part = {text, size};
        bert_side side = {&part, 1, false};
        if (bert_tokenizer_encode(tok, &side, NULL, NULL, enc, &err) ||
            bert_encoding_truncate(enc, &fit, &err)) {
            fail(&err);
        }
        put(enc);
    }
    free(text);
    bert_encoding_free(enc);
    bert_tokenizer_free(tok);
    return fflush(stdout) != 0;
}
