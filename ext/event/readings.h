/* Readings that raw events share with exported lines or with legacy details (ingest
 * specification, section 12; usage API specification, 4.5 to 4.7). Internal to
 * ext/event/. Pure. */
#ifndef USAGE_EXT_EVENT_READINGS_H
#define USAGE_EXT_EVENT_READINGS_H

#include "ext/event/record.h"

#define READINGS_CLIENT_KEY_KEYS KEY_api_key, KEY_apiKey, KEY_key

/* executor_type, auth_type, auth_index and the account snapshots under their own names. */
void readings_credential(const struct record *record, struct event *event);
/* reasoning_effort and the three tiers under their own names. */
void readings_tiers(const struct record *record, struct event *event);
/* source and the two hashes, from the unmasked values; provider and auth_type are known. */
void readings_source(const struct record *record, struct event *event);
/* The counts, the times and the cache mode; the names that it is inferred from are known. */
void readings_how_much(const struct record *record, struct event *event);
/* failed, the status, and the redacted summary of a failed event. */
void readings_failure(const struct record *record, struct event *event);

#endif
