/* The SQL functions of whole jobs; see job_fn.c. */
#ifndef USAGE_EXT_JSONL_JOB_FN_H
#define USAGE_EXT_JSONL_JOB_FN_H

#include "ext/sqlite.h"

/* usage_import(path [, gateway]): import the file; a JSON report. */
void import_fn(sqlite3_context *context, int argc, sqlite3_value **argv);
/* usage_export(path [, from_ms [, to_ms [, limit]]]): write the events to the file; a JSON
 * report. NULL stands for no bound. */
void export_fn(sqlite3_context *context, int argc, sqlite3_value **argv);

#endif
