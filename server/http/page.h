/* The panel's page: the file that PANEL_PATH names, else the one in the program. */
#ifndef CPA_SERVER_HTTP_PAGE_H
#define CPA_SERVER_HTTP_PAGE_H

/* Entity tags of the embedded page, with their quotes. */
struct page {
    char etag[40];
    char gzip_etag[40];
};

/* Hash the embedded page; once, at start. */
void page_prepare(struct page *out_page);

#endif
