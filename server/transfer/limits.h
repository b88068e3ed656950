/* The limits of import and export: each number, why it is that number, and what happens
 * beyond it. */
#ifndef CPA_SERVER_TRANSFER_LIMITS_H
#define CPA_SERVER_TRANSFER_LIMITS_H

#include <stddef.h>

/* An import in one request; prescribed. Beyond: 413, and an import session is the way. */
#define LIMIT_IMPORT_BODY_BYTES ((size_t)64 * 1024 * 1024)

/* Imports that run at a time. They share the one writer's lock, so more would not be
 * faster; the second keeps a short one from waiting for a long one. */
#define LIMIT_IMPORT_THREADS 2

/* Imports that wait for a thread; each may hold a body of 64 MiB. Beyond: 503. */
#define LIMIT_IMPORT_QUEUE 4

/* The request that creates a session; prescribed. Beyond: 400. */
#define LIMIT_SESSION_CREATE_BYTES ((size_t)65536)

/* One chunk, whatever is configured: bodies arrive whole. Larger settings act as this. */
#define LIMIT_SESSION_CHUNK_BYTES LIMIT_IMPORT_BODY_BYTES

/* Written between two looks whether the upload was cancelled. */
#define LIMIT_SESSION_WRITE_BYTES ((size_t)1024 * 1024)

/* The shown file name; prescribed. Cut there. */
#define LIMIT_SESSION_NAME_CHARACTERS 240

/* A session's metadata file; a full one has under 4 KiB. Beyond: it is invalid. */
#define LIMIT_SESSION_METADATA_BYTES ((size_t)65536)

/* Sessions in memory, ended ones included, which stay until their time is over. Beyond:
 * the limit of active sessions counts as reached. */
#define LIMIT_SESSIONS_KEPT 1024

/* How often expired sessions are looked for: a quarter of their time, within these. */
#define LIMIT_SESSION_SWEEP_LEAST_MS 1000
#define LIMIT_SESSION_SWEEP_MOST_MS (15 * 60 * 1000)

#endif
