/* The data key as text: see secret_key.h. HKDF is libcrypto's. */
#include "ext/secret/secret_key.h"

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

#include "ext/secret/base64.h"

static const char hkdf_salt[] = "cpa-manager-plus";

bool secret_key_derive(const uint8_t *material, size_t material_len, struct slice info,
                       uint8_t out_key[SECRET_KEY_BYTES])
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
    uint8_t key[SECRET_KEY_BYTES];
    size_t key_len = sizeof(key);
    bool done = false;

    if (context == NULL || material_len > INT32_MAX || info.len > INT32_MAX)
        goto done;
    if (EVP_PKEY_derive_init(context) <= 0 ||
        EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) <= 0 ||
        EVP_PKEY_CTX_set1_hkdf_salt(context, (const unsigned char *)hkdf_salt,
                                    (int)(sizeof(hkdf_salt) - 1)) <= 0 ||
        EVP_PKEY_CTX_set1_hkdf_key(context, material, (int)material_len) <= 0 ||
        EVP_PKEY_CTX_add1_hkdf_info(context, (const unsigned char *)info.data, (int)info.len) <= 0)
        goto done;
    if (EVP_PKEY_derive(context, key, &key_len) <= 0 || key_len != sizeof(key))
        goto done;
    memcpy(out_key, key, sizeof(key));
    done = true;
done:
    explicit_bzero(key, sizeof(key));
    EVP_PKEY_CTX_free(context);
    return done;
}

bool secret_key_parse(struct slice value, uint8_t out_key[SECRET_KEY_BYTES])
{
    static const enum base64_form forms[] = {BASE64_RAW, BASE64_PADDED, BASE64_URL_RAW};
    uint8_t key[SECRET_KEY_BYTES];
    bool is_found = false;
    size_t len = 0;

    value = slice_trim(value);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && !is_found; i++)
        is_found =
            base64_decode(forms[i], value, key, sizeof(key), &len) && len == SECRET_KEY_BYTES;
    if (!is_found && value.len == SECRET_KEY_BYTES) {
        memcpy(key, value.data, sizeof(key));
        is_found = true;
    }
    if (is_found)
        memcpy(out_key, key, sizeof(key));
    explicit_bzero(key, sizeof(key));
    return is_found;
}

bool secret_key_from_external(struct slice value, uint8_t out_key[SECRET_KEY_BYTES])
{
    value = slice_trim(value);
    if (value.len == 0)
        return false;
    return secret_key_parse(value, out_key) ||
           secret_key_derive((const uint8_t *)value.data, value.len, SLICE("data-key-v1"), out_key);
}
