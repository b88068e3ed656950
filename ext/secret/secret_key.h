/* The 32-byte data key, as people and files write it.
 *
 * Rules
 *  1. Accepted, first success wins: base64 without padding, base64 with padding,
 *     URL-safe base64 without padding (each exactly 32 bytes), or 32 bytes as they are.
 *  2. A value from outside (environment, secret file) that is none of these is a pass
 *     phrase: HKDF-SHA256(value, salt "cpa-manager-plus", info "data-key-v1").
 *     The content of a data.key file is never one. */
#ifndef USAGE_EXT_SECRET_SECRET_KEY_H
#define USAGE_EXT_SECRET_SECRET_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/secret/secret.h"
#include "ext/text.h"

/* Rule 1 for the trimmed value. false leaves out_key untouched. */
bool secret_key_parse(struct slice value, uint8_t out_key[SECRET_KEY_BYTES]);
/* Rules 1 and 2 for the trimmed value. false when it is empty or libcrypto fails. */
bool secret_key_from_external(struct slice value, uint8_t out_key[SECRET_KEY_BYTES]);
/* HKDF-SHA256 with the salt "cpa-manager-plus". false when libcrypto fails. */
bool secret_key_derive(const uint8_t *material, size_t material_len, struct slice info,
                       uint8_t out_key[SECRET_KEY_BYTES]);

#endif
