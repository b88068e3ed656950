/* The table-valued function usage_auth_files; see auth_files_vtab.c. */
#ifndef USAGE_EXT_STORE_AUTH_FILES_VTAB_H
#define USAGE_EXT_STORE_AUTH_FILES_VTAB_H

#include "ext/sqlite.h"

extern const sqlite3_module auth_files_module;

#endif
