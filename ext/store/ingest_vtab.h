/* The writable table usage_ingest; see ingest_vtab.c. */
#ifndef USAGE_EXT_STORE_INGEST_VTAB_H
#define USAGE_EXT_STORE_INGEST_VTAB_H

#include "ext/sqlite.h"

extern const sqlite3_module ingest_module;

#endif
