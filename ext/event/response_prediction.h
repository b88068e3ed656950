/* What a member of the response metadata most likely is, judged from the members before
 * it, the event's time and its columns. The packed form keeps only what differs.
 * Internal to ext/event/. Pure. */
#ifndef USAGE_EXT_EVENT_RESPONSE_PREDICTION_H
#define USAGE_EXT_EVENT_RESPONSE_PREDICTION_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/event/response_metadata_private.h"

/* The order in which members are predicted: a prediction reads members before its own
 * only. Part of the packed form: changing it needs a new version. */
extern const uint8_t response_prediction_order[RESPONSE_MEMBER_COUNT];

struct response_prediction {
    const struct response_metadata *known; /* at least the members before */
    int64_t timestamp_ms;
    const struct response_metadata_columns *columns;
    double used_percent; /* of the columns; never -0, which a column cannot hold */
    bool has_derived;
    struct response_metadata derived; /* the quota as it follows from its windows */
};

void response_prediction_init(struct response_prediction *prediction,
                              const struct response_metadata *known, int64_t timestamp_ms,
                              const struct response_metadata_columns *columns);

/* The predicted value; not present when the member is most likely absent. To be called
 * in the order above. */
struct response_value response_predict(struct response_prediction *prediction,
                                       enum response_member member);

/* Whether the member can ever be predicted to be there: others need no call. */
bool response_is_predicted(enum response_member member);

#endif
