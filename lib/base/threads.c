/*
 * threads.c - bert_team: threads that share out numbered pieces of work
 *
 * Members take the next item from one counter, so uneven items balance. A
 * short spin comes before each sleep: a forward pass of one sentence has some
 * dozens of runs of a few tens of microseconds, as long as a wake-up takes.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/error.h"
#include "base/memory.h"

enum { SPINS = 2000 };

typedef struct member {
    bert_team *team;
    size_t     number;
    pthread_t  thread;
} member;

struct bert_team {
    size_t          size;
    member         *members; /* size of them; 0, the caller, has no thread */
    int             spins;   /* 0 where there are more members than cores */
    pthread_mutex_t lock;
    pthread_cond_t  wake; /* a new run, or stop */
    pthread_cond_t  done; /* busy became 0 */
    atomic_size_t   run;  /* number of the current run */
    atomic_bool     stop;
    atomic_size_t   next; /* item */
    atomic_size_t   busy; /* members still in the run, the caller not among */
    size_t          count;
    bert_work      *work;
    void           *context;
};

static inline void spin_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void take_items(bert_team *team, size_t number)
{
    for (;;) {
        size_t item =
            atomic_fetch_add_explicit(&team->next, 1, memory_order_relaxed);
        if (item >= team->count) {
            return;
        }
        team->work(team->context, item, number);
    }
}

/* Wait until the run's number is not `seen`; returns the new one. */
static size_t await_run(bert_team *team, size_t seen)
{
    for (int i = 0; i < team->spins; i++) {
        size_t run = atomic_load(&team->run);
        if (run != seen) {
            return run;
        }
        spin_pause();
    }
    pthread_mutex_lock(&team->lock);
    while (atomic_load(&team->run) == seen) {
        pthread_cond_wait(&team->wake, &team->lock);
    }
    size_t run = atomic_load(&team->run);
    pthread_mutex_unlock(&team->lock);
    return run;
}

static void await_members(bert_team *team)
{
    for (int i = 0; i < team->spins; i++) {
        if (atomic_load(&team->busy) == 0) {
            return;
        }
        spin_pause();
    }
    pthread_mutex_lock(&team->lock);
    while (atomic_load(&team->busy) != 0) {
        pthread_cond_wait(&team->done, &team->lock);
    }
    pthread_mutex_unlock(&team->lock);
}

static void *member_main(void *argument)
{
    member    *self = argument;
    bert_team *team = self->team;
    size_t     seen = 0;

    for (;;) {
        seen = await_run(team, seen);
        if (atomic_load(&team->stop)) {
            return NULL;
        }
        take_items(team, self->number);
        if (atomic_fetch_sub(&team->busy, 1) == 1) {
            pthread_mutex_lock(&team->lock);
            pthread_cond_signal(&team->done);
            pthread_mutex_unlock(&team->lock);
        }
    }
}

static void start_run(bert_team *team)
{
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add(&team->run, 1);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->lock);
}

/* Signals are for the process's own threads: members block them all. */
static int start_members(bert_team *team, size_t threads)
{
    sigset_t all, before;
    int      failed = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; team->size < threads && failed == 0; team->size += failed == 0) {
        member *m = &team->members[team->size];
        m->team = team;
        m->number = team->size;
        failed = pthread_create(&m->thread, NULL, member_main, m);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

bert_status bert_team_new(bert_team **out, size_t threads, bert_error *err)
{
    size_t     cores = bert_cores();
    bert_team *team = memory_new_zeroed(1, sizeof *team);

    if (threads == 0) {
        threads = cores;
    }
    if (team != NULL) {
        team->members = memory_new_zeroed(threads, sizeof *team->members);
    }
    if (team == NULL || team->members == NULL) {
        memory_free(team);
        return error_memory(err);
    }
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->wake, NULL);
    pthread_cond_init(&team->done, NULL);
    team->spins = threads <= cores ? SPINS : 0;
    team->size = 1;
    int failed = start_members(team, threads);
    if (failed != 0) {
        bert_status status = error_system(err, "starting a thread", failed);
        bert_team_free(team);
        return status;
    }
    *out = team;
    return BERT_OK;
}

void bert_team_free(bert_team *team)
{
    if (team == NULL) {
        return;
    }
    atomic_store(&team->stop, true);
    start_run(team);
    for (size_t i = 1; i < team->size; i++) {
        pthread_join(team->members[i].thread, NULL);
    }
    pthread_cond_destroy(&team->done);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->lock);
    memory_free(team->members);
    memory_free(team);
}

size_t bert_team_size(const bert_team *team)
{
    return team != NULL ? team->size : 1;
}

void bert_team_run(bert_team *team, size_t count, bert_work *work,
                   void *context)
{
    if (team == NULL || team->size == 1 || count < 2) {
        for (size_t i = 0; i < count; i++) {
            work(context, i, 0);
        }
        return;
    }
    team->count = count;
    team->work = work;
    team->context = context;
    atomic_store(&team->next, 0);
    atomic_store(&team->busy, team->size - 1);
    start_run(team);
    take_items(team, 0);
    await_members(team);
}
