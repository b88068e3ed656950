/* What the windows of a quota add up to (ingest specification, section 16, "Quota
 * derivation"). Internal to ext/event/. Pure. */
#ifndef USAGE_EXT_EVENT_RESPONSE_QUOTA_H
#define USAGE_EXT_EVENT_RESPONSE_QUOTA_H

struct response_metadata;

/* Fill the summary and reached members of the quota from its windows; members that
 * nothing is said about stay as they are. */
void response_quota_derive(struct response_metadata *metadata);

#endif
