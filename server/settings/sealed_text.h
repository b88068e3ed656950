/* Secrets of settings rows as plain C strings. */
#ifndef CPA_SERVER_SETTINGS_SEALED_TEXT_H
#define CPA_SERVER_SETTINGS_SEALED_TEXT_H

#include <stdint.h>

#include "ext/secret/secret.h"

/* The plain text (what is not sealed is returned as it is), for memory_wipe_cstr. NULL:
 * *out_error is why, to free(). */
char *sealed_text_open(const char *stored, const uint8_t data_key[SECRET_KEY_BYTES],
                       char **out_error);
/* The sealed text ("" stays ""), to free(). NULL: *out_error. */
char *sealed_text_seal(const char *plain, const uint8_t data_key[SECRET_KEY_BYTES],
                       char **out_error);

#endif
