/* Export to a file; see export_file.h. */
#include "ext/jsonl/export_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ext/json.h"
#include "ext/limits.h"

#define PIECE_BYTES ((size_t)1024 * 1024) /* one write; a line may go beyond it */

static int64_t mono_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int file_failure(struct export_report *report, const char *what, const char *path)
{
    (void)snprintf(report->failure, sizeof report->failure, "cannot %s %.120s: %s", what, path,
                   strerror(errno));
    return SQLITE_IOERR;
}

static bool write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(fd, bytes.data, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes = slice_from(bytes, (size_t)written);
    }
    return true;
}

int export_fd(sqlite3 *db, int fd, const struct export_options *options,
              const struct export_progress *progress, struct export_report *out_report)
{
    struct export_reader reader;
    struct text piece;
    bool is_done = false;
    int64_t begin_mono_ms = mono_ms();
    memset(out_report, 0, sizeof *out_report);
    int rc = export_reader_open(&reader, db, options);
    if (rc != SQLITE_OK)
        return rc;
    text_init(&piece, LIMIT_EVENT_ARENA_BYTES);
    while (rc == SQLITE_OK && !is_done) {
        text_empty(&piece);
        rc = export_reader_fill(&reader, &piece, PIECE_BYTES, &is_done);
        if (rc == SQLITE_OK && !write_all(fd, text_slice(&piece)))
            rc = file_failure(out_report, "write", "the export");
        out_report->events = reader.events;
        out_report->bytes += (int64_t)piece.len;
        out_report->elapsed_ms = mono_ms() - begin_mono_ms;
        if (rc == SQLITE_OK && progress && !progress->piece(progress->arg, out_report))
            rc = SQLITE_INTERRUPT;
    }
    if (rc == SQLITE_CORRUPT && sqlite3_errcode(db) != rc) /* SQLite itself sees nothing wrong */
        (void)snprintf(out_report->failure, sizeof out_report->failure,
                       "the ledger is damaged: an event refers to what is not there");
    text_clear(&piece);
    export_reader_close(&reader);
    return rc;
}

/* The name that the file has until it is whole. */
static char *part_path(const char *path)
{
    return sqlite3_mprintf("%s.part", path);
}

int export_file(sqlite3 *db, const char *path, const struct export_options *options,
                const struct export_progress *progress, struct export_report *out_report)
{
    memset(out_report, 0, sizeof *out_report);
    char *part = part_path(path);
    if (!part)
        return SQLITE_NOMEM;
    int rc = SQLITE_OK;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        rc = file_failure(out_report, "create", part);
        goto done;
    }
    rc = export_fd(db, fd, options, progress, out_report);
    if (rc == SQLITE_OK && fsync(fd) != 0)
        rc = file_failure(out_report, "write", part);
    if (close(fd) != 0 && rc == SQLITE_OK)
        rc = file_failure(out_report, "write", part);
    if (rc == SQLITE_OK && rename(part, path) != 0)
        rc = file_failure(out_report, "replace", path);
    if (rc != SQLITE_OK)
        (void)unlink(part); /* the failure itself is told */
done:
    sqlite3_free(part);
    return rc;
}

void export_report_json(struct text *out, const struct export_report *report)
{
    text_add_cstr(out, "{\"events\":");
    text_add_int64(out, report->events);
    text_add_cstr(out, ",\"bytes\":");
    text_add_int64(out, report->bytes);
    text_add_cstr(out, ",\"seconds\":");
    json_write_double(out, (double)report->elapsed_ms / 1000);
    text_add_char(out, '}');
}
