/* The page as a file outside the program: read anew for every request, with
 * Last-Modified, If-Modified-Since and Range. */
#ifndef CPA_SERVER_HTTP_PAGE_FILE_H
#define CPA_SERVER_HTTP_PAGE_FILE_H

struct exchange;

/* Keep what page_file_read needs of the request's headers; loop thread. */
void page_file_take_headers(struct exchange *exchange);
/* A task: fill in the answer, or set is_found to false when the file cannot be read. */
void page_file_read(struct exchange *exchange);

#endif
