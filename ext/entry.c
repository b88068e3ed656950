/* The table of contents of the extension: every function and table it registers, and
 * nothing else in the tree registers anything. All share one struct connection, of which
 * each registration holds a reference. */
#include "ext/sqlite.h"
#ifndef SQLITE_CORE
SQLITE_EXTENSION_INIT1
#endif

#include <sodium.h>

#include "ext/entry.h"
#include "ext/jsonl/job_fn.h"
#include "ext/jsonl/jsonl_vtab.h"
#include "ext/secret/secret_fn.h"
#include "ext/store/auth_files_vtab.h"
#include "ext/store/connection.h"
#include "ext/store/functions.h"
#include "ext/store/ingest_vtab.h"
#include "ext/store/schema.h"

#define PURE (SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS)
#define READS (SQLITE_UTF8 | SQLITE_INNOCUOUS)   /* reads the ledger's own tables */
#define DIRECT (SQLITE_UTF8 | SQLITE_DIRECTONLY) /* never from a view or trigger */

typedef void function_callback(sqlite3_context *context, int argc, sqlite3_value **argv);

/* clang-format off */
static const struct function_row {
    const char *name;
    int arguments;
    int flags;
    function_callback *callback;
} functions[] = {
    /* SQL name               args  flags   callback                what a reader needs to know */
    /* --- the ledger --- */
    {"usage_init",               0, DIRECT, schema_init_fn       }, /* makes or upgrades the tables -> version */
    {"usage_response_metadata",  1, READS,  response_metadata_fn }, /* event id -> JSON text or NULL */
    /* --- rules of an event, one at a time --- */
    {"usage_event_hash",         1, PURE,   event_hash_fn        }, /* JSON event -> 64 hex digits or NULL */
    {"usage_model",              1, PURE,   model_fn             }, /* model name -> without thinking suffix */
    {"usage_account_key",        8, PURE,   account_key_fn       }, /* account columns -> key or NULL */
    /* --- whole jobs on files: called alone, they commit by themselves --- */
    {"usage_import",             1, DIRECT, import_fn            }, /* path -> JSON report */
    {"usage_import",             2, DIRECT, import_fn            }, /* path, gateway -> JSON report */
    {"usage_export",             1, DIRECT, export_fn            }, /* path -> JSON report */
    {"usage_export",             2, DIRECT, export_fn            }, /* path, from_ms -> JSON report */
    {"usage_export",             3, DIRECT, export_fn            }, /* path, from_ms, to_ms */
    {"usage_export",             4, DIRECT, export_fn            }, /* path, from_ms, to_ms, limit */
    /* --- secrets: only ever called from top-level SQL --- */
    {"usage_secret_open",        2, DIRECT, secret_open_fn       }, /* enc:v1:... and key -> text, or error */
    {"usage_secret_seal",        2, DIRECT, secret_seal_fn       }, /* text and key -> enc:v1:... */
};

static const struct module_row {
    const char *name;
    const sqlite3_module *module;
} modules[] = {
    {"usage_ingest",     &ingest_module    }, /* writable: one payload in, one event stored */
    {"usage_jsonl",      &jsonl_module     }, /* (path): the lines of a file */
    {"usage_auth_files", &auth_files_module}, /* (body): the gateway's credential files */
};
/* clang-format on */

static int fail(sqlite3 *db, char **out_error, const char *name, int rc)
{
    if (out_error)
        *out_error = sqlite3_mprintf("usage: cannot register %s: %s", name, sqlite3_errmsg(db));
    return rc;
}

/* Register everything; each success and each failure takes or drops one reference. */
static int register_all(sqlite3 *db, struct connection *connection, char **out_error)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const struct function_row *row = &functions[i];
        connection_ref(connection);
        int rc = sqlite3_create_function_v2(db, row->name, row->arguments, row->flags, connection,
                                            row->callback, NULL, NULL, connection_unref);
        if (rc != SQLITE_OK)
            return fail(db, out_error, row->name, rc);
    }
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        connection_ref(connection);
        int rc = sqlite3_create_module_v2(db, modules[i].name, modules[i].module, connection,
                                          connection_unref);
        if (rc != SQLITE_OK)
            return fail(db, out_error, modules[i].name, rc);
    }
    return SQLITE_OK;
}

int sqlite3_usage_init(sqlite3 *db, char **out_error, const sqlite3_api_routines *api)
{
    SQLITE_EXTENSION_INIT2(api);
    (void)api;
    if (sodium_init() < 0)
        return fail(db, out_error, "libsodium", SQLITE_ERROR);
    struct connection *connection = connection_new(db);
    if (!connection)
        return SQLITE_NOMEM;
    int rc = register_all(db, connection, out_error);
    connection_unref(connection);
    return rc;
}
