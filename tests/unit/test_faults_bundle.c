/*
 * test_faults_bundle.c - every allocation of TensorFlow's readers fails
 *
 * Built with BERT_FAULTS and a leak checker (make check-faults).
 */
#include "test.h"

#include <bert.h>
#include <stdint.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/tf_bundle.h"

typedef bert_status job(bert_error *err);

static char folder[] = "/tmp/test_faults_bundle.XXXXXX";

/* Failed allocations it took until the job ran through; -1: it did not. */
static long tries(job *run)
{
    for (long n = 0; n < 20000; n++) {
        bert_error err = {BERT_OK, ""};
        memory_fault_after((size_t)n);
        bert_status s = run(&err);
        memory_fault_after(SIZE_MAX);
        if (s == BERT_OK) {
            return n;
        }
        if (s != BERT_NO_MEMORY) {
            printf("# allocation %ld: %s, %s\n", n, bert_status_name(s),
                   err.message);
            return -1;
        }
    }
    return -1;
}

static bert_status bundle_job(bert_error *err)
{
    tf_bundle  *b = NULL;
    bert_status s =
        tf_bundle_open(&b, "tests/golden/tf_bundle/small.index", err);

    for (size_t i = 0; s == BERT_OK && i < tf_bundle_count(b); i++) {
        tensor      t;
        const char *file;
        s = tf_bundle_tensor(b, i, &t, &file, err);
        if (s == BERT_UNSUPPORTED) { /* the text, the variable in parts */
            s = BERT_OK;
        }
    }
    tf_bundle_close(b);
    return s;
}

static void test_bundle_survives_every_failed_allocation(void)
{
    CHECK(tries(bundle_job) > 20);
}

static bert_status checkpoint_job(bert_error *err)
{
    bert_model_options options = {.kernels = "ref,refgemm"};
    bert_model        *model = NULL;
    bert_workspace    *ws = NULL;
    bert_status        s = bert_model_load(&model, folder, &options, err);

    if (s == BERT_OK) {
        s = bert_workspace_new(&ws, model, NULL, err);
    }
    bert_workspace_free(ws);
    bert_model_free(model);
    return s;
}

/* A folder as training leaves it: the checkpoint has to be looked for. */
static void test_checkpoint_survives_every_failed_allocation(void)
{
    const char *build = getenv("BUILD");
    char        command[1024];

    build = build != NULL ? build : "build";
    snprintf(command, sizeof command,
             "%s/gen/tiny_bundle google %s/tiny/tiny/model.safetensors "
             "%s/model.ckpt-9 && cp %s/tiny/tiny/config.json "
             "%s/bert_config.json",
             build, build, folder, build, folder);
    CHECK_INT(system(command), 0);
    CHECK(tries(checkpoint_job) > 100);
}

int main(void)
{
    char command[64];

    if (mkdtemp(folder) == NULL) {
        perror(folder);
        return 3;
    }
    TEST(test_bundle_survives_every_failed_allocation);
    TEST(test_checkpoint_survives_every_failed_allocation);
    snprintf(command, sizeof command, "rm -r %s", folder);
    CHECK_INT(system(command), 0);
    TEST_END;
}
