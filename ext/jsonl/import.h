/* Import: a whole file into the ledger, in many short transactions.
 *
 * Called by usage_import(), by the server's uploads and by the command line. Records are
 * read and normalised in batches without any lock; each batch is stored in a transaction
 * that lasts at most LIMIT_IMPORT_TRANSACTION_MS, and at least LIMIT_IMPORT_PAUSE_MS pass
 * between two: SQLite's locks are not fair, so without that a second writer would not get
 * in. What was committed stays; importing the same file again adds the rest and doubles
 * nothing. */
#ifndef USAGE_EXT_JSONL_IMPORT_H
#define USAGE_EXT_JSONL_IMPORT_H

#include "ext/jsonl/record_reader.h"
#include "ext/sqlite.h"

#define IMPORT_ERRORS_KEPT 20 /* the first ones; all are counted */

struct import_error {
    int64_t line;
    int64_t byte_offset;
    char text[192];
};

struct import_report {
    enum record_format format;
    int64_t added;
    int64_t skipped;     /* known already */
    int64_t failed;      /* records that cannot be events */
    int64_t unsupported; /* legacy models without details */
    int64_t bytes;       /* read from the file */
    int64_t elapsed_ms;
    int error_count; /* of errors */
    struct import_error errors[IMPORT_ERRORS_KEPT];
    bool is_complete;        /* the end of the file was reached */
    bool is_cancelled;       /* by the callback */
    bool is_persist_failure; /* the database failed: the same file can be tried again */
    char failure[256];       /* why it is not complete */
};

struct import_options {
    struct slice gateway; /* "default" when empty */
    /* After every transaction, and while a file is read that gives nothing to store, each
     * LIMIT_IMPORT_ASK_MS; never inside a transaction. False cancels. NULL: not called. */
    bool (*progress)(void *arg, const struct import_report *report, int64_t bytes_total);
    void *arg;
};

/* Import all records of reader through db, which must be in autocommit mode with no
 * statement that reads or writes. SQLITE_OK when the end was reached or the content
 * itself failed (see is_complete); an error when the database did. */
int import_run(sqlite3 *db, struct record_reader *reader, const struct import_options *options,
               struct import_report *out_report);

/* The report as one JSON object. */
void import_report_json(struct text *out, const struct import_report *report);

#endif
