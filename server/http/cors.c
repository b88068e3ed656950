#include "server/http/cors.h"

struct cors_decision cors_decide(char *const *origins, size_t origin_count, struct slice origin)
{
    struct cors_decision decision = {.has_headers = origin_count > 0};
    const struct slice any = SLICE("*");
    for (size_t i = 0; i < origin_count; i++) {
        struct slice item = slice_of_cstr(origins[i]);
        bool is_any = slice_equal(item, any);
        if (!is_any && (origin.len == 0 || !slice_equal(item, origin)))
            continue;
        decision.allow_origin = item;
        decision.varies = !is_any;
        break;
    }
    return decision;
}
