#include "server/collector/json_elements.h"

void json_elements_init(struct json_elements *elements, struct slice text)
{
    struct slice trimmed = slice_trim_ascii(text);
    elements->is_array = trimmed.len > 0 && trimmed.data[0] == '[';
    elements->is_complete = false;
    elements->rest = slice_from(trimmed, 1);
}

/* Position of the comma or bracket that ends the element at the front; text.len when
 * the text ends first. */
static size_t element_end(struct slice text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t at = 0; at < text.len; at++) {
        char c = text.data[at];
        if (in_string) {
            if (c == '\\')
                at++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == ',' || c == ']') && depth == 0) {
            return at;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return text.len;
}

bool json_elements_next(struct json_elements *elements, struct slice *out_element)
{
    size_t end = 0;
    if (!elements->is_array || elements->is_complete)
        return false;
    end = element_end(elements->rest);
    if (end == elements->rest.len)
        return false;
    *out_element = slice_trim_ascii(slice_first(elements->rest, end));
    elements->is_complete = elements->rest.data[end] == ']';
    elements->rest = slice_from(elements->rest, end + 1);
    return out_element->len > 0 || !elements->is_complete;
}
