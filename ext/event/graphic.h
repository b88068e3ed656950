/* Which characters of Unicode show as something: letters, marks, numbers, punctuation
 * and symbols. Called by request_text.c. Pure. */
#ifndef USAGE_EXT_EVENT_GRAPHIC_H
#define USAGE_EXT_EVENT_GRAPHIC_H

#include <stdbool.h>
#include <stdint.h>

/* Categories L, M, N, P and S: neither white space, controls and format characters,
 * nor what is unassigned, private or a surrogate. */
bool graphic_is_visible(uint32_t rune);

#endif
