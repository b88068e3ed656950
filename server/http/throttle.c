#include "server/http/throttle.h"

#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "server/memory.h"

/* 128 places of 8: 40 KiB. */
#define PLACES 128
#define WAYS 8

struct throttle_row {
    uint8_t address[16];
    int64_t failures; /* 0: the row is free */
    int64_t failed_ms;
    int64_t next_ms; /* the next turn */
};

struct throttle {
    pthread_mutex_t lock;
    uint8_t seed[crypto_shorthash_KEYBYTES]; /* so that nobody can fill one place on purpose */
    struct throttle_row rows[PLACES][WAYS];
};

struct throttle *throttle_new(void)
{
    struct throttle *throttle = memory_zeroed(sizeof *throttle);
    pthread_mutex_init(&throttle->lock, NULL);
    randombytes_buf(throttle->seed, sizeof throttle->seed);
    return throttle;
}

void throttle_free(struct throttle *throttle)
{
    if (throttle == NULL)
        return;
    pthread_mutex_destroy(&throttle->lock);
    free(throttle);
}

/* Rule 5. */
static void address_of_peer(const uint8_t peer[16], uint8_t address[16])
{
    static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    memcpy(address, peer, 16);
    if (memcmp(peer, v4_prefix, sizeof v4_prefix) != 0)
        memset(address + 8, 0, 8);
}

static struct throttle_row *place_of(struct throttle *throttle, const uint8_t address[16])
{
    uint8_t hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, address, 16, throttle->seed);
    return throttle->rows[hash[0] % PLACES];
}

/* The row of the address, NULL when it has none; expired rows are freed on the way. */
static struct throttle_row *find(struct throttle_row *place, const uint8_t address[16],
                                 int64_t now_ms)
{
    struct throttle_row *found = NULL;
    for (int i = 0; i < WAYS; i++) {
        if (place[i].failures > 0 && now_ms - place[i].failed_ms > THROTTLE_FORGET_MS)
            place[i].failures = 0;
        if (place[i].failures > 0 && memcmp(place[i].address, address, 16) == 0)
            found = &place[i];
    }
    return found;
}

static int64_t delay_ms(int64_t failures)
{
    int64_t delay = THROTTLE_FIRST_MS;
    for (int64_t i = THROTTLE_FREE; i < failures && delay < THROTTLE_LAST_MS; i++)
        delay *= 2;
    return delay < THROTTLE_LAST_MS ? delay : THROTTLE_LAST_MS;
}

int64_t throttle_turn(struct throttle *throttle, const uint8_t peer[16], int64_t now_ms)
{
    uint8_t address[16];
    int64_t turn_ms = now_ms;
    address_of_peer(peer, address);
    pthread_mutex_lock(&throttle->lock);
    struct throttle_row *row = find(place_of(throttle, address), address, now_ms);
    if (row != NULL && row->failures >= THROTTLE_FREE) {
        if (row->next_ms > turn_ms)
            turn_ms = row->next_ms;
        if (turn_ms - now_ms > THROTTLE_WAIT_MS)
            turn_ms = -1;
        else
            row->next_ms = turn_ms + delay_ms(row->failures);
    }
    pthread_mutex_unlock(&throttle->lock);
    return turn_ms;
}

/* A row for an address that has none: a free one, or the one that failed longest ago. */
static struct throttle_row *claim(struct throttle_row *place)
{
    struct throttle_row *row = &place[0];
    for (int i = 0; i < WAYS && row->failures > 0; i++) {
        if (place[i].failures == 0 || place[i].failed_ms < row->failed_ms)
            row = &place[i];
    }
    return row;
}

void throttle_failed(struct throttle *throttle, const uint8_t peer[16], int64_t now_ms)
{
    uint8_t address[16];
    address_of_peer(peer, address);
    pthread_mutex_lock(&throttle->lock);
    struct throttle_row *place = place_of(throttle, address);
    struct throttle_row *row = find(place, address, now_ms);
    if (row == NULL) {
        row = claim(place);
        *row = (struct throttle_row){.failures = 0};
        memcpy(row->address, address, sizeof row->address);
    }
    row->failures++;
    row->failed_ms = now_ms;
    if (row->failures == THROTTLE_FREE)
        row->next_ms = now_ms + delay_ms(row->failures);
    pthread_mutex_unlock(&throttle->lock);
}

void throttle_passed(struct throttle *throttle, const uint8_t peer[16])
{
    uint8_t address[16];
    address_of_peer(peer, address);
    pthread_mutex_lock(&throttle->lock);
    struct throttle_row *row = find(place_of(throttle, address), address, INT64_MIN / 2);
    if (row != NULL)
        row->failures = 0;
    pthread_mutex_unlock(&throttle->lock);
}
