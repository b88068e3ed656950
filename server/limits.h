/* The limits of the server: each number, why it is that number, and what happens
 * beyond it. */
#ifndef CPA_SERVER_LIMITS_H
#define CPA_SERVER_LIMITS_H

/* config.json; a full one has under 2 KiB. Beyond: refuse to start. */
#define LIMIT_CONFIG_FILE_BYTES ((size_t)1024 * 1024)

/* A file with one secret. Beyond: refuse to start. */
#define LIMIT_SECRET_FILE_BYTES ((size_t)64 * 1024)

/* Calls to CPA's management API that somebody waits for (setup, saving the
 * configuration): the panel gives up after 30 s and up to three calls follow each other,
 * so each may take a third. Beyond: the call fails with a message. */
#define LIMIT_CPA_CONNECT_MS 5000
#define LIMIT_CPA_TOTAL_MS 10000

/* An answer of CPA's management API: its config has a few KiB, more with many keys.
 * Beyond: the call fails. */
#define LIMIT_CPA_BODY_BYTES ((size_t)8 * 1024 * 1024)

/* Redirects that one call follows. Beyond: the call fails. */
#define LIMIT_CALL_REDIRECTS 10

/* The name of a time zone; the longest in the IANA database has 32. Beyond: unknown. */
#define LIMIT_ZONE_NAME_BYTES 64

/* A JSON document of the configuration API or of a settings row, written. Beyond:
 * the answer is 500. */
#define LIMIT_DOCUMENT_BYTES ((size_t)1024 * 1024)

/* PBKDF2 rounds in a stored admin credential: what another program wrote is not trusted
 * to keep a login busy for minutes. Beyond: the key does not verify. */
#define LIMIT_CREDENTIAL_ITERATIONS 10000000

#endif
