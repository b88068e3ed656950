/* Secrets of settings rows: see sealed_text.h. */
#include "server/settings/sealed_text.h"

#include "ext/limits.h"
#include "server/memory.h"

typedef enum secret_result transform(struct slice text, const uint8_t data_key[SECRET_KEY_BYTES],
                                     struct text *out);

static char *apply(transform *run, const char *given, const uint8_t data_key[SECRET_KEY_BYTES],
                   char **out_error)
{
    enum secret_result result = SECRET_OK;
    char *made = NULL;
    struct text out;

    text_init(&out, LIMIT_SECRET_BYTES * 2);
    result = run(slice_of_cstr(given), data_key, &out);
    if (result == SECRET_OK)
        made = memory_copy_slice(text_slice(&out));
    else
        *out_error = memory_copy_cstr(secret_result_text(result));
    secret_wipe_text(&out);
    return made;
}

char *sealed_text_open(const char *stored, const uint8_t data_key[SECRET_KEY_BYTES],
                       char **out_error)
{
    return apply(secret_open, stored, data_key, out_error);
}

char *sealed_text_seal(const char *plain, const uint8_t data_key[SECRET_KEY_BYTES],
                       char **out_error)
{
    return apply(secret_seal, plain, data_key, out_error);
}
