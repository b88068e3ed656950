/* Read by LeakSanitizer when the program is built with it, otherwise unused: h2o 2.2 frees
 * neither the queue of an event loop that has ended nor what its allocator keeps per
 * thread. Both are made once per loop. */

const char *__lsan_default_suppressions(void); /* the sanitizer's name for it */

const char *__lsan_default_suppressions(void)
{
    return "leak:h2o_multithread_create_queue\n"
           "leak:h2o_mem_alloc_recycle\n";
}
