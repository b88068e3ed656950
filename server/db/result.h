/* Where SQLite's result codes and HTTP's statuses meet. */
#ifndef CPA_SERVER_DB_RESULT_H
#define CPA_SERVER_DB_RESULT_H

/* 503 when trying again may help, 507 when the disk is full, else 500. */
int result_http_status(int rc);
/* What the client is told: nothing of the statement or of the file. Static text. */
const char *result_http_message(int rc);

#endif
