/* config.json: see config_file.h. */
#include "server/config_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ext/text.h"
#include "server/document.h"
#include "server/file_path.h"
#include "server/limits.h"
#include "server/memory.h"
#include "server/private_file.h"

static const char default_file[] = "{\n"
                                   "  \"httpAddr\": \"0.0.0.0:18317\",\n"
                                   "  \"dataDir\": \"./data\"\n"
                                   "}\n";

/* The path of rule 1, which may not exist yet; NULL when there is none. */
static char *find(const struct config_input *input, bool *out_is_named)
{
    const char *named = input->environment(input->arg, "CPA_MANAGER_CONFIG");
    struct slice trimmed = slice_trim(slice_of_cstr(named));
    char *beside = NULL;

    *out_is_named = trimmed.len > 0;
    if (*out_is_named) {
        char *copy = memory_copy_slice(trimmed);
        char *absolute = file_path_absolute(copy);
        free(copy);
        return absolute;
    }
    if (input->executable_dir == NULL)
        return NULL;
    beside = file_path_join(input->executable_dir, "config.json");
    if (access(beside, F_OK) != 0)
        memory_replace(&beside, NULL);
    return beside;
}

static bool parse(const char *path, struct slice content, cJSON **out_document, char **out_error)
{
    char *reason = NULL;

    *out_document = document_parse(content, true, &reason);
    if (*out_document == NULL)
        *out_error = memory_format("parse config %s: %s", path, reason);
    free(reason);
    return *out_document != NULL;
}

/* Read and parse, or create a missing file when it may be. */
static bool load(struct config_file *file, bool is_named, bool may_create, char **out_error)
{
    char *content = NULL;
    char *reason = NULL;
    size_t len = 0;
    bool is_loaded = false;
    enum private_file_result result =
        private_file_read(file->path, LIMIT_CONFIG_FILE_BYTES, &content, &len, &reason);

    if (result == PRIVATE_FILE_ABSENT && is_named) {
        is_loaded = !may_create || private_file_create(file->path, SLICE(default_file), out_error);
        if (is_loaded && may_create) {
            file->is_created = true;
            is_loaded = parse(file->path, SLICE(default_file), &file->document, out_error);
        }
    } else if (result != PRIVATE_FILE_OK) {
        *out_error = memory_format("read config %s: %s", file->path, reason);
    } else {
        is_loaded = parse(file->path, (struct slice){content, len}, &file->document, out_error);
    }
    free(reason);
    free(content);
    return is_loaded;
}

bool config_file_open(const struct config_input *input, struct config_file *out_file,
                      char **out_error)
{
    struct config_file file = {NULL, NULL, NULL, false};
    bool is_named = false;

    file.path = find(input, &is_named);
    if (file.path != NULL) {
        file.folder = file_path_folder(file.path);
        if (!load(&file, is_named, input->may_create_file, out_error)) {
            config_file_clear(&file);
            return false;
        }
    }
    *out_file = file;
    return true;
}

void config_file_clear(struct config_file *file)
{
    free(file->path);
    free(file->folder);
    cJSON_Delete(file->document);
    *file = (struct config_file){NULL, NULL, NULL, false};
}
