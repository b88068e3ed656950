/* Members of an exported line: name, value, comma; left out when empty. */
#ifndef USAGE_EXT_JSONL_EXPORT_MEMBERS_H
#define USAGE_EXT_JSONL_EXPORT_MEMBERS_H

#include "ext/text.h"

/* name is written with its quotes and colon: "\"model\":". */
void export_add_text(struct text *out, const char *name, struct slice value);
/* As export_add_text, also when value is empty. */
void export_add_text_always(struct text *out, const char *name, struct slice value);
void export_add_int64(struct text *out, const char *name, int64_t value);

#endif
