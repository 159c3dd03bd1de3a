/*
 * load.c - everything a bert-* tool loads before its stream runs
 */
#include "common/load.h"

#include <stdlib.h>

#include "common/models.h"
#include "common/progress.h"
#include "common/report.h"
#include "common/shared.h"

/* The two that take time, loaded side by side. */
enum { LOAD_MODEL, LOAD_TOKENIZER, LOADS };

typedef struct loading {
    loaded     *l;
    bert_status status[LOADS];
    bert_error  err[LOADS];
} loading;

/* bert_work: one of LOADS. */
static void load_one(void *context, size_t i, size_t member)
{
    loading               *work = context;
    loaded                *l = work->l;
    bert_model_options     options = {.kernels = getenv("BERT_KERNELS"),
                                      .weights = l->weights};
    bert_tokenizer_options how = {.lowercase = (bert_choice)shared.lowercase};

    (void)member;
    if (i == LOAD_TOKENIZER) {
        work->status[i] =
            bert_tokenizer_load(&l->tokenizer, l->folder, &how, &work->err[i]);
        return;
    }
    if (options.kernels != NULL && options.kernels[0] == '\0') {
        options.kernels = NULL;
    }
    work->status[i] =
        bert_model_load(&l->model, l->folder, &options, &work->err[i]);
    if (work->status[i] == BERT_OK) {
        work->status[i] = bert_model_start(l->model, &work->err[i]);
    }
}

static void say_loaded(const loaded *l, double seconds)
{
    const bert_config *c = bert_model_config(l->model);

    report_verbose("weights: %s", bert_model_weights(l->model));
    report_verbose("model %s: %d layers, hidden size %d, %d heads, %d tokens, "
                   "vocab %s",
                   l->folder, c->num_hidden_layers, c->hidden_size,
                   c->num_attention_heads, c->vocab_size,
                   bert_tokenizer_fingerprint(l->tokenizer));
    report_verbose("kernels: %s", bert_model_kernels(l->model));
    report_verbose("threads: %zu; tokens a sequence: %zu at most",
                   bert_team_size(l->team), l->fitting.fit.max_length);
    report_verbose("time: loading %.4f s", seconds);
}

void load_model(loaded *l, const char *name, long_mode mode)
{
    loading work = {.l = l};
    double  start = clock_seconds();

    l->folder = model_find(shared.model, name, &l->weights);
    l->name = shared.model != NULL ? shared.model : l->folder;
    l->team = shared_team();
    bert_team_run(l->team, LOADS, load_one, &work);
    for (size_t i = 0; i < LOADS; i++) {
        if (i == LOAD_MODEL && work.status[i] == BERT_BAD_CALL) {
            usage_error("BERT_KERNELS: %s", work.err[i].message);
        }
        if (work.status[i] != BERT_OK) {
            stop_library(&work.err[i]);
        }
    }
    fit_choose(&l->fitting, l->folder, (int)mode);
    if (report_is_verbose()) {
        say_loaded(l, clock_seconds() - start);
    }
}

void load_head(loaded *l, bert_head_kind kind)
{
    bert_error err;

    if (bert_head_load(&l->head, l->model, kind, &err) != BERT_OK) {
        stop_library(&err);
    }
    size_t count = bert_head_outputs(l->head);
    size_t unnamed = bert_head_unnamed(l->head);
    if (unnamed > 0) {
        report_warning("%s: config.json names %zu of the head's %zu labels; "
                       "the others are LABEL_n",
                       l->folder, count - unnamed, count);
    }
}

void load_workspace(loaded *l)
{
    bert_error err;
    double     start = clock_seconds();

    if (bert_workspace_new(&l->workspace, l->model, l->team, &err) != BERT_OK) {
        stop_library(&err);
    }
    report_verbose("time: readying weights %.4f s", clock_seconds() - start);
}

preparer load_preparer(const loaded *l)
{
    const bert_config *c = bert_model_config(l->model);

    return (preparer){
        .tokenizer = l->tokenizer,
        .model_name = l->name,
        .vocab_size = c->vocab_size,
        .type_count = c->type_vocab_size,
        .fitting = &l->fitting,
        .counted = -1,
    };
}

void load_free(loaded *l)
{
    bert_head_free(l->head);
    bert_workspace_free(l->workspace);
    bert_model_free(l->model);
    bert_tokenizer_free(l->tokenizer);
    bert_team_free(l->team);
    free(l->weights);
    free(l->folder);
}
