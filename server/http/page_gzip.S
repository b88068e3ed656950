/* The compressed page as read-only data; the symbols are declared in page_gzip.h. */
    .section .rodata
    .hidden page_gzip
    .globl page_gzip
    .type page_gzip, %object
page_gzip:
    .incbin PAGE_GZIP_FILE
page_gzip_end:
    .size page_gzip, page_gzip_end - page_gzip

    .balign 8
    .hidden page_gzip_len
    .globl page_gzip_len
    .type page_gzip_len, %object
page_gzip_len:
#if __SIZEOF_SIZE_T__ == 8
    .quad page_gzip_end - page_gzip
#else
    .long page_gzip_end - page_gzip
#endif
    .size page_gzip_len, . - page_gzip_len

    /* Without this note the linker would ask for an executable stack. */
    .section .note.GNU-stack, "", %progbits
