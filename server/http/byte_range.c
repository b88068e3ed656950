#include "server/http/byte_range.h"

static bool to_position(struct slice digits, int64_t *out_value)
{
    return digits.len > 0 && digits.data[0] >= '0' && digits.data[0] <= '9' &&
           slice_to_int64(digits, out_value, NULL);
}

enum byte_range_result byte_range_parse(struct slice header, int64_t size_bytes, int64_t *out_first,
                                        int64_t *out_len)
{
    const struct slice unit = SLICE("bytes=");
    if (!slice_starts_with(header, unit))
        return BYTE_RANGE_WHOLE;
    struct slice spec = slice_trim_ascii(slice_from(header, unit.len));
    ptrdiff_t dash = slice_find(spec, SLICE("-"));
    if (dash < 0)
        return BYTE_RANGE_WHOLE;
    struct slice before = slice_first(spec, (size_t)dash);
    struct slice after = slice_from(spec, (size_t)dash + 1);
    int64_t first = 0;
    int64_t last = size_bytes - 1;
    if (before.len == 0) {
        int64_t wanted;
        if (!to_position(after, &wanted))
            return BYTE_RANGE_WHOLE;
        if (wanted == 0)
            return BYTE_RANGE_OUTSIDE;
        first = wanted < size_bytes ? size_bytes - wanted : 0;
    } else {
        if (!to_position(before, &first))
            return BYTE_RANGE_WHOLE;
        if (after.len > 0 && (!to_position(after, &last) || last < first))
            return BYTE_RANGE_WHOLE;
        if (last > size_bytes - 1)
            last = size_bytes - 1;
    }
    if (first >= size_bytes)
        return BYTE_RANGE_OUTSIDE;
    *out_first = first;
    *out_len = last - first + 1;
    return BYTE_RANGE_PART;
}
