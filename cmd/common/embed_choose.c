/*
 * embed_choose.c - what bert-embed makes of its options and its model
 */
#include "common/embed.h"
#include "common/layers.h"
#include "common/report.h"
#include "common/shared.h"

static void load_sentence(embedding *e, const loaded *l, const embed_asked *own)
{
    static const bert_pooling poolings[] = {
        BERT_POOL_CLS,       BERT_POOL_MEAN,          BERT_POOL_MAX,
        BERT_POOL_MEAN_SQRT, BERT_POOL_WEIGHTED_MEAN, BERT_POOL_LAST,
        BERT_POOL_POOLER};
    bool       vectors = e->mode == EMBED_TEXT || e->mode == EMBED_SIMILARITY;
    bert_error err;
    bert_sentence_options options = {
        .pooling = own->pooling == NOT_GIVEN ? NULL : &poolings[own->pooling],
        .pooling_count = own->pooling == NOT_GIVEN ? 0 : 1,
        .normalize = (bert_choice)own->normalize,
        .dims = vectors ? own->dims : 0,
        .concat = own->concat ? e->layer_count : 0,
    };

    bert_status s =
        bert_sentence_load(&e->sentence, l->folder, l->model, &options, &err);
    if (s == BERT_BAD_CALL && options.dims > 0) {
        options.dims = 0; /* is it --dims? */
        s = bert_sentence_load(&e->sentence, l->folder, l->model, &options,
                               &err);
        if (s == BERT_OK) {
            usage_error("--dims %zu: the vectors have %zu", own->dims,
                        bert_sentence_dims(e->sentence));
        }
    }
    if (s != BERT_OK) {
        stop_library(&err);
    }
}

static const char *choose_prompt(const embedding *e, const embed_asked *own)
{
    const char *prompt = own->prompt;

    if (prompt == NULL) {
        prompt = bert_sentence_prompt(e->sentence, own->prompt_name);
    }
    if (prompt == NULL && own->prompt_name != NULL) {
        usage_error("--prompt-name: the model has no prompt '%s'",
                    own->prompt_name);
    }
    return prompt;
}

static void check_dims(const embedding *e, const loaded *l,
                       const embed_asked *own)
{
    const bert_config *c = bert_model_config(l->model);
    size_t             states = own->concat ? e->layer_count : 1;
    size_t             all = (size_t)c->hidden_size * states;

    if ((own->per_token || own->per_word) && own->dims > all) {
        usage_error("--dims %zu: the vectors have %zu", own->dims, all);
    }
}

static void choose_mode(embedding *e, const embed_asked *own)
{
    e->mode = own->per_token                 ? EMBED_TOKEN
              : own->per_word                ? EMBED_WORD
              : own->similarity != NOT_GIVEN ? EMBED_SIMILARITY
                                             : EMBED_TEXT;
    e->format = (embed_format)own->format;
    e->quantize = own->quantize == NOT_GIVEN ? EMBED_FLOAT
                                             : (embed_quantize)own->quantize;
    e->similarity = (similarity)own->similarity;
    e->concat = own->concat;
    e->with_special = own->with_special;
    e->normalize = own->normalize == BERT_YES;
    e->dims = own->dims;
    e->row_limit = own->rows;
}

void embed_choose(embedding *e, const loaded *l, const embed_asked *own)
{
    const bert_config *c = bert_model_config(l->model);

    choose_mode(e, own);
    if (own->layers != NULL) {
        e->layers =
            layers_parse(own->layers, c->num_hidden_layers, &e->layer_count);
    }
    load_sentence(e, l, own);
    check_dims(e, l, own);
    e->prompt = choose_prompt(e, own);
}
