/* One upload session: what is known of it, as the API shows it and as its metadata file
 * keeps it between two runs of the program. Pure.
 *
 * Example, as shown: {"id":"<32 hex>","filename":"a.jsonl","status":"ready",
 * "size_bytes":9,"received_bytes":9,"chunk_size_bytes":9,"created_at_ms":1,
 * "updated_at_ms":1,"expires_at_ms":86400001,"retryable":false}. error and result follow
 * when there are any; the file also has resume_key and cancel_requested. */
#ifndef CPA_SERVER_TRANSFER_SESSION_H
#define CPA_SERVER_TRANSFER_SESSION_H

#include "server/transfer/import_result.h"

#define SESSION_ID_LEN 32 /* lower-case hex digits; also of a resume key */

enum session_status {
    SESSION_UPLOADING,
    SESSION_READY,
    SESSION_PROCESSING,
    SESSION_COMPLETED,
    SESSION_FAILED,
    SESSION_CANCELLED,
    SESSION_STATUS_COUNT
};

struct session {
    char id[SESSION_ID_LEN + 1];
    char resume_key[SESSION_ID_LEN + 1]; /* empty: none */
    char *filename;                      /* owned; for display only */
    enum session_status status;
    int64_t size_bytes; /* declared */
    int64_t received_bytes;
    int64_t chunk_bytes;
    int64_t created_at_ms;
    int64_t updated_at_ms;
    int64_t expires_at_ms;
    bool is_retryable;
    bool is_cancel_requested;
    bool has_result;
    struct import_result result;
    char error[256]; /* empty: none */
};

void session_clear(struct session *session);
/* Exactly SESSION_ID_LEN lower-case hex digits. */
bool session_is_id(struct slice text);
/* The name to show for the one given: its last path element, without NUL, cut to 240
 * characters, "usage-import.jsonl" when nothing is left. To free(). */
char *session_filename(struct slice given);
/* Whether it holds its declared size of the quota and one of the active sessions. */
bool session_is_live(const struct session *session);
/* Append the object; with_private: as in the metadata file. */
void session_write(struct text *out, const struct session *session, bool with_private);
/* Read a metadata file. false when anything in it is not as it should be; out_session is
 * then cleared. */
bool session_read(struct slice text, struct session *out_session);

#endif
