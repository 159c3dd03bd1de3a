/*
 * folder.c - where in a model folder the transformer's own files lie
 */
#include "base/folder.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* A path that goes up, or begins at the root. */
static bool leaves(const char *path)
{
    if (path[0] == '/') {
        return true;
    }
    while (*path != '\0') {
        size_t size = strcspn(path, "/");
        if (size == 2 && path[0] == '.' && path[1] == '.') {
            return true;
        }
        path += size + (path[size] == '/');
    }
    return false;
}

bert_status folder_inside(const char *folder, const char *path,
                          const char *name, char **out, bert_error *err)
{
    if (leaves(path)) {
        return error_set(err, BERT_BAD_FILE, "%s: path %s leaves the folder",
                         name, path);
    }
    *out = path[0] == '\0' ? memory_copy_text(folder, strlen(folder))
                           : file_join(folder, path);
    return *out != NULL ? BERT_OK : error_memory(err);
}

bert_status folder_transformer(const char *folder, char **out, bert_error *err)
{
    json_t     *modules = NULL;
    const char *path = "";
    bool        found;
    char       *name = file_join(folder, "modules.json");

    if (name == NULL) {
        return error_memory(err);
    }
    bert_status s = json_file_read(&modules, name, false, err);
    if (s == BERT_OK && json_array_size(modules) > 0) {
        s = json_get_string(json_array_get(modules, 0), "path", name, &path,
                            &found, err);
    }
    if (s == BERT_OK) {
        s = folder_inside(folder, path, name, out, err);
    }
    json_decref(modules);
    memory_free(name);
    return s;
}

bert_status folder_config(const char *folder, char **out, bert_error *err)
{
    char *path = file_join(folder, "config.json");
    char *google = file_join(folder, "bert_config.json");

    if (path == NULL || google == NULL) {
        memory_free(path);
        memory_free(google);
        return error_memory(err);
    }
    bool is_google = !file_exists(path) && file_exists(google);
    *out = is_google ? google : path;
    memory_free(is_google ? path : google);
    return BERT_OK;
}
