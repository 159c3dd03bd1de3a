/*
 * models.c - where a model is
 */
#include "common/models.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/options.h"
#include "common/report.h"

/* Places looked at, for the message; joined by ", ". */
static char *looked;

static void note_place(const char *place)
{
    char *longer = looked == NULL ? alloc_text(place, strlen(place))
                                  : alloc_joined(looked, ", ", place);

    free(looked);
    looked = longer;
}

static bool is_folder(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* $name if it is set and not empty, followed by rest; NULL: it is not. */
static char *from_environment(const char *name, const char *rest)
{
    const char *value = getenv(name);

    return value == NULL || value[0] == '\0' ? NULL
                                             : alloc_joined(value, rest, "");
}

/* The folder this program lies in, NULL: not known. */
static char *program_folder(void)
{
    char    path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path);

    while (size > 0 && path[size - 1] != '/') {
        size--;
    }
    return size <= 0 ? NULL : alloc_text(path, (size_t)size);
}

/* folder/name if it is a folder, else NULL. Frees nothing. */
static char *try_folder(const char *folder, const char *name)
{
    char *path = alloc_joined(folder, "/", name);

    if (is_folder(path)) {
        return path;
    }
    note_place(path);
    free(path);
    return NULL;
}

static char *try_owned(char *folder, const char *name)
{
    char *found = folder == NULL ? NULL : try_folder(folder, name);

    free(folder);
    return found;
}

static char *try_models_folders(const char *name)
{
    const char *list = getenv("BERT_MODELS");
    char       *found = NULL;

    while (list != NULL && *list != '\0' && found == NULL) {
        size_t n = strcspn(list, ":");

        if (n > 0) {
            found = try_owned(alloc_text(list, n), name);
        }
        list += n + (list[n] == ':');
    }
    if (found == NULL) {
        char *data = from_environment("XDG_DATA_HOME", "/bertutils/models");

        found = try_owned(
            data != NULL
                ? data
                : from_environment("HOME", "/.local/share/bertutils/models"),
            name);
    }
    if (found == NULL) {
        char *program = program_folder();

        if (program != NULL) {
            found = try_owned(
                alloc_joined(program, "../share/bertutils/models", ""), name);
        }
        free(program);
    }
    return found;
}

/* A revision's name, as refs/main holds it: one word. NULL: none. */
static char *read_revision(const char *path)
{
    char    text[256];
    int     file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? -1 : read(file, text, sizeof text);

    if (file >= 0) {
        close(file);
    }
    while (size > 0 && (unsigned char)text[size - 1] <= ' ') {
        size--;
    }
    if (size <= 0 || memchr(text, '/', (size_t)size) != NULL ||
        text[0] == '.') {
        return NULL;
    }
    return alloc_text(text, (size_t)size);
}

/* hub/models--org--name/snapshots/REVISION; hub is freed. */
static char *try_hub(char *hub, const char *wanted)
{
    const char *slash = strchr(wanted, '/');
    char       *org = alloc_text(wanted, (size_t)(slash - wanted));
    char       *name = alloc_joined(org, "--", slash + 1);
    char       *folder = alloc_joined(hub, "/models--", name);
    char       *ref = alloc_joined(folder, "/refs/main", "");
    char       *revision = read_revision(ref);
    char       *found = NULL;

    if (revision != NULL) {
        char *snapshots = alloc_joined(folder, "/snapshots", "");

        found = try_owned(snapshots, revision);
    } else {
        note_place(folder);
    }
    free(revision);
    free(ref);
    free(folder);
    free(name);
    free(org);
    free(hub);
    return found;
}

static char *try_cache(const char *wanted)
{
    static const struct {
        const char *variable, *rest;
    } caches[] = {
        {"HF_HUB_CACHE", ""},
        {"HF_HOME", "/hub"},
        {"XDG_CACHE_HOME", "/huggingface/hub"},
        {"HOME", "/.cache/huggingface/hub"},
    };
    const char *slash = strchr(wanted, '/');

    if (slash == NULL || slash == wanted || slash[1] == '\0' ||
        strchr(slash + 1, '/') != NULL) {
        return NULL;
    }
    /* The first that is set is the cache, and the only one
       (huggingface_hub/constants.py). */
    for (size_t i = 0; i < sizeof caches / sizeof caches[0]; i++) {
        char *hub = from_environment(caches[i].variable, caches[i].rest);
        if (hub != NULL) {
            return try_hub(hub, wanted);
        }
    }
    return NULL;
}

/* Whether a file's name is one that weights have. */
static bool is_weights(const char *name)
{
    static const char *const endings[] = {".safetensors", ".bin", ".index.json",
                                          ".index"};
    size_t                   size = strlen(name);

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t n = strlen(endings[i]);
        if (size > n && strcmp(name + size - n, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Where the name of the weights begins that a path ends in: after the last '/',
   but for a SavedModel's, whose folder is a level up. */
static size_t weights_begin(const char *path)
{
    static const char saved[] = "variables/variables.index";
    size_t            size = strlen(path), n = sizeof saved - 1;

    if (size >= n && strcmp(path + size - n, saved) == 0 &&
        (size == n || path[size - n - 1] == '/')) {
        return size - n;
    }
    while (size > 0 && path[size - 1] != '/') {
        size--;
    }
    return size;
}

/* A path as it was given: a folder, or the folder of a weights file, whose name
   goes to *weights. */
static char *try_path(const char *wanted, char **weights)
{
    struct stat about;

    if (stat(wanted, &about) != 0) {
        note_place(wanted);
        return NULL;
    }
    if (S_ISDIR(about.st_mode)) {
        return alloc_text(wanted, strlen(wanted));
    }
    size_t size = weights_begin(wanted);
    /* Another file would be passed over in silence for the one in use. */
    if (!is_weights(wanted + size)) {
        stop_error("%s: neither a model's folder nor a file of weights in one",
                   wanted);
    }
    if (weights != NULL) {
        *weights = alloc_text(wanted + size, strlen(wanted + size));
    }
    return size == 0 ? alloc_text(".", 1) : alloc_text(wanted, size);
}

/* Whether the command that gets a model is installed beside this one. */
static bool has_get_model(void)
{
    char *program = program_folder();
    char *script = program == NULL
                       ? NULL
                       : alloc_joined(program, "bertutils-get-model", "");
    bool  found = script != NULL && access(script, X_OK) == 0;

    free(program);
    free(script);
    return found;
}

/* What the head is for that a tool needs; NULL: it needs none. */
static const char *head_of(const char *name)
{
    static const char *const heads[][2] = {
        {"mask", "masked words"},    {"nsp", "the next sentence"},
        {"tag", "labels of tokens"}, {"classify", "labels of texts"},
        {"qa", "answers"},
    };

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        if (strcmp(name, heads[i][0]) == 0) {
            return heads[i][1];
        }
    }
    return NULL;
}

/* The model that the command gets is a sentence encoder, without a head. */
static _Noreturn void not_found(const char *wanted, const char *name)
{
    const char *head = head_of(name);
    const char *places = looked != NULL ? looked : "nothing";
    const char *what =
        wanted != NULL ? wanted : "was given and there is no default";

    const char *gets =
        has_get_model() ? "bertutils-get-model" : "sh examples/get-model.sh";

    if (head != NULL) {
        stop_error("no model %s: looked for %s; -m takes a model with a head "
                   "for %s, or link one as default-%s (the default model, "
                   "which `%s` gets, has none)",
                   what, places, head, name, gets);
    }
    stop_error("no model %s: looked for %s; `%s` gets the default model", what,
               places, gets);
}

/* What cannot be a name in a folder of models. */
static bool is_path(const char *wanted)
{
    return wanted[0] == '/' || strncmp(wanted, "./", 2) == 0 ||
           strncmp(wanted, "../", 3) == 0;
}

char *model_find(const char *wanted, const char *name, char **weights)
{
    char *found = NULL;

    if (weights != NULL) {
        *weights = NULL;
    }
    /* Most often a variable of a script that is not set: another model than
       the one meant would run. Only in the environment is empty unset. */
    if (wanted != NULL && wanted[0] == '\0') {
        usage_error("-m: the model's name is empty");
    }
    if (wanted == NULL) {
        wanted = getenv("BERT_MODEL");
    }
    if (wanted != NULL && wanted[0] != '\0') {
        found = try_path(wanted, weights);
        if (found == NULL && !is_path(wanted)) {
            found = try_models_folders(wanted);
            found = found != NULL ? found : try_cache(wanted);
        }
    } else {
        char *special = alloc_joined("default-", name, "");

        wanted = NULL;
        found = try_models_folders(special);
        found = found != NULL ? found : try_models_folders("default");
        free(special);
    }
    if (found == NULL) {
        not_found(wanted, name);
    }
    free(looked);
    looked = NULL;
    return found;
}
