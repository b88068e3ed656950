#include "server/collector/failure.h"

#include <stdarg.h>
#include <stdio.h>

enum failure_kind failure_set(struct failure *out_failure, enum failure_kind kind,
                              const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(out_failure->text, sizeof out_failure->text, format, arguments);
    va_end(arguments);
    out_failure->kind = kind;
    return kind;
}

enum failure_kind failure_of_wire(struct failure *out_failure, enum wire_result result,
                                  const struct wire *wire)
{
    static const enum failure_kind kinds[] = {
        [WIRE_OK] = FAILURE_NONE,        [WIRE_DOWN] = FAILURE_DOWN,
        [WIRE_BROKEN] = FAILURE_BROKEN,  [WIRE_NO_RESP] = FAILURE_UNSUPPORTED,
        [WIRE_TIMEOUT] = FAILURE_BROKEN, [WIRE_STOPPED] = FAILURE_STOPPED,
    };
    return failure_set(out_failure, kinds[result], "%s", wire->error);
}

/* Error texts of the gateway: section 2 and 4 of the ingest specification, and what a
 * Redis server says to a client without its password. */
static const struct {
    struct slice part; /* of the reply; lower case */
    enum failure_kind kind;
} replies[] = {
    /* clang-format off */
    {{"unknown command", 15},                FAILURE_UNSUPPORTED},
    {{"unsupported", 11},                    FAILURE_UNSUPPORTED},
    {{"resp auth disabled", 18},             FAILURE_UNSUPPORTED},
    {{"redis usage output disabled", 27},    FAILURE_UNSUPPORTED},
    {{"management key", 14},                 FAILURE_REFUSED}, /* invalid, missing, not set */
    {{"ip banned", 9},                       FAILURE_REFUSED},
    {{"remote management disabled", 26},     FAILURE_REFUSED},
    {{"noauth", 6},                          FAILURE_REFUSED},
    {{"wrongpass", 9},                       FAILURE_REFUSED},
    {{"invalid password", 16},               FAILURE_REFUSED},
    /* clang-format on */
};

static bool contains_nocase(struct slice text, struct slice part)
{
    for (size_t at = 0; at + part.len <= text.len; at++)
        if (slice_equal_nocase(slice_first(slice_from(text, at), part.len), part))
            return true;
    return false;
}

enum failure_kind failure_of_reply(struct failure *out_failure, struct slice reply)
{
    enum failure_kind kind = FAILURE_BROKEN;
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        if (contains_nocase(reply, replies[i].part)) {
            kind = replies[i].kind;
            break;
        }
    }
    return failure_set(out_failure, kind, "%.*s", (int)reply.len, reply.data);
}
