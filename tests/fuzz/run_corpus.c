/* Feeds files to a fuzz target, for builds without libFuzzer:
 *
 *     run_reader tests/fuzz/corpus/reader tests/fuzz/found/reader
 *
 * Each argument is a folder of inputs; every file in it is one. Stops with the name of the
 * input when the target does. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define INPUT_BYTES_MAX ((size_t)1024 * 1024) /* a corpus holds small files */

static char input_path[4096];

/* The target is stopping: say at which input. */
static void tell_input(int signal_number)
{
    static const char before[] = "stopped at the input ";
    (void)!write(STDERR_FILENO, before, sizeof before - 1);
    (void)!write(STDERR_FILENO, input_path, strlen(input_path));
    (void)!write(STDERR_FILENO, "\n", 1);
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

static int run_file(const char *path)
{
    uint8_t *bytes = malloc(INPUT_BYTES_MAX);
    FILE *file = fopen(path, "rb");
    int is_read = bytes && file;
    if (is_read) {
        size_t size = fread(bytes, 1, INPUT_BYTES_MAX, file);
        is_read = !ferror(file);
        uint8_t *exact = malloc(size ? size : 1); /* so that reading beyond it is noticed */
        if (is_read && exact) {
            memcpy(exact, bytes, size);
            (void)LLVMFuzzerTestOneInput(exact, size); /* always 0 */
        }
        free(exact);
    }
    if (file)
        (void)fclose(file); /* only read */
    free(bytes);
    if (!is_read)
        fprintf(stderr, "cannot read %s\n", path);
    return is_read;
}

/* The number of inputs in the folder, -1 when one cannot be read. */
static int run_folder(const char *path)
{
    int inputs = 0;
    const struct dirent *entry;
    DIR *folder = opendir(path);
    if (!folder)
        fprintf(stderr, "cannot open the folder %s\n", path);
    while (folder && inputs >= 0 && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(input_path, sizeof input_path, "%s/%s", path, entry->d_name);
        inputs = run_file(input_path) ? inputs + 1 : -1;
    }
    if (folder)
        (void)closedir(folder); /* only read */
    return folder ? inputs : -1;
}

int main(int argc, char **argv)
{
    int inputs = 0;
    (void)signal(SIGABRT, tell_input);
    for (int i = 1; i < argc; i++) {
        int more = run_folder(argv[i]);
        if (more < 0)
            return 1;
        inputs += more;
    }
    printf("%d inputs\n", inputs);
    return inputs > 0 ? 0 : 1;
}
