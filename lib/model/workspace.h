/*
 * workspace.h - everything a run writes, sized before it begins
 */
#ifndef MODEL_WORKSPACE_H
#define MODEL_WORKSPACE_H

#include "model/batch.h"
#include "model/model.h"

/*
 * Rows of a pack that run through one product at a time, so that what lies
 * between two products stays near a core. On an EPYC with 1 MiB of L2 MiniLM
 * runs at 88 GFLOP/s with 64 or 128, at 93 with 256.
 */
enum { BLOCK_ROWS = 256 };

/* Whole sequences that run through the layers together. */
typedef struct pack {
    size_t first, count;  /* sequences */
    size_t begin, tokens; /* its rows in the batch */
} pack;

/* What a pack needs; [P,H] each, P the largest pack in rows of products. */
typedef struct pack_scratch {
    float *x; /* hidden states */
    float *q, *k, *v;
    float *context; /* of all heads, joined */
} pack_scratch;

/* What a member of the team needs. */
typedef struct member_scratch {
    pack_scratch pack;
    float       *middle;    /* [BLOCK_ROWS,F] */
    float       *product;   /* [BLOCK_ROWS,H] */
    float       *attention; /* as the kernel asks */
    void        *arena;     /* all of these lie in it */
    size_t       arena_size;
    bert_status  status; /* the first error of the run */
    bert_error   error;
} member_scratch;

struct bert_workspace {
    bert_model     *model;
    bert_team      *team;
    size_t          members;
    member_scratch *scratch; /* [members] */
    pack           *packs;
    size_t          pack_count, pack_capacity;
    float          *hidden; /* [layers,N,H] */
    size_t          hidden_size;
    size_t         *starts; /* [B+1] */
    size_t          starts_capacity;
};

/*
 * Make room for packs of `rows` tokens with sequences of `longest` in the
 * scratch of `packs` members, for blocks in that of all. Errors:
 * BERT_NO_MEMORY.
 */
bert_status workspace_fit(bert_workspace *ws, size_t rows, size_t longest,
                          size_t packs, bert_error *err);

/* Note the first error of a member's run; BERT_OK is none. */
void member_fail(member_scratch *m, bert_status s, const bert_error *error);

/* Room for hidden states [layers,N,H] and starts [B+1]. */
bert_status workspace_fit_hidden(bert_workspace *ws, size_t layers,
                                 const bert_batch *batch, bert_error *err);

#endif
