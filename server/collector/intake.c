#include "server/collector/intake.h"

#include "server/clock.h"

void intake_take(void *context, struct slice payload)
{
    struct intake *intake = context;
    const int64_t now_ms = clock_wall_ms();
    const enum payload_kind kind = payload_kind_of(payload);
    if (kind == PAYLOAD_BLANK)
        return;
    atomic_store(&intake->last_consumed_at_ms, now_ms);
    if (kind == PAYLOAD_REFRESH) {
        if (intake->files != NULL)
            auth_files_refresh(intake->files);
    } else if (kind == PAYLOAD_EVENT) {
        inbox_put(intake->inbox, payload, now_ms);
        if (intake->files != NULL)
            auth_files_touch(intake->files);
    }
}
