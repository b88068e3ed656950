/* Which release of the gateway is simulated: see release.h. */
#include "tools/gateway-sim/release.h"

static const char *read_number(const char *at, int *out)
{
    int value = 0;
    int digits = 0;

    while (*at >= '0' && *at <= '9' && digits < 3) {
        value = value * 10 + (*at++ - '0');
        digits++;
    }
    *out = value;
    return digits == 0 ? "?" : at;
}

bool release_parse(const char *text_cstr, struct release *out)
{
    int part[3];
    int i;

    if (*text_cstr == 'v')
        text_cstr++;
    for (i = 0; i < 3; i++) {
        text_cstr = read_number(text_cstr, &part[i]);
        if (*text_cstr != (i < 2 ? '.' : '\0'))
            return false;
        text_cstr++;
    }
    out->number = RELEASE(part[0], part[1], part[2]);
    return true;
}

bool release_has(struct release release, int since)
{
    return release.number >= since;
}
