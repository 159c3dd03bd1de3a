/*
 * mask.h - the work of bert-mask on a batch
 *
 * Every mode is the same four steps: count the results of each record, add its
 * sequences with the rows wanted of them (mask_rows.h), keep what matters of
 * each row's logits, write the record's line. Records are taken in groups whose
 * results fit a bounded room. A record's bytes depend on nothing but itself.
 */
#ifndef COMMON_MASK_H
#define COMMON_MASK_H

#include <pthread.h>

#include <bert.h>
#include <bert_io.h>

#include "common/load.h"
#include "common/mask_choose.h"
#include "common/mask_rows.h"
#include "common/mask_words.h"
#include "common/places.h"
#include "common/texts.h"

typedef enum mask_mode {
    MASK_CANDIDATES,
    MASK_SCORE,
    MASK_FILL,
    MASK_EXPAND,
    MASK_SPARSE
} mask_mode;

enum { MASK_RESULTS = 3, MASK_LOCKS = 64 };

/* A target of --targets, its pieces [first, first + count) of all. */
typedef struct mask_target {
    size_t first, count;
} mask_target;

/* A content word of a record: tokens [begin, end). */
typedef struct mask_word {
    size_t record, begin, end;
} mask_word;

/* What one member of the team works with. */
typedef struct mask_member {
    bert_buffer json, text, folded[2];
    int32_t    *ids;
    candidate  *best;
    float      *scores;
    size_t      ids_capacity;
    text_places places; /* --expand: of the record's text, its pair */
    int         placed; /* 1, 2; 0: of neither */
    bert_error  error;
} mask_member;

typedef struct masking masking;

/* A mode. Counts are of "results": masks, tokens, words, or a vocabulary. */
typedef struct mask_way {
    const char *names[MASK_RESULTS]; /* of the results, the last `truncated` */
    bert_type   types[MASK_RESULTS];
    bool        needs_masks;
    /* What the mode has to make ready; NULL: nothing. */
    void (*start)(masking *m);
    /* Results of a record. */
    size_t (*count)(masking *m, size_t record);
    /* Room a result takes, in numbers. */
    size_t (*size)(const masking *m);
    /* Add a record's sequences; its results are number `first` on. */
    void (*add)(masking *m, size_t record, size_t first);
    mask_each *each;
    /* After the run; whether there is to be another, the records' sequences
       being added anew. NULL: there is none. */
    bool (*again)(masking *m, size_t begin, size_t end);
    /* Write the record's line, on any member of the team. false: w->error. */
    bool (*write)(masking *m, size_t record, size_t first, mask_member *w);
} mask_way;

struct masking {
    /* What to do; set before mask_start() */
    mask_mode          mode;
    size_t             k; /* candidates, or weights */
    float              least;
    bool               sequence; /* candidates: with the whole text */
    int                digits;
    const char        *targets; /* LIST; NULL: the whole vocabulary */
    const char        *template_text, *stop_words; /* NULL: none, the default */
    const loaded      *l;
    const bert_layout *layout;

    /* Known after mask_start() */
    const mask_way *way;
    texts           t;
    size_t          maskless; /* texts so far that had no mask to fill */
    mask_rows       rows;
    size_t          V;
    int32_t         mask, pad;
    mask_target    *target_list;
    int32_t        *target_ids; /* [piece_count] */
    size_t          target_count, piece_count, longest_target;
    size_t          target_capacity, target_ids_capacity;
    word_list       stops;
    uint8_t        *is_word;          /* [V]: may stand for a content word */
    char           *before;           /* the template's part before the text */
    size_t          template_size[3]; /* its length in each bert_unit */
    pthread_mutex_t locks[MASK_LOCKS];

    /* The group at work: results of record i are first[i] .. first[i + 1] */
    size_t       group; /* its first record */
    size_t      *first; /* [TEXTS_SLOTS + 1] */
    float       *numbers;
    candidate   *best;
    size_t      *counts; /* candidates of a result; --fill: see mask_fill.c */
    mask_word   *words;
    int32_t     *ids; /* --fill: the texts as they stand */
    size_t      *order, *filled;
    size_t       numbers_capacity, best_capacity, counts_capacity;
    size_t       words_capacity, ids_capacity, order_capacity;
    mask_member *members; /* [team size] */

    /* The text at work (mask_view.c) */
    bert_encoding *shadow;
    window_scratch windows;
    int32_t       *places, *types, *line;
    uint8_t       *special;
    size_t         places_capacity, line_capacity, types_capacity;
    size_t         special_capacity;
};

extern const mask_way mask_candidates, mask_score, mask_fill, mask_expand,
    mask_sparse;

/* l is loaded, its head and workspace too. Options that cannot be met end the
   tool. */
void mask_start(masking *m, const loaded *l);

/* For texts_main(); the context is the masking. */
void mask_work(pipeline *p, slot *slots, size_t count);
void mask_free(void *context);

/* At the end of the stream: warn of texts that had no mask to fill. */
void mask_report(const masking *m);

/* ---- For the modes ---- */

bert_tokens mask_tokens(const masking *m, size_t record);

/* Give every member `best` and `scores` of these sizes. */
void mask_ready_members(masking *m, size_t best, size_t scores);

/* Masks of a record, in text and after cutting. */
size_t mask_count(masking *m, size_t record);

/*
 * A window of a text, or all of it: row r is token at[r]. It speaks for the
 * tokens of `takes`, NULL: for every row's. Lent until the next call.
 */
typedef struct mask_view {
    size_t             length, take_count;
    const int32_t     *at;
    const window_take *takes;
} mask_view;

static inline window_take mask_view_take(const mask_view *view, size_t i)
{
    return view->takes != NULL ? view->takes[i] : (window_take){i, i};
}

size_t mask_view_count(const masking *m, size_t record);
/* Views of one record follow one another, k from 0. false: it has failed. */
bool mask_view_get(masking *m, size_t record, size_t k, mask_view *out);

/*
 * Add the view as a sequence: ids are those of the whole text, but rows [begin,
 * end) become n masks. What is then too long loses tokens at its ends, farthest
 * from the masks first. *row (may be NULL) is where the masks are. false: the
 * record has failed.
 */
bool mask_view_add(masking *m, size_t record, const mask_view *view,
                   const int32_t *ids, size_t begin, size_t end, size_t n,
                   size_t *row);

/* ---- Writing (mask_write.c); false: w->error says why ---- */

bool mask_put(mask_member *w, const char *text); /* JSON as it is */
bool mask_put_string(mask_member *w, const char *text, size_t size);
bool mask_put_index(mask_member *w, const char *name, size_t number);
bool mask_put_number(mask_member *w, const char *name, float number,
                     int digits);
/* "token":...,"id":...,"score":... for one id; for several "ids". */
bool mask_put_token(const masking *m, mask_member *w, const int32_t *ids,
                    size_t n, float score);
/*
 * To w->text, the text of tokens, of which the one at `place` has become n
 * pieces (place beyond the last: none has), as HF's fill-mask decodes it:
 * without padding.
 */
bool mask_decode(const masking *m, mask_member *w, const bert_tokens *tokens,
                 size_t place, const int32_t *pieces, size_t n,
                 bool skip_special);
/* ids [n] as one text, to w->text. */
bool mask_decode_word(const masking *m, mask_member *w, const int32_t *ids,
                      size_t n);
/* What w->json holds. */
bert_value mask_json(const mask_member *w);
/* The line of a record, `truncated` being set here. */
bool mask_put_line(const masking *m, size_t record, bert_value *results,
                   mask_member *w);

#endif
