/* The data key and its file: see data_key.h. */
#include "server/secrets/data_key.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ext/secret/base64.h"
#include "server/limits.h"
#include "server/memory.h"
#include "server/private_file.h"

static enum data_key_result parse_file(struct slice content, uint8_t out_key[SECRET_KEY_BYTES],
                                       char **out_error)
{
    content = slice_trim(content);
    if (content.len == 0) {
        *out_error = memory_copy_cstr("data key is empty");
        return DATA_KEY_FAILED;
    }
    if (!secret_key_parse(content, out_key)) {
        *out_error = memory_copy_cstr("data key must be 32 bytes or base64-encoded 32 bytes");
        return DATA_KEY_FAILED;
    }
    return DATA_KEY_OK;
}

enum data_key_result data_key_load(const char *external, const char *path,
                                   uint8_t out_key[SECRET_KEY_BYTES], char **out_error)
{
    struct slice value = slice_trim(slice_of_cstr(external));
    char *content = NULL;
    char *reason = NULL;
    size_t len = 0;
    enum data_key_result result = DATA_KEY_FAILED;
    enum private_file_result found = PRIVATE_FILE_OK;

    if (value.len > 0) {
        if (secret_key_from_external(value, out_key))
            return DATA_KEY_OK;
        *out_error = memory_copy_cstr("libcrypto failed");
        return DATA_KEY_FAILED;
    }
    found = private_file_read(path, LIMIT_SECRET_FILE_BYTES, &content, &len, &reason);
    if (found == PRIVATE_FILE_ABSENT)
        result = DATA_KEY_ABSENT;
    else if (found != PRIVATE_FILE_OK)
        *out_error = memory_format("read %s: %s", path, reason);
    else
        result = parse_file((struct slice){content, len}, out_key, out_error);
    if (content != NULL)
        explicit_bzero(content, len);
    free(content);
    free(reason);
    return result;
}

bool data_key_create(const char *path, uint8_t out_key[SECRET_KEY_BYTES], char **out_error)
{
    uint8_t key[SECRET_KEY_BYTES];
    struct text line;
    bool is_created = false;

    text_init(&line, LIMIT_SECRET_FILE_BYTES);
    randombytes_buf(key, sizeof(key));
    base64_encode_raw(&line, key, sizeof(key));
    text_add_char(&line, '\n');
    if (line.failed)
        *out_error = memory_copy_cstr("out of memory");
    else
        is_created = private_file_create(path, text_slice(&line), out_error);
    if (is_created)
        memcpy(out_key, key, sizeof(key));
    explicit_bzero(key, sizeof(key));
    secret_wipe_text(&line);
    return is_created;
}
