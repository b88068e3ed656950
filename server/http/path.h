/* Request paths and queries: cleaning, decoding, parameters. Pure. */
#ifndef CPA_SERVER_HTTP_PATH_H
#define CPA_SERVER_HTTP_PATH_H

#include <stdbool.h>

#include "ext/text.h"

/* Append the path without empty, "." and ".." segments, beginning with one "/"; a "/"
 * at its end stays. Escapes are left alone. */
void path_clean(struct text *out, struct slice path);
/* Append the bytes that the escapes stand for. false (out then has a part) at a broken
 * escape. */
bool path_decode(struct text *out, struct slice path);
/* Without the "/" at its end, however many; never shorter than "/". */
struct slice path_without_slashes(struct slice path);
/* Append the decoded value of the first parameter of that name ("+" is a space). false
 * when there is none or it is broken. */
bool query_value(struct text *out, struct slice query, struct slice name);

#endif
