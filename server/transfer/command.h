/* The commands import and export.
 *
 *   cpa-ledger import [--db-path FILE] [--gateway NAME] FILE...     "-": standard input
 *   cpa-ledger export [--db-path FILE] [-o FILE] [--from TIME] [--to TIME] [--limit N]
 *
 * Both work beside a running server and do not take its process lock: that lock keeps a
 * second collector and offline changes of secrets away; events are added in short
 * transactions of SQLite's own, and read without any.
 *
 * On a terminal they show how far they are (on stderr); otherwise they say nothing but
 * what went wrong, as cron wants it. SIGINT and SIGTERM end them: what was imported by
 * then stays, an export's file appears only when it is whole.
 *
 * Status: 0 done, 1 failed, 2 usage, 3 done but some records could not be imported. */
#ifndef CPA_SERVER_TRANSFER_COMMAND_H
#define CPA_SERVER_TRANSFER_COMMAND_H

#include "server/config.h"

enum command_status { COMMAND_DONE, COMMAND_FAILED, COMMAND_USAGE, COMMAND_DONE_IN_PART };

/* argv is what follows the command's word. */
int import_command(int argc, char *const *argv, const struct config_input *input);
int export_command(int argc, char *const *argv, const struct config_input *input);

#endif
