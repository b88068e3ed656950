/* The dictionary: texts and bundles stored once, known by their ids.
 *
 * Called by event_row. All functions write through the caller's transaction. After any
 * rollback, and when others may have changed the file, dictionary_forget must be called:
 * ids handed out before may be gone. */
#ifndef USAGE_EXT_STORE_DICTIONARY_H
#define USAGE_EXT_STORE_DICTIONARY_H

#include "ext/store/id_cache.h"
#include "ext/store/statements.h"

enum bundle_kind {
    BUNDLE_WHO,
    BUNDLE_WHAT,
    BUNDLE_WHERE,
    BUNDLE_CLIENT,
    BUNDLE_OUTCOME,
    BUNDLE_COUNT
};

enum bundle_field_kind {
    FIELD_INTEGER,
    FIELD_TERM, /* stored as the id of the text; the empty text as 0 */
    FIELD_BLOB
};

/* One column of a bundle, in the order of its table. */
struct bundle_field {
    enum bundle_field_kind kind;
    int64_t integer;   /* FIELD_INTEGER */
    struct slice text; /* FIELD_TERM, FIELD_BLOB */
};

struct dictionary {
    struct statements *statements; /* borrowed */
    struct id_cache terms;
    struct id_cache gateways;
    struct id_cache bundles[BUNDLE_COUNT]; /* by the fields' content */
    struct text key;                       /* scratch */
};

void dictionary_init(struct dictionary *dictionary, struct statements *statements);
void dictionary_clear(struct dictionary *dictionary);
void dictionary_forget(struct dictionary *dictionary);
/* The id of a text, added when new; 0 for the empty text. */
int dictionary_term(struct dictionary *dictionary, struct slice text, int64_t *out_id);
/* The id of a gateway by name, added when new. */
int dictionary_gateway(struct dictionary *dictionary, struct slice name, int64_t *out_id);
/* The id of the bundle with these fields, added when new. */
int dictionary_bundle(struct dictionary *dictionary, enum bundle_kind kind,
                      const struct bundle_field *fields, int count, int64_t *out_id);

#endif
