/* A test's own folder, removed with everything in it at the end. */
#ifndef CPA_TESTS_SERVER_TEMP_FOLDER_H
#define CPA_TESTS_SERVER_TEMP_FOLDER_H

/* Make one; the path is memory to free(). */
char *temp_folder_new(void);
/* Remove it and free the path. NULL is allowed. */
void temp_folder_free(char *path);
/* folder/name, memory to free(). */
char *temp_folder_path(const char *folder, const char *name);
/* Write a file in it, mode 0600. */
void temp_folder_write(const char *folder, const char *name, const char *content);
/* The file's content, memory to free(); NULL when there is none. */
char *temp_folder_read(const char *folder, const char *name);
/* Permission bits of a file or folder, -1 when there is none. */
int temp_folder_mode(const char *folder, const char *name);

#endif
