/* File paths as text: nothing here looks at the disk. Results are memory to free(). */
#ifndef CPA_SERVER_FILE_PATH_H
#define CPA_SERVER_FILE_PATH_H

/* Without "//", "/./", "x/.." and a trailing '/'; "" becomes ".". */
char *file_path_clean(const char *path);
/* The cleaned folder part; "." for a bare name. */
char *file_path_folder(const char *path);
/* path if it is absolute, else folder/path; cleaned. */
char *file_path_join(const char *folder, const char *path);
/* Cleaned, and absolute from the working directory. */
char *file_path_absolute(const char *path);

#endif
