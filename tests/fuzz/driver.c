/*
 * driver.c - replays a corpus through a fuzz target, without a fuzzer
 *
 *     fuzz_x FILE|FOLDER...
 *
 * Every file, the empty input and, for each file, what is left of it when it
 * breaks off at the half and one byte early. Prints TAP: one test a file.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count;

/* An exact copy on the heap, so that a read beyond the end is seen. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    if (copy == NULL) {
        fprintf(stderr, "driver: no memory\n");
        exit(3);
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void replay(const char *path)
{
    static uint8_t data[1 << 20];
    FILE          *f = fopen(path, "rb");

    if (f == NULL) {
        perror(path);
        exit(3);
    }
    size_t size = fread(data, 1, sizeof data, f);
    fclose(f);
    run(data, size);
    run(data, size / 2);
    run(data, size > 0 ? size - 1 : 0);
    printf("ok %d - %s\n", ++count, path);
    fflush(stdout);
}

static void replay_folder(const char *folder)
{
    struct dirent **entries;
    int             n = scandir(folder, &entries, NULL, alphasort);

    if (n < 0) { /* not a folder */
        replay(folder);
        return;
    }
    for (int i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
            replay(path);
        }
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    run(NULL, 0);
    for (int i = 1; i < argc; i++) {
        replay_folder(argv[i]);
    }
    printf("ok %d - %s: the empty input\n", ++count, argv[0]);
    printf("1..%d\n", count);
    return 0;
}
