/* Reason phrases of HTTP statuses. */
#ifndef CPA_SERVER_HTTP_STATUS_TEXT_H
#define CPA_SERVER_HTTP_STATUS_TEXT_H

/* "Not Found" for 404; "Unknown" for a status that this program never sends. */
const char *status_text(int status);

#endif
