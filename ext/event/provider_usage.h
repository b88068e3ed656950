/* The provider_usage section of the response metadata: an xAI account whose included
 * free usage is exhausted (ingest specification, section 17). Internal to ext/event/.
 * Pure. */
#ifndef USAGE_EXT_EVENT_PROVIDER_USAGE_H
#define USAGE_EXT_EVENT_PROVIDER_USAGE_H

#include "ext/arena.h"

struct response_metadata;
struct response_metadata_input;

/* Fill the section, which holds nothing yet, when the event's failure body says so. */
void provider_usage_read(struct arena *arena, struct response_metadata *metadata,
                         const struct response_metadata_input *input);

/* Lay the section of over over that of metadata. One that speaks of another provider,
 * kind, state or code replaces it; an estimated recovery never replaces a reported one. */
void provider_usage_overlay(struct response_metadata *metadata,
                            const struct response_metadata *over);

#endif
