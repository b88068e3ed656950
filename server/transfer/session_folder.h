/* The folder of the upload sessions: <id>.part with the bytes, <id>.json with the
 * metadata, both for their owner only (0600, the folder 0700).
 *
 * Metadata is replaced as a whole: written beside it, made durable, renamed. Bytes are
 * durable when a write has returned. Failures are errnos; 0 is success. */
#ifndef CPA_SERVER_TRANSFER_SESSION_FOLDER_H
#define CPA_SERVER_TRANSFER_SESSION_FOLDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"

struct session_folder {
    char *path; /* owned */
};

/* Use the folder, made when it is missing. It must be a folder of ours, not a link to
 * one. false: *out_error is one line to free(). */
bool session_folder_open(struct session_folder *folder, const char *path, char **out_error);
void session_folder_clear(struct session_folder *folder);

/* The path of the session's bytes, to free(). */
char *session_folder_part(const struct session_folder *folder, const char *id);
/* Create the session's file of bytes, empty. */
int session_folder_create_part(const struct session_folder *folder, const char *id);
/* Its size. ENOENT also when something else than a plain file is there. */
int session_folder_part_size(const struct session_folder *folder, const char *id,
                             int64_t *out_bytes);
/* Append bytes at the end, which is at offset, and sync. On failure, and with ECANCELED
 * when is_cancelled turns true, the file is as before. */
int session_folder_append(const struct session_folder *folder, const char *id, int64_t offset,
                          struct slice bytes, const atomic_bool *is_cancelled);
/* Remove the bytes; that they are not there is no failure. */
int session_folder_remove_part(const struct session_folder *folder, const char *id);

int session_folder_write_metadata(const struct session_folder *folder, const char *id,
                                  struct slice text);
int session_folder_remove_metadata(const struct session_folder *folder, const char *id);

/* Call found for every metadata file with the id its name says and its text (no data when
 * it cannot be read), then remove what belongs to no session: bytes without metadata, and
 * what a broken-off replacement left. has_session is asked about each id. */
int session_folder_scan(const struct session_folder *folder,
                        void (*found)(void *arg, const char *id, struct slice text),
                        bool (*has_session)(void *arg, const char *id), void *arg);

#endif
