/* Files and folders that only their owner may read: folders 0700, files 0600.
 *
 * Errors are one line without a prefix, in memory to free(). */
#ifndef CPA_SERVER_PRIVATE_FILE_H
#define CPA_SERVER_PRIVATE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext/text.h"

enum private_file_result {
    PRIVATE_FILE_OK,
    PRIVATE_FILE_ABSENT, /* no such file; *out_error is set too */
    PRIVATE_FILE_FAILED
};

/* Make the folder and its missing parents, each 0700. Folders that exist stay as they
 * are. 0, or an errno. */
int private_file_make_folder(const char *path);
/* Read a whole file of at most limit bytes. *out_text is NUL-terminated, to be wiped
 * (memory_wipe_cstr) or freed; *out_len its length. Failure: *out_error is the reason
 * alone ("No such file or directory", "larger than 65536 bytes"). */
enum private_file_result private_file_read(const char *path, size_t limit, char **out_text,
                                           size_t *out_len, char **out_error);
/* Create the file 0600 with this content and sync it and its folder. Fails when it
 * exists: nothing is ever overwritten. Missing parents are made. false: *out_error. */
bool private_file_create(const char *path, struct slice content, char **out_error);
/* Create an empty file 0600 unless something is there already: SQLite gives its -wal
 * and -shm the mode of the database file. false: *out_error. */
bool private_file_ensure(const char *path, char **out_error);

#endif
