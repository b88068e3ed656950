/* Runs an import on a writing connection of its own, on a thread that may wait.
 *
 * The program's writer is not used: it would be held for as long as the import takes.
 * The import takes the database's lock for at most a tenth of a second at a time and then
 * leaves it to others (import.h), so the writer waits shortly now and then, exactly as
 * beside an import by cron. */
#ifndef CPA_SERVER_TRANSFER_IMPORT_WORK_H
#define CPA_SERVER_TRANSFER_IMPORT_WORK_H

#include <stdatomic.h>

#include "server/transfer/import_result.h"

struct import_work {
    const char *db_path;
    const atomic_bool *is_stopping; /* the program ends: so does the import, soon */
    bool is_session;                /* duplicate structural keys are refused */
    bool (*is_wanted)(void *arg);   /* asked between transactions; NULL: it is */
    void *arg;
};

/* Import the reader's records; the reader is closed in the end. reader is NULL when the
 * content could not be opened, and reason then says why. */
void import_work_run(const struct import_work *work, struct record_reader *reader,
                     const char *reason, struct import_result *out_result);

#endif
