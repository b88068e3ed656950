/* A second extension, for the test of the first: it exports functions under names that
 * usage.so uses inside. SQLite loads every extension into one symbol space, so if usage.so
 * exported its own, or took its own from there, it would run these, and they end the
 * process.
 *
 *     SELECT decoy();  -- 1 */
#include <stdlib.h>

#include <sqlite3ext.h>

SQLITE_EXTENSION_INIT1

#define DECOY(name)                                                                                \
    void name(void);                                                                               \
    void name(void)                                                                                \
    {                                                                                              \
        abort();                                                                                   \
    }

DECOY(arena_init)
DECOY(event_analytics_model)
DECOY(event_hash_fn)
DECOY(event_normalize)
DECOY(ext_alloc)
DECOY(json_parse)
DECOY(model_fn)
DECOY(schema_init_fn)
DECOY(text_init)

static void decoy_fn(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    (void)argv;
    sqlite3_result_int(context, 1);
}

int sqlite3_decoy_init(sqlite3 *db, char **out_error, const sqlite3_api_routines *api);
int sqlite3_decoy_init(sqlite3 *db, char **out_error, const sqlite3_api_routines *api)
{
    SQLITE_EXTENSION_INIT2(api);
    (void)out_error;
    return sqlite3_create_function_v2(db, "decoy", 0, SQLITE_UTF8, NULL, decoy_fn, NULL, NULL,
                                      NULL);
}
