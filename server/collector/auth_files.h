/* The gateway's credential files, kept current in the database, where usage_ingest looks
 * for the account of an event.
 *
 * A thread of its own reads GET /v0/management/auth-files, so that no event ever waits
 * for it (but the first ones, shortly):
 *
 * 1. It reads only after a transport showed that the key is right (auth_files_allow): a
 *    wrong key must not be tried twice.
 * 2. It reads at once when allowed, when the gateway says that credentials changed, and
 *    while events arrive when the last read is AUTH_FILES_TTL_MS old; never more often
 *    than every AUTH_FILES_GAP_MS.
 * 3. A failed read keeps what is stored and counts as a read. A refused one waits for
 *    the next auth_files_allow.
 * 4. The first read ends, whatever it gave, with inbox_release. */
#ifndef CPA_SERVER_COLLECTOR_AUTH_FILES_H
#define CPA_SERVER_COLLECTOR_AUTH_FILES_H

#include "server/collector/endpoint.h"
#include "server/collector/inbox.h"

struct worker;     /* server/db/worker.h */
struct auth_files; /* opaque */

/* Writer and inbox are borrowed and outlive it; endpoint and key are copied. */
struct auth_files *auth_files_start(struct worker *writer, struct inbox *inbox,
                                    const struct endpoint *endpoint, const char *management_key);
/* Cancels a read that is under way. NULL is allowed. */
void auth_files_stop(struct auth_files *files);

/* Any thread; none of them waits. */
void auth_files_allow(struct auth_files *files);   /* the key was accepted */
void auth_files_refresh(struct auth_files *files); /* the gateway says they changed */
void auth_files_touch(struct auth_files *files);   /* an event arrived */

#endif
