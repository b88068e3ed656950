/*
 * Which release of the gateway is simulated. Releases differ in the keys of an event and
 * in a few commands; both ask here.
 */
#ifndef TOOLS_GATEWAY_SIM_RELEASE_H
#define TOOLS_GATEWAY_SIM_RELEASE_H

#include <stdbool.h>

struct release {
    int number; /* major * 1,000,000 + minor * 1,000 + patch */
};

#define RELEASE(major, minor, patch) ((major)*1000000 + (minor)*1000 + (patch))

/* Reads "7.2.140" (an initial "v" is allowed); false and *out untouched otherwise. */
bool release_parse(const char *text_cstr, struct release *out);

/* True when the release is at least the given one, e.g. RELEASE(7, 1, 44). */
bool release_has(struct release release, int since);

#endif
