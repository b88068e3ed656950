/* The little JSON that the gateway needs: strings as Go writes them, and a validity check. */
#ifndef TOOLS_GATEWAY_SIM_JSON_TEXT_H
#define TOOLS_GATEWAY_SIM_JSON_TEXT_H

#include "tools/gateway-sim/bytes.h"

/*
 * Appends text as a JSON string with Go's escapes: <, > and & as \u003c and so on, each
 * invalid UTF-8 byte as \ufffd.
 */
void json_put_string(struct bytes *out, const char *text, size_t text_len);

/*
 * Append a key, given with all that stands before its value (",\"size\":"), and a value:
 * a number, or a text that needs no escapes.
 */
void json_put_key_int(struct bytes *out, const char *key_with_colon, int64_t value);
void json_put_key_plain(struct bytes *out, const char *key_with_colon, const char *plain_cstr);

/* True when the text is exactly one JSON value of at most 1,000 levels. */
bool json_is_valid(const char *text, size_t text_len);

#endif
