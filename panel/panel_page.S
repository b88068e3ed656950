/* The built page as read-only data; the symbols are declared in panel_page.h. */
    .section .rodata
    .hidden panel_page
    .globl panel_page
    .type panel_page, %object
panel_page:
    .incbin PANEL_PAGE_FILE
panel_page_end:
    .size panel_page, panel_page_end - panel_page

    .balign 8
    .hidden panel_page_len
    .globl panel_page_len
    .type panel_page_len, %object
panel_page_len:
#if __SIZEOF_SIZE_T__ == 8
    .quad panel_page_end - panel_page
#else
    .long panel_page_end - panel_page
#endif
    .size panel_page_len, . - panel_page_len

    /* Without this note the linker would ask for an executable stack. */
    .section .note.GNU-stack, "", %progbits
