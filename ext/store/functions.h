/* The SQL functions of the store and of single rules; see functions.c. */
#ifndef USAGE_EXT_STORE_FUNCTIONS_H
#define USAGE_EXT_STORE_FUNCTIONS_H

#include "ext/sqlite.h"

/* usage_event_hash(payload): the event hash, 64 hex digits; NULL when the payload cannot
 * be an event. A payload without a usable time is hashed with time 0. */
void event_hash_fn(sqlite3_context *context, int argc, sqlite3_value **argv);
/* usage_model(name): the model name without a known thinking suffix; NULL gives ''. */
void model_fn(sqlite3_context *context, int argc, sqlite3_value **argv);
/* usage_account_key(auth_file, auth_index, source, account, label, auth_provider, provider,
 * project): the account key of those columns of usage_events; NULL when they identify
 * none. */
void account_key_fn(sqlite3_context *context, int argc, sqlite3_value **argv);
/* usage_response_metadata(id): the response metadata of an event as JSON text; NULL when
 * there is none, or no such event. Its user data is the struct connection. */
void response_metadata_fn(sqlite3_context *context, int argc, sqlite3_value **argv);

#endif
