#include "server/db/result.h"

#include <sqlite3.h>

int result_http_status(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
        return 503;
    case SQLITE_FULL:
        return 507;
    default:
        return 500;
    }
}

const char *result_http_message(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "the database is busy";
    case SQLITE_INTERRUPT:
        return "the query took too long";
    case SQLITE_FULL:
        return "the disk is full";
    case SQLITE_NOMEM:
        return "out of memory";
    default:
        return "database error";
    }
}
