/* One batch into the database: a job of the writer, committed when ingest_batch
 * returns SQLITE_OK. */
#ifndef CPA_SERVER_COLLECTOR_INGEST_H
#define CPA_SERVER_COLLECTOR_INGEST_H

#include <stdint.h>

#include "server/collector/batch.h"

struct worker; /* server/db/worker.h */

/* The name under which events and credential files are stored: there is one gateway. */
#define INGEST_GATEWAY "default"

struct ingest_counts {
    int64_t added;
    int64_t skipped; /* duplicates */
    int64_t dead;    /* to the dead letters */
};

/* Insert every payload of the batch through usage_ingest, in one transaction; waits for
 * the commit. On success *out_counts tells what became of them; on failure nothing was
 * stored and *out_message (to free()) says why. */
int ingest_batch(struct worker *writer, const struct batch *batch, struct ingest_counts *out_counts,
                 char **out_message);

#endif
