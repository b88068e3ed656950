/* Comparing an event with the row it should give; used by the tests of events. */
#ifndef USAGE_TESTS_EXT_EVENT_CHECK_H
#define USAGE_TESTS_EXT_EVENT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "ext/arena.h"
#include "ext/event/event.h"
#include "ext/json.h"

/* Fails the test, naming label and column, unless every column of the event equals the
 * member of row with that name. A column without a member must be NULL; with
 * zero_is_left_out it may be 0 too. The snapshot time and created_at_ms are not compared. */
void event_check_row(struct arena *arena, const char *label, const struct event *event,
                     const struct json *row, bool zero_is_left_out);

/* Fails unless the column's value is the text given; NULL stands for NULL. */
void event_check_column(struct arena *arena, const char *label, const struct event *event,
                        const char *column, const char *expected);

/* A file of tests/data, whole; freed with free. Fails the test when it cannot be read. */
struct slice event_check_file(const char *path);
/* The next line of *rest, without its end; *rest moves behind it. False at the end. */
bool event_check_line(struct slice *rest, struct slice *out_line);

#endif
