/* Service tiers; see service_tier.h. */
#include "ext/event/service_tier.h"

#include "ext/event/contains.h"

/* Codex answers with the tier it was given; others say what they really used. */
static bool is_codex(const struct event *event)
{
    static const char *const words[] = {"codex", NULL};
    return contains_any(event->executor_type, words) || contains_any(event->provider, words) ||
           contains_any(event->auth_provider_snapshot, words) ||
           contains_any(event->auth_type, words);
}

static struct slice first_of(struct slice a, struct slice b, struct slice c)
{
    return a.len > 0 ? a : b.len > 0 ? b : c;
}

void service_tier_apply(struct event *event)
{
    struct slice request = event->request_service_tier;
    struct slice response = event->response_service_tier;
    struct slice known = event->service_tier;
    event->service_tier =
        is_codex(event) ? first_of(request, known, response) : first_of(response, known, request);
    if (request.len == 0)
        event->request_service_tier = event->service_tier;
}
