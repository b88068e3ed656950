/* Admin authentication: the one place that decides whether a request has the admin key.
 *
 * The credential is read from the database at start and kept here; nothing else in a
 * running server changes it (the reset command needs the process lock). */
#ifndef CPA_SERVER_HTTP_AUTH_H
#define CPA_SERVER_HTTP_AUTH_H

#include <stdbool.h>

#include "server/secrets/admin_credential.h"

struct exchange;
struct auth; /* opaque; any thread may use it */

/* A copy of the credential; NULL: there is none, and every check fails with 500. */
struct auth *auth_new(const struct admin_credential *credential);
/* Wipes; NULL is allowed. */
void auth_free(struct auth *auth);
/* Replace the credential, forgetting every key that was accepted. */
void auth_replace(struct auth *auth, const struct admin_credential *credential);

/* Loop thread: call passed if the request has the admin key, else answer 401 (429 when
 * the address tries too often, see throttle.h). The key is wiped from the exchange. The
 * call may come later than this function returns. */
void auth_require(struct exchange *exchange, void (*passed)(struct exchange *exchange));

#endif
