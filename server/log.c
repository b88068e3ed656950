#include "server/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Longer lines are cut. */
#define LINE_BYTES 4096

void log_line(const char *format, ...)
{
    char line[LINE_BYTES + 1];
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    size_t start = strftime(line, sizeof line, "%Y/%m/%d %H:%M:%S ", &local);

    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(line + start, sizeof line - start, format, arguments);
    va_end(arguments);
    if (wanted < 0)
        return;

    size_t len = start + (size_t)wanted;
    if (len > sizeof line - 1)
        len = sizeof line - 1;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c < 0x20 || c == 0x7f)
            line[i] = ' ';
    }
    line[len] = '\n'; /* where the NUL was */
    ssize_t written = write(STDERR_FILENO, line, len + 1);
    (void)written; /* nowhere left to complain */
}
