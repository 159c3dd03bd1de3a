/*
 * token_lines.h - how wp-tokenize writes the tokens of a text
 */
#ifndef COMMON_TOKEN_LINES_H
#define COMMON_TOKEN_LINES_H

#include <bert.h>
#include <bert_io.h>

#include "common/pipeline.h"

/* The members of a token record that can be asked for (--fields). */
typedef enum token_field {
    FIELD_TOKENS,
    FIELD_IDS,
    FIELD_TYPE_IDS,
    FIELD_OFFSETS,
    FIELD_WORDS,
    FIELD_SPECIAL,
    FIELD_VOCAB,
    FIELD_COUNT
} token_field;

/* What may stand after them. */
typedef enum token_extra {
    EXTRA_OFFSET_UNIT,
    EXTRA_WINDOW,
    EXTRA_TRUNCATED,
    TOKEN_EXTRAS
} token_extra;

enum { TOKEN_RESULTS = FIELD_COUNT + TOKEN_EXTRAS };

/* The results of a run, in their order. */
typedef struct token_fields {
    token_field field[FIELD_COUNT];
    size_t      count;
    bool        chosen; /* by --fields: type_ids for every record */
    bert_unit   unit;
    const char *names[TOKEN_RESULTS];
    bert_type   types[TOKEN_RESULTS];
    size_t      results; /* count, and extras that may come */
    bool        extra[TOKEN_EXTRAS];
} token_fields;

/* list as in --fields, NULL: the default, with type_ids where pairs may come.
   windows, cut: whether those may come. A name that is none, or twice, is a
   usage error. */
void token_fields_choose(token_fields *f, const char *list, bool pairs,
                         bert_unit unit, bool windows, bool cut);

bool token_fields_has(const token_fields *f, token_field field);

/* What one line says. */
typedef struct token_line {
    const bert_tokenizer *tokenizer;
    bert_tokens           tokens;
    bool                  pair, truncated;
    int32_t               window[2]; /* k from 1, of; of 0: no windows */
} token_line;

/* Scratch memory of one member of the team; zero it to begin. */
typedef struct token_scratch {
    bert_text *texts;
    int32_t   *ints;
    size_t     texts_capacity, ints_capacity;
} token_scratch;

void token_scratch_free(token_scratch *scratch);

/* Append one line (conll: one block) to s->out. false: s has failed. */
bool token_line_record(const token_line *line, const token_fields *f,
                       const bert_layout *layout, token_scratch *scratch,
                       slot *s);
bool token_line_ids(const token_line *line, slot *s);
bool token_line_tokens(const token_line *line, slot *s);
bool token_line_conll(const token_line *line, slot *s);

/* Append a number and an end. false: s has failed. */
bool put_number(slot *s, size_t number, char end);

#endif
