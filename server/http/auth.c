#include "server/http/auth.h"

#include <pthread.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/app.h"
#include "server/clock.h"
#include "server/http/exchange.h"
#include "server/http/loop.h"
#include "server/http/throttle.h"
#include "server/memory.h"

enum auth_verdict { AUTH_PASSED, AUTH_WRONG, AUTH_UNREADY };

struct auth {
    pthread_mutex_t lock; /* of everything below */
    bool has_credential;
    struct admin_credential credential;
    unsigned generation; /* counts replacements */
    bool has_accepted;
    uint8_t accepted_key[crypto_generichash_KEYBYTES]; /* random, of this process */
    uint8_t accepted[crypto_generichash_BYTES];        /* keyed hash of the accepted key:
                                                        * spares stretched keys their rounds */
};

struct auth *auth_new(const struct admin_credential *credential)
{
    struct auth *auth = memory_zeroed(sizeof *auth);
    pthread_mutex_init(&auth->lock, NULL);
    randombytes_buf(auth->accepted_key, sizeof auth->accepted_key);
    auth_replace(auth, credential);
    return auth;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL)
        return;
    pthread_mutex_destroy(&auth->lock);
    explicit_bzero(auth, sizeof *auth);
    free(auth);
}

void auth_replace(struct auth *auth, const struct admin_credential *credential)
{
    pthread_mutex_lock(&auth->lock);
    auth->has_credential = credential != NULL;
    if (credential != NULL)
        auth->credential = *credential;
    auth->generation++;
    auth->has_accepted = false;
    pthread_mutex_unlock(&auth->lock);
}

static void hash_key(const struct auth *auth, struct slice key,
                     uint8_t out_hash[crypto_generichash_BYTES])
{
    crypto_generichash(out_hash, crypto_generichash_BYTES, (const unsigned char *)key.data, key.len,
                       auth->accepted_key, sizeof auth->accepted_key);
}

/* Whether this very key was accepted before. */
static bool is_accepted(struct auth *auth, const uint8_t hash[crypto_generichash_BYTES])
{
    pthread_mutex_lock(&auth->lock);
    bool is_same =
        auth->has_accepted && sodium_memcmp(auth->accepted, hash, sizeof auth->accepted) == 0;
    pthread_mutex_unlock(&auth->lock);
    return is_same;
}

/* The full check. Takes as long as the credential's rounds. */
static enum auth_verdict check(struct auth *auth, struct slice key)
{
    uint8_t hash[crypto_generichash_BYTES];
    hash_key(auth, key, hash);
    pthread_mutex_lock(&auth->lock);
    bool has_credential = auth->has_credential;
    struct admin_credential credential = auth->credential;
    unsigned generation = auth->generation;
    pthread_mutex_unlock(&auth->lock);
    if (!has_credential)
        return AUTH_UNREADY;
    if (!admin_credential_verify(&credential, key))
        return AUTH_WRONG;
    pthread_mutex_lock(&auth->lock);
    if (auth->generation == generation) {
        memcpy(auth->accepted, hash, sizeof hash);
        auth->has_accepted = true;
    }
    pthread_mutex_unlock(&auth->lock);
    return AUTH_PASSED;
}

static bool is_stretched(struct auth *auth)
{
    pthread_mutex_lock(&auth->lock);
    bool is_slow = auth->has_credential && auth->credential.iterations > 1;
    pthread_mutex_unlock(&auth->lock);
    return is_slow;
}

/* --- on the way of a request --- */

static void refuse(struct exchange *exchange)
{
    exchange_error(exchange, 401, "invalid admin key");
    exchange_answer(exchange);
}

static void conclude(struct exchange *exchange)
{
    struct throttle *throttle = exchange->loop->throttle;
    exchange_forget_key(exchange);
    switch ((enum auth_verdict)exchange->verdict) {
    case AUTH_PASSED:
        throttle_passed(throttle, exchange->peer);
        exchange->passed(exchange);
        break;
    case AUTH_WRONG:
        throttle_failed(throttle, exchange->peer, clock_mono_ms());
        refuse(exchange);
        break;
    case AUTH_UNREADY:
        exchange_error(exchange, 500, "admin credential is not initialized");
        exchange_answer(exchange);
        break;
    }
}

static void check_task(struct exchange *exchange)
{
    struct slice key;
    if (admin_key_of_header(text_slice(&exchange->authorization), &key))
        exchange->verdict = (int)check(exchange->app->auth, key);
}

/* The attempt's turn has come. */
static void judge(struct exchange *exchange)
{
    struct auth *auth = exchange->app->auth;
    struct slice key;
    if (!admin_key_of_header(text_slice(&exchange->authorization), &key)) {
        refuse(exchange);
        return;
    }
    uint8_t hash[crypto_generichash_BYTES];
    hash_key(auth, key, hash);
    exchange->verdict = (int)AUTH_WRONG;
    if (is_accepted(auth, hash)) {
        exchange->verdict = (int)AUTH_PASSED;
    } else if (is_stretched(auth)) {
        exchange_task(exchange, check_task, conclude);
        return;
    } else {
        exchange->verdict = (int)check(auth, key);
    }
    conclude(exchange);
}

void auth_require(struct exchange *exchange, void (*passed)(struct exchange *exchange))
{
    struct slice key;
    exchange->passed = passed;
    if (exchange->authorization.failed ||
        !admin_key_of_header(text_slice(&exchange->authorization), &key)) {
        refuse(exchange); /* no attempt at a key: not counted */
        return;
    }
    int64_t now_ms = clock_mono_ms();
    int64_t turn_ms = throttle_turn(exchange->loop->throttle, exchange->peer, now_ms);
    if (turn_ms < 0) {
        exchange_header(exchange, "retry-after", SLICE("10"));
        exchange_error(exchange, 429, "too many attempts");
        exchange_answer(exchange);
    } else if (turn_ms > now_ms) {
        exchange_wait(exchange, turn_ms, judge);
    } else {
        judge(exchange);
    }
}
