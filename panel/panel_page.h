/*
 * The browser panel as bytes: the built management.html, UTF-8, self-contained.
 * Read only and valid for the life of the process; there is no trailing NUL, so
 * use the length.
 */
#ifndef PANEL_PAGE_H
#define PANEL_PAGE_H

#include <stddef.h>

extern const unsigned char panel_page[];
extern const size_t panel_page_len; /* bytes */

#endif
