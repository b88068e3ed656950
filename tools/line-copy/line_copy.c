/* line-copy FROM TO: copies a file line by line and makes it durable. The yardstick of
 * tools/bench: what a program costs that looks at every line and does nothing with it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    if (argc != 3) {
        fputs("usage: line-copy FROM TO\n", stderr);
        return 2;
    }
    FILE *from = fopen(argv[1], "r");
    FILE *to = fopen(argv[2], "w");
    if (!from || !to) {
        perror("line-copy");
        return 1;
    }
    while ((len = getline(&line, &size, from)) > 0)
        if (fwrite(line, 1, (size_t)len, to) != (size_t)len)
            break;
    if (ferror(from) || ferror(to) || fflush(to) != 0 || fsync(fileno(to)) != 0) {
        perror("line-copy");
        return 1;
    }
    free(line);
    fclose(from);
    fclose(to);
    return 0;
}
