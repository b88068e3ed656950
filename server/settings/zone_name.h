/* Names of time zones, checked against the IANA database on this machine. */
#ifndef CPA_SERVER_SETTINGS_ZONE_NAME_H
#define CPA_SERVER_SETTINGS_ZONE_NAME_H

#include <stdbool.h>

/* "", "UTC", "Local", or the name of a file of the database. Names with anything but
 * letters, digits, + - _ and single slashes, or with "..", never reach the disk. */
bool zone_name_is_known(const char *name);

#endif
