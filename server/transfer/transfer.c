/* Threads and sessions of imports: see transfer.h. */
#include "server/transfer/transfer.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "server/memory.h"
#include "server/transfer/import_work.h"
#include "server/transfer/limits.h"

struct transfer {
    char *db_path;
    atomic_bool is_stopping;
    struct task_pool *pool;
};

struct transfer *transfer_start(const struct config *config, const char *db_path, char **out_error)
{
    struct transfer *transfer = memory_zeroed(sizeof *transfer);
    (void)config;
    transfer->db_path = memory_copy_cstr(db_path);
    transfer->pool = task_pool_start(LIMIT_IMPORT_THREADS, LIMIT_IMPORT_QUEUE);
    if (transfer->pool == NULL) {
        *out_error = memory_copy_cstr("the system refuses to start threads");
        transfer_stop(transfer);
        transfer = NULL;
    }
    return transfer;
}

struct task_pool *transfer_pool(struct transfer *transfer)
{
    return transfer->pool;
}

void transfer_import(struct transfer *transfer, struct slice bytes, bool (*is_wanted)(void *arg),
                     void *arg, struct import_result *out_result)
{
    const struct import_work work = {.db_path = transfer->db_path,
                                     .is_stopping = &transfer->is_stopping,
                                     .is_wanted = is_wanted,
                                     .arg = arg};
    struct record_reader *reader = NULL;
    char reason[256] = "";
    (void)record_reader_open_bytes(bytes, &reader, reason, sizeof reason); /* reader tells */
    import_work_run(&work, reader, reason, out_result);
}

void transfer_stop(struct transfer *transfer)
{
    if (transfer == NULL)
        return;
    atomic_store(&transfer->is_stopping, true);
    task_pool_stop(transfer->pool);
    free(transfer->db_path);
    free(transfer);
}
