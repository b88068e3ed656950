/* Sealing and opening: see secret.h for the rules. */
#include "ext/secret/secret.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#include "ext/alloc.h"
#include "ext/limits.h"
#include "ext/secret/base64.h"
#include "ext/secret/secret_key.h"

static const char sealed_prefix[] = "enc:v1:";
static const char additional_data[] = "settings-secret";

bool secret_is_sealed(struct slice text)
{
    return slice_starts_with(slice_trim(text), SLICE(sealed_prefix));
}

/* A context for AES-256-GCM in one direction, with key, nonce and additional data set;
 * NULL when libcrypto refuses. */
static EVP_CIPHER_CTX *cipher_open(bool encrypts, const uint8_t data_key[SECRET_KEY_BYTES],
                                   const uint8_t nonce[SECRET_NONCE_BYTES])
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t key[SECRET_KEY_BYTES];
    int len = 0;
    bool is_ready = false;

    /* The default nonce length of GCM is the 12 bytes of rule 2. */
    is_ready = context != NULL &&
               secret_key_derive(data_key, SECRET_KEY_BYTES, SLICE("settings-secrets-v1"), key) &&
               EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce, encrypts) == 1 &&
               EVP_CipherUpdate(context, NULL, &len, (const unsigned char *)additional_data,
                                (int)(sizeof(additional_data) - 1)) == 1;
    explicit_bzero(key, sizeof(key));
    if (!is_ready) {
        EVP_CIPHER_CTX_free(context);
        return NULL;
    }
    return context;
}

/* Rule 2's ciphertext and tag into box, which has plain.len + SECRET_TAG_BYTES. */
static bool encrypt(struct slice plain, const uint8_t data_key[SECRET_KEY_BYTES],
                    const uint8_t nonce[SECRET_NONCE_BYTES], uint8_t *box)
{
    EVP_CIPHER_CTX *context = cipher_open(true, data_key, nonce);
    int len = 0;
    int end = 0;
    bool is_done =
        context != NULL &&
        EVP_CipherUpdate(context, box, &len, (const unsigned char *)plain.data, (int)plain.len) ==
            1 &&
        EVP_CipherFinal_ex(context, box + len, &end) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, SECRET_TAG_BYTES, box + plain.len) == 1;

    EVP_CIPHER_CTX_free(context);
    return is_done;
}

/* The plain text of box into plain, which has box_len - SECRET_TAG_BYTES. */
static bool decrypt(uint8_t *box, size_t box_len, const uint8_t data_key[SECRET_KEY_BYTES],
                    const uint8_t nonce[SECRET_NONCE_BYTES], uint8_t *plain)
{
    size_t plain_len = box_len - SECRET_TAG_BYTES;
    EVP_CIPHER_CTX *context = cipher_open(false, data_key, nonce);
    int len = 0;
    int end = 0;
    bool is_done =
        context != NULL && EVP_CipherUpdate(context, plain, &len, box, (int)plain_len) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, SECRET_TAG_BYTES, box + plain_len) ==
            1 &&
        EVP_CipherFinal_ex(context, plain + len, &end) == 1;

    EVP_CIPHER_CTX_free(context);
    return is_done;
}

/* Append text unchanged (rules 3 and 4). */
static enum secret_result pass(struct slice text, struct text *out)
{
    text_add(out, text);
    return out->failed ? SECRET_NO_MEMORY : SECRET_OK;
}

enum secret_result secret_seal_with_nonce(struct slice plain,
                                          const uint8_t data_key[SECRET_KEY_BYTES],
                                          const uint8_t nonce[SECRET_NONCE_BYTES], struct text *out)
{
    enum secret_result result = SECRET_OK;
    uint8_t *box = NULL;
    size_t box_len = 0;
    size_t start = out->len;

    plain = slice_trim(plain);
    if (plain.len == 0 || secret_is_sealed(plain))
        return pass(plain, out);
    if (plain.len > LIMIT_SECRET_BYTES)
        return SECRET_TOO_LARGE;
    box_len = plain.len + SECRET_TAG_BYTES;
    box = ext_alloc(box_len);
    if (box == NULL)
        return SECRET_NO_MEMORY;
    if (!encrypt(plain, data_key, nonce, box)) {
        result = SECRET_NO_CRYPTO;
        goto done;
    }
    text_add(out, SLICE(sealed_prefix));
    base64_encode_raw(out, nonce, SECRET_NONCE_BYTES);
    text_add_char(out, ':');
    base64_encode_raw(out, box, box_len);
    if (out->failed) {
        out->len = start;
        result = SECRET_NO_MEMORY;
    }
done:
    explicit_bzero(box, box_len);
    ext_free(box);
    return result;
}

enum secret_result secret_seal(struct slice plain, const uint8_t data_key[SECRET_KEY_BYTES],
                               struct text *out)
{
    uint8_t nonce[SECRET_NONCE_BYTES];

    if (RAND_bytes(nonce, sizeof(nonce)) != 1)
        return SECRET_NO_CRYPTO;
    return secret_seal_with_nonce(plain, data_key, nonce, out);
}

/* Split at the one ':' after the prefix (rule 5). */
static bool split(struct slice sealed, struct slice *out_nonce, struct slice *out_box)
{
    struct slice parts = slice_from(sealed, sizeof(sealed_prefix) - 1);
    ptrdiff_t colon = slice_find(parts, SLICE(":"));

    if (colon < 0)
        return false;
    *out_nonce = slice_first(parts, (size_t)colon);
    *out_box = slice_from(parts, (size_t)colon + 1);
    return slice_find(*out_box, SLICE(":")) < 0;
}

/* Decrypt box and append what it holds; plain is scratch of box_len bytes. */
static enum secret_result open_box(uint8_t *box, size_t box_len, uint8_t *plain,
                                   const uint8_t data_key[SECRET_KEY_BYTES],
                                   const uint8_t nonce[SECRET_NONCE_BYTES], struct text *out)
{
    if (box_len < SECRET_TAG_BYTES || !decrypt(box, box_len, data_key, nonce, plain))
        return SECRET_BAD_KEY;
    return pass((struct slice){(const char *)plain, box_len - SECRET_TAG_BYTES}, out);
}

enum secret_result secret_open(struct slice stored, const uint8_t data_key[SECRET_KEY_BYTES],
                               struct text *out)
{
    enum secret_result result = SECRET_OK;
    uint8_t nonce[SECRET_NONCE_BYTES + 1]; /* one more, to see that it is too long */
    struct slice nonce_text = {NULL, 0};
    struct slice box_text = {NULL, 0};
    uint8_t *box = NULL; /* the box, then the plain text beside it */
    size_t nonce_len = 0;
    size_t box_len = 0;

    stored = slice_trim(stored);
    if (!secret_is_sealed(stored))
        return pass(stored, out);
    if (stored.len > LIMIT_SECRET_BYTES * 2)
        return SECRET_TOO_LARGE;
    if (!split(stored, &nonce_text, &box_text))
        return SECRET_BAD_FORMAT;
    box = ext_alloc(box_text.len * 2 + 1);
    if (box == NULL)
        return SECRET_NO_MEMORY;
    if (!base64_decode(BASE64_RAW, box_text, box, box_text.len, &box_len))
        result = SECRET_BAD_BASE64;
    else if (!base64_decode(BASE64_RAW, nonce_text, nonce, sizeof(nonce), &nonce_len))
        result =
            nonce_text.len > base64_raw_len(sizeof(nonce)) ? SECRET_BAD_NONCE : SECRET_BAD_BASE64;
    else if (nonce_len != SECRET_NONCE_BYTES)
        result = SECRET_BAD_NONCE;
    else
        result = open_box(box, box_len, box + box_text.len, data_key, nonce, out);
    explicit_bzero(box, box_text.len * 2 + 1);
    ext_free(box);
    return result;
}

const char *secret_result_text(enum secret_result result)
{
    switch (result) {
    case SECRET_OK:
        return "no error";
    case SECRET_BAD_FORMAT:
        return "invalid encrypted secret format";
    case SECRET_BAD_BASE64:
        return "invalid encrypted secret format: not base64";
    case SECRET_BAD_NONCE:
        return "invalid encrypted secret format: the nonce is not 12 bytes";
    case SECRET_BAD_KEY:
        return "decrypt secret: invalid data key or corrupted ciphertext";
    case SECRET_TOO_LARGE:
        return "secret is too large";
    case SECRET_NO_MEMORY:
        return "out of memory";
    case SECRET_NO_CRYPTO:
        break;
    }
    return "libcrypto failed";
}

void secret_wipe_text(struct text *text)
{
    if (text->data != NULL)
        explicit_bzero(text->data, text->size + 1);
    text_clear(text);
}
