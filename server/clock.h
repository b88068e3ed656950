/* The two clocks. */
#ifndef CPA_SERVER_CLOCK_H
#define CPA_SERVER_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970, UTC; may jump. */
int64_t clock_wall_ms(void);
/* Milliseconds since some point in the past; never goes back. */
int64_t clock_mono_ms(void);

#endif
