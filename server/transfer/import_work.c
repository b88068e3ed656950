/* An import with a connection of its own: see import_work.h. */
#include "server/transfer/import_work.h"

#include <stdlib.h>

#include "server/db/connection.h"

static bool go_on(void *arg, const struct import_report *report, int64_t bytes_total)
{
    const struct import_work *work = arg;
    (void)report;
    (void)bytes_total;
    return !atomic_load(work->is_stopping) &&
           (work->is_wanted == NULL || work->is_wanted(work->arg));
}

void import_work_run(const struct import_work *work, struct record_reader *reader,
                     const char *reason, struct import_result *out_result)
{
    struct connection connection;
    struct import_report report;
    struct import_options options = {.progress = go_on, .arg = (void *)(uintptr_t)work};
    char *error = NULL;
    if (reader == NULL) {
        import_result_fail(out_result, IMPORT_NOT_STORED, reason);
        return;
    }
    if (connection_open(&connection, WORKER_WRITER, work->db_path, work->is_stopping, &error) !=
        SQLITE_OK) {
        import_result_fail(out_result, IMPORT_NOT_STORED, error);
    } else {
        if (work->is_session)
            record_reader_refuse_duplicates(reader);
        int rc = import_run(connection.db, reader, &options, &report);
        import_result_make(out_result, rc, &report, reader, work->is_session);
        connection_close(&connection);
    }
    free(error);
    record_reader_close(reader);
}
