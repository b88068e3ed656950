/* Members of an exported line; see export_members.h. */
#include "ext/jsonl/export_members.h"

#include "ext/json.h"

void export_add_text_always(struct text *out, const char *name, struct slice value)
{
    text_add_cstr(out, name);
    json_write_string(out, value);
    text_add_char(out, ',');
}

void export_add_text(struct text *out, const char *name, struct slice value)
{
    if (value.len > 0)
        export_add_text_always(out, name, value);
}

void export_add_int64(struct text *out, const char *name, int64_t value)
{
    text_add_cstr(out, name);
    text_add_int64(out, value);
    text_add_char(out, ',');
}
