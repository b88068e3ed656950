/* The limits of the extension: each number, why it is that number, and what happens
 * beyond it. */
#ifndef USAGE_EXT_LIMITS_H
#define USAGE_EXT_LIMITS_H

/* One payload (event, exported line). The largest recorded event has 5 KiB; a failure
 * body can hold a whole HTML page. Beyond: dead letter "payload over the limit". */
#define LIMIT_PAYLOAD_BYTES ((size_t)16 * 1024 * 1024)

/* Values of one JSON text, containers included: 64 MiB of tree. The largest recorded event
 * has some hundred; a list of ten thousand credential files some hundred thousand.
 * Beyond: not JSON ("too many values"). */
#define LIMIT_JSON_NODES ((size_t)1000000)

/* Everything that normalising one payload may allocate. The worst tree (LIMIT_JSON_NODES)
 * with its texts takes about 100 MiB, and a legacy detail is parsed twice.
 * Beyond: dead letter "payload too complex". */
#define LIMIT_EVENT_ARENA_BYTES ((size_t)256 * 1024 * 1024)

/* Nesting of JSON, as CPA's encoder allows. Beyond: not JSON. */
#define LIMIT_JSON_DEPTH 10000

/* Failure summary and response metadata texts; prescribed by the specification
 * (section 15 and 16), cut there with "...". */
#define LIMIT_FAIL_SUMMARY_BYTES 4096
#define LIMIT_METADATA_TEXT_BYTES 1024

/* Any other text of an event (request id, endpoint, models, account names, ...): texts are
 * kept for ever, in indices, and are repeated in answers. No recorded one has 200 bytes,
 * and HTTP servers refuse URLs above 8 KiB. Beyond: cut after a whole character; the event
 * hash is of the whole text. */
#define LIMIT_EVENT_TEXT_BYTES ((size_t)8192)

/* Client metadata; prescribed by the specification (section 12), cut there. */
#define LIMIT_CLIENT_IP_BYTES 64
#define LIMIT_X_FORWARDED_FOR_BYTES 2048
#define LIMIT_USER_AGENT_BYTES 1024

/* What a dead letter keeps of a payload that is JSON, redacted. Cut there. */
#define LIMIT_DEAD_LETTER_BYTES 4096

/* The dictionary's memory of ids, per kind (six kinds): 64k entries cover 30 days of a
 * gateway with hundreds of accounts. Beyond: everything is forgotten and looked up anew. */
#define LIMIT_ID_CACHE_ENTRIES ((size_t)65536)
#define LIMIT_ID_CACHE_BYTES ((size_t)16 * 1024 * 1024)

/* A secret to seal: keys and pass phrases have at most some hundred bytes, PEM files a
 * few KiB. Sealed text may have twice that. Beyond: an error. */
#define LIMIT_SECRET_BYTES ((size_t)1024 * 1024)

/* The name of a gateway: a host or a word. Beyond: the INSERT is refused. */
#define LIMIT_GATEWAY_NAME_BYTES ((size_t)200)

/* Keys of an export that are held together: 512, or all events of one millisecond. Beyond
 * four million in one millisecond (64 MiB of keys) the export is refused. */
#define LIMIT_EXPORT_KEYS ((size_t)4 * 1024 * 1024)

/* Rendered bundles of an export. Beyond: they are forgotten and rendered anew. */
#define LIMIT_EXPORT_BUNDLE_BYTES ((size_t)16 * 1024 * 1024)

/* The ids of bundles and texts in an export: the dictionary counts them from 1, and 2^26
 * would be a gibibyte of arrays to look them up in. Beyond: the ledger is damaged. */
#define LIMIT_EXPORT_IDS (INT64_C(1) << 26)

/* Import: the longest transaction and the pause after it. SQLite's locks are not fair:
 * with no pause a second writer with a 10 s timeout fails every time, with 20 ms it waits
 * about 0.1 s at most (measured). */
#define LIMIT_IMPORT_TRANSACTION_MS 100
#define LIMIT_IMPORT_PAUSE_MS 20
/* Between two questions whether to go on, while the file gives nothing to store. */
#define LIMIT_IMPORT_ASK_MS 100

/* usage_import() and usage_init(): how long other writers are waited for. Beyond: "database
 * is locked"; the call can be repeated. */
#define LIMIT_BUSY_MS 30000

/* Import: how long, and how many events and bytes of their texts, are normalised before
 * they are stored together. Each batch costs one wait for the disk: with 2,048 events in
 * 20 ms an import took twice as long as with these. A batch ends earlier when its events
 * are large, and is stored in several transactions when the disk is slow. */
#define LIMIT_IMPORT_FILL_MS 120
#define LIMIT_IMPORT_BATCH_EVENTS ((size_t)8192)
#define LIMIT_IMPORT_BATCH_BYTES ((size_t)16 * 1024 * 1024)

/* Legacy snapshots: one map key, and all keys of a snapshot together (hundreds of
 * thousands of endpoints and models). A key counts with its quotes and escapes. It is
 * repeated in the payload of each of its details, so a long one makes a small file much to
 * read. Beyond: the file is refused. */
#define LIMIT_LEGACY_KEY_BYTES ((size_t)2048)
#define LIMIT_LEGACY_INDEX_BYTES ((size_t)32 * 1024 * 1024)

#endif
