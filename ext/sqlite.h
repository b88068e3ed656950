/* SQLite as the extension sees it: the host's function table in the loadable
 * module, the linked library in the static twin (SQLITE_CORE). Every file of ext
 * that needs SQLite includes this one; entry.c alone holds SQLITE_EXTENSION_INIT1. */
#ifndef USAGE_EXT_SQLITE_H
#define USAGE_EXT_SQLITE_H

#include <sqlite3ext.h>

#ifndef SQLITE_CORE
SQLITE_EXTENSION_INIT3
#endif

#endif
