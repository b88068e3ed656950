/* Log lines on stderr: "YYYY/MM/DD HH:MM:SS text", local time, one write each, so that
 * lines of several threads never mix. Never given a secret, except the one line that
 * shows a generated admin key. */
#ifndef CPA_SERVER_LOG_H
#define CPA_SERVER_LOG_H

/* Write one line; text beyond 4 KiB is cut, control characters become
 * spaces. Any thread. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
