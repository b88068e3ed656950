/* The table-valued function usage_jsonl; see jsonl_vtab.c. */
#ifndef USAGE_EXT_JSONL_JSONL_VTAB_H
#define USAGE_EXT_JSONL_JSONL_VTAB_H

#include "ext/sqlite.h"

extern const sqlite3_module jsonl_module;

#endif
