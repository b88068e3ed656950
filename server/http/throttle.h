/* Slows down the guessing of keys, per address. Pure but for its lock; time is given.
 *
 * Rules
 *  1. Attempts of an address are judged at once until THROTTLE_FREE of them have failed.
 *  2. After that each attempt gets a turn: the first 250 ms after the one before, and
 *     with every further failure twice as late, up to 4 s. Right keys wait too, or the
 *     wait would tell.
 *  3. An attempt whose turn is further away than THROTTLE_WAIT_MS is refused unjudged.
 *  4. A success, or ten minutes without a failure, forgets the address.
 *  5. IPv6 addresses of one /64 count as one. The table is bounded: in a full place the
 *     address that failed longest ago is forgotten. */
#ifndef CPA_SERVER_HTTP_THROTTLE_H
#define CPA_SERVER_HTTP_THROTTLE_H

#include <stdint.h>

#define THROTTLE_FREE 5
#define THROTTLE_FIRST_MS 250
#define THROTTLE_LAST_MS 4000
#define THROTTLE_WAIT_MS 10000
#define THROTTLE_FORGET_MS (10 * 60 * 1000)

struct throttle; /* opaque; any thread may use it */

struct throttle *throttle_new(void);
void throttle_free(struct throttle *throttle); /* NULL is allowed */
/* The time from which the attempt may be judged (now_ms or later), taking that turn, or
 * -1 for rule 3. Times are monotonic. */
int64_t throttle_turn(struct throttle *throttle, const uint8_t peer[16], int64_t now_ms);
void throttle_failed(struct throttle *throttle, const uint8_t peer[16], int64_t now_ms);
void throttle_passed(struct throttle *throttle, const uint8_t peer[16]);

#endif
