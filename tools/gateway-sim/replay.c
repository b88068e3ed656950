/* A file of payloads: see replay.h. */
#include "tools/gateway-sim/replay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/gateway-sim/clock.h"
#include "tools/gateway-sim/limits.h"

bool replay_read_file(const char *path, struct bytes *out)
{
    FILE *file = fopen(path, "rb");
    bool is_read = false;
    char chunk[65536];
    size_t got;

    bytes_init(out, LIMIT_FILE_BYTES);
    if (file == NULL) {
        fprintf(stderr, "gateway-sim: cannot open %s: %s\n", path, strerror(errno));
        goto done;
    }
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        bytes_append(out, chunk, got);
    if (ferror(file) || out->has_failed) {
        fprintf(stderr, "gateway-sim: cannot read %s: %s\n", path,
                out->has_failed ? "the file is larger than 1 GiB" : strerror(errno));
        goto done;
    }
    is_read = true;
done:
    if (file != NULL)
        fclose(file);
    return is_read;
}

bool replay_next_line(const char *text, size_t text_len, size_t *at, const char **out_line,
                      size_t *out_line_len)
{
    while (*at < text_len) {
        const char *line = text + *at;
        const char *end = memchr(line, '\n', text_len - *at);
        size_t len = end == NULL ? text_len - *at : (size_t)(end - line);

        *at += len + 1;
        while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == ' '))
            len--;
        if (len > 0) {
            *out_line = line;
            *out_line_len = len;
            return true;
        }
    }
    return false;
}

static void put_line_now(const char *line, size_t line_len, struct bytes *out)
{
    static const char key[] = "\"timestamp\":\"";
    size_t at = bytes_find(line, line_len, key);
    const char *end;

    if (at < line_len) {
        at += sizeof(key) - 1;
        bytes_append(out, line, at);
        clock_put_rfc3339(out, clock_wall_ns(), true);
        end = memchr(line + at, '"', line_len - at);
        at = end == NULL ? line_len : (size_t)(end - line);
        bytes_append(out, line + at, line_len - at);
    } else {
        bytes_append(out, line, line_len);
    }
}

bool replay_put_next(struct replay *replay, struct bytes *out)
{
    const char *line;
    size_t line_len;

    if (!replay_next_line(replay->text.data, replay->text.len, &replay->at, &line, &line_len))
        return false;
    if (replay->is_now)
        put_line_now(line, line_len, out);
    else
        bytes_append(out, line, line_len);
    return true;
}
