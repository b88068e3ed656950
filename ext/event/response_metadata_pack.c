/* The packed form of the response metadata; see response_metadata.h.
 *
 *   shape   version, then for each member that is not as predicted
 *           (response_prediction.h):  distance  state  what the state needs
 *   values  what each of those states needs of this one event, in the same order
 *
 * distance is from the member before, in prediction order, one byte. The states:
 *
 *   state     shape has                    values have
 *   ABSENT    -                            -              predicted, but not there
 *   SHARED    the value                    -
 *   INTEGER   a sign                       a varint: the size of the integer
 *   OFFSET    -                            a signed varint: what is added to the base
 *   SECONDS   -                            the same in seconds; the time is a whole second
 *   DECIMAL   a sign and a scale 0 to 3    a varint: the number times 10^scale
 *   DOUBLE    -                            the eight bytes of the number
 *   TEXT      -                            length and bytes
 *   HEX       length, prefix and suffix    that many bytes, in the text as hex digits
 *   UUID      -                            16 bytes
 *   PARENT    -                            26 bytes, the digits of a traceparent
 *
 * The base of an OFFSET is the prediction; a time without one counts from the event's
 * time. Varints have seven bits a byte, the low ones first; signed ones keep the sign in
 * bit 0. Doubles are stored with the low byte first.
 *
 * A member that is unique to each event (identifiers, percentages, counts) goes to the
 * values, one that many events share goes to the shape: the store keeps each shape once.
 * A shared text is short, else it is not shared, whatever its member. */
#include "ext/event/response_metadata.h"

#include <math.h>
#include <string.h>

#include "ext/event/response_metadata_private.h"
#include "ext/event/response_prediction.h"

#define VERSION 1

#define SHARED_TEXT_BYTES 64 /* longer texts are not worth a shape of their own */
#define HEX_DIGITS_MIN 8
#define HEX_DIGITS_MAX 128
#define HEX_PREFIX_BYTES 16
#define HEX_SUFFIX_BYTES 8
#define PARENT_BYTES 26
#define UUID_BYTES 16

/* Part of the packed form: numbers stay. */
enum state {
    STATE_ABSENT = 1,
    STATE_SHARED = 2,
    STATE_INTEGER = 3,
    STATE_OFFSET = 4,
    STATE_SECONDS = 5,
    STATE_DECIMAL = 6,
    STATE_DOUBLE = 7,
    STATE_TEXT = 8,
    STATE_HEX = 9,
    STATE_UUID = 10,
    STATE_PARENT = 11
};

#define SIGN_BIT 0x80 /* with a scale in the low bits */
#define SCALE_MAX 3

static const double powers[SCALE_MAX + 1] = {1, 10, 100, 1000};

/* Members that are unique to each event. */
static bool is_own(enum response_member member)
{
    switch ((int)member) {
    case QUOTA_CREDITS_BALANCE:
    case QUOTA_PRIMARY_OVER_SECONDARY:
    case QUOTA_PRIMARY_USED:
    case QUOTA_PRIMARY_RESET_AFTER:
    case QUOTA_SECONDARY_USED:
    case QUOTA_SECONDARY_RESET_AFTER:
    case QUOTA_USED_PERCENT:
    case ERROR_RETRY_AFTER:
    case TRACE_PRIMARY:
    case TRACE_OPENAI:
    case TRACE_REQUEST:
    case TRACE_ONEAPI:
    case TRACE_CF_RAY:
    case TRACE_EAGLE:
    case TRACE_COMPANION:
    case TRACE_CLIENT:
    case TRACE_ZEABUR:
    case TRACE_PARENT:
    case RESPONSE_CONTENT_LENGTH:
    case RESPONSE_CONTENT_DISPOSITION:
    case RESPONSE_SERVER_TIMING:
    case PROVIDERS_ANTIGRAVITY_TRACE:
    case PROVIDERS_ANTIGRAVITY_TIMING:
    case PROVIDERS_ONEAPI_REQUEST:
    case PROVIDERS_CLOUDFLARE_RAY:
    case RATE_REQUESTS_REMAINING:
    case RATE_TOKENS_REMAINING:
    case USAGE_ACTUAL:
    case USAGE_REMAINING:
    case USAGE_OVERAGE:
        return true;
    default:
        return response_members[member].type == RESPONSE_TIME;
    }
}

/* --- bytes --- */

static void put_byte(struct text *out, unsigned value)
{
    text_add_char(out, (char)(unsigned char)value);
}

static void put_varint(struct text *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put_byte(out, (unsigned)(value & 0x7f) | 0x80);
    put_byte(out, (unsigned)value);
}

static void put_text(struct text *out, struct slice text)
{
    put_varint(out, text.len);
    text_add(out, text);
}

static void put_double(struct text *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    for (int i = 0; i < 8; i++)
        put_byte(out, (unsigned)(bits >> (8 * i)) & 0xff);
}

static size_t varint_bytes(uint64_t value)
{
    size_t bytes = 1;
    while (value >>= 7)
        bytes++;
    return bytes;
}

static uint64_t fold_sign(uint64_t difference)
{
    return difference >> 63 ? ~(difference << 1) : difference << 1;
}

static uint64_t unfold_sign(uint64_t folded)
{
    return folded & 1 ? ~(folded >> 1) : folded >> 1;
}

/* What is still to be read; damage is sticky. */
struct reader {
    struct slice rest;
    bool is_damaged;
};

static struct slice take(struct reader *reader, uint64_t len)
{
    struct slice taken = slice_empty();
    if (reader->is_damaged || len > reader->rest.len) {
        reader->is_damaged = true;
        return taken;
    }
    taken = slice_first(reader->rest, (size_t)len);
    reader->rest = slice_from(reader->rest, (size_t)len);
    return taken;
}

static unsigned take_byte(struct reader *reader)
{
    struct slice byte = take(reader, 1);
    return byte.len ? (unsigned char)byte.data[0] : 0;
}

static uint64_t take_varint(struct reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned byte = take_byte(reader);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    reader->is_damaged = true;
    return 0;
}

static struct slice take_text(struct reader *reader)
{
    return take(reader, take_varint(reader));
}

static double take_double(struct reader *reader)
{
    struct slice bytes = take(reader, 8);
    uint64_t bits = 0;
    double number;
    for (size_t i = 0; i < bytes.len; i++)
        bits |= (uint64_t)(unsigned char)bytes.data[i] << (8 * i);
    memcpy(&number, &bits, sizeof number);
    if (!isfinite(number))
        reader->is_damaged = true;
    return number;
}

/* --- identifiers of hex digits --- */

static bool is_hex(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (hex_digit_value(text.data[i]) < 0)
            return false;
    return true;
}

/* The pieces of hex digits that a text of this form is made of, dashes between them. */
struct hex_form {
    size_t pieces[5];
    size_t count;
};

static const struct hex_form uuid_form = {{8, 4, 4, 4, 12}, 5};
static const struct hex_form parent_form = {{2, 32, 16, 2}, 4};

static size_t form_len(const struct hex_form *form)
{
    size_t len = form->count - 1;
    for (size_t i = 0; i < form->count; i++)
        len += form->pieces[i];
    return len;
}

static bool has_form(struct slice text, const struct hex_form *form)
{
    size_t at = 0;
    if (text.len != form_len(form))
        return false;
    for (size_t i = 0; i < form->count; i++) {
        if (!is_hex(slice_first(slice_from(text, at), form->pieces[i])))
            return false;
        at += form->pieces[i];
        if (at < text.len && text.data[at] != '-')
            return false;
        at++;
    }
    return true;
}

static void put_hex(struct text *out, struct slice digits)
{
    for (size_t i = 0; i + 1 < digits.len; i += 2)
        put_byte(out, (unsigned)hex_digit_value(digits.data[i]) << 4 |
                          (unsigned)hex_digit_value(digits.data[i + 1]));
}

static void put_form(struct text *out, struct slice text, const struct hex_form *form)
{
    size_t at = 0;
    for (size_t i = 0; i < form->count; at += form->pieces[i] + 1, i++)
        put_hex(out, slice_first(slice_from(text, at), form->pieces[i]));
}

static void add_hex(struct text *out, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = (uint8_t)bytes.data[i];
        text_add_hex(out, &byte, 1);
    }
}

static void take_form(struct reader *values, const struct hex_form *form, struct text *out)
{
    for (size_t i = 0; i < form->count; i++) {
        if (i > 0)
            text_add_char(out, '-');
        add_hex(out, take(values, form->pieces[i] / 2));
    }
}

/* prefix, hex digits, suffix: "req_0123456789abcdef", "8f3e5b2a1c9d0e4f-SIN". */
struct hex_text {
    struct slice prefix; /* letters, _ and - */
    struct slice digits; /* an even number */
    struct slice suffix; /* a dash and capital letters, or nothing */
};

static bool is_prefix(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_' && c != '-')
            return false;
    }
    return text.len <= HEX_PREFIX_BYTES;
}

static size_t suffix_len(struct slice text)
{
    size_t len = 0;
    while (len < text.len && text.data[text.len - 1 - len] >= 'A' &&
           text.data[text.len - 1 - len] <= 'Z')
        len++;
    bool has_dash = len > 0 && len < text.len && text.data[text.len - 1 - len] == '-';
    return has_dash && len < HEX_SUFFIX_BYTES ? len + 1 : 0;
}

static bool split_hex(struct slice text, struct hex_text *out)
{
    size_t end = text.len - suffix_len(text);
    size_t begin = end;
    while (begin > 0 && hex_digit_value(text.data[begin - 1]) >= 0)
        begin--;
    out->prefix = slice_first(text, begin);
    out->digits = slice_first(slice_from(text, begin), end - begin);
    out->suffix = slice_from(text, end);
    return out->digits.len % 2 == 0 && out->digits.len >= HEX_DIGITS_MIN &&
           out->digits.len <= HEX_DIGITS_MAX && is_prefix(out->prefix);
}

/* --- packing --- */

struct packer {
    struct response_prediction prediction;
    struct text *shape;
    struct text *values;
};

static void pack_text(struct packer *packer, struct slice text)
{
    struct hex_text hex;
    if (has_form(text, &uuid_form)) {
        put_byte(packer->shape, STATE_UUID);
        put_form(packer->values, text, &uuid_form);
    } else if (has_form(text, &parent_form)) {
        put_byte(packer->shape, STATE_PARENT);
        put_form(packer->values, text, &parent_form);
    } else if (split_hex(text, &hex)) {
        put_byte(packer->shape, STATE_HEX);
        put_varint(packer->shape, hex.digits.len / 2);
        put_text(packer->shape, hex.prefix);
        put_text(packer->shape, hex.suffix);
        put_hex(packer->values, hex.digits);
    } else {
        put_byte(packer->shape, STATE_TEXT);
        put_text(packer->values, text);
    }
}

static void pack_integer(struct packer *packer, int64_t integer)
{
    bool is_negative = integer < 0;
    uint64_t size = is_negative ? 0 - (uint64_t)integer : (uint64_t)integer;
    put_byte(packer->shape, STATE_INTEGER);
    put_byte(packer->shape, is_negative ? SIGN_BIT : 0);
    put_varint(packer->values, size);
}

static void pack_time(struct packer *packer, int64_t ms, int64_t base_ms)
{
    uint64_t offset = fold_sign((uint64_t)ms - (uint64_t)base_ms);
    uint64_t seconds = fold_sign((uint64_t)(ms / 1000) - (uint64_t)(base_ms / 1000));
    if (ms % 1000 == 0 && varint_bytes(seconds) < varint_bytes(offset)) {
        put_byte(packer->shape, STATE_SECONDS);
        put_varint(packer->values, seconds);
    } else {
        put_byte(packer->shape, STATE_OFFSET);
        put_varint(packer->values, offset);
    }
}

/* Whether number times 10^scale is an integer that gives the number back, sign apart. */
static bool is_decimal(double size, unsigned scale, uint64_t *out_integer)
{
    double scaled = size * powers[scale] + 0.5;
    if (scaled >= 9007199254740992.0)
        return false;
    *out_integer = (uint64_t)scaled;
    double back = (double)*out_integer / powers[scale];
    return memcmp(&back, &size, sizeof back) == 0;
}

static bool is_whole(double number)
{
    return fabs(number) < 9007199254740992.0 && number == (double)(int64_t)number &&
           (number != 0 || !signbit(number));
}

static void pack_number(struct packer *packer, double number, const struct response_value *base)
{
    uint64_t integer;
    bool is_near = base->present && is_whole(base->number) && is_whole(number);
    if (is_near) {
        uint64_t offset = fold_sign((uint64_t)(int64_t)number - (uint64_t)(int64_t)base->number);
        if (varint_bytes(offset) < varint_bytes((uint64_t)fabs(number))) {
            put_byte(packer->shape, STATE_OFFSET);
            put_varint(packer->values, offset);
            return;
        }
    }
    for (unsigned scale = 0; scale <= SCALE_MAX; scale++)
        if (is_decimal(fabs(number), scale, &integer)) {
            put_byte(packer->shape, STATE_DECIMAL);
            put_byte(packer->shape, scale | (signbit(number) ? SIGN_BIT : 0));
            put_varint(packer->values, integer);
            return;
        }
    put_byte(packer->shape, STATE_DOUBLE);
    put_double(packer->values, number);
}

static void pack_shared(struct packer *packer, const struct response_value *value,
                        enum response_type type)
{
    put_byte(packer->shape, STATE_SHARED);
    switch (type) {
    case RESPONSE_TEXT:
        put_text(packer->shape, value->text);
        break;
    case RESPONSE_BOOL:
    case RESPONSE_TRUE:
        put_byte(packer->shape, value->is_true);
        break;
    case RESPONSE_INT:
    case RESPONSE_TIME:
        put_varint(packer->shape, fold_sign((uint64_t)value->integer));
        break;
    case RESPONSE_NUMBER:
        put_double(packer->shape, value->number);
        break;
    }
}

static void pack_own(struct packer *packer, const struct response_value *value,
                     enum response_type type, const struct response_value *predicted)
{
    int64_t base_ms = predicted->present ? predicted->integer : packer->prediction.timestamp_ms;
    if (type == RESPONSE_TEXT)
        pack_text(packer, value->text);
    else if (type == RESPONSE_NUMBER)
        pack_number(packer, value->number, predicted);
    else if (type == RESPONSE_TIME)
        pack_time(packer, value->integer, base_ms);
    else
        pack_integer(packer, value->integer);
}

static void pack_member(struct packer *packer, enum response_member member,
                        const struct response_value *value, const struct response_value *predicted)
{
    enum response_type type = response_members[member].type;
    bool is_bool = type == RESPONSE_BOOL || type == RESPONSE_TRUE;
    bool is_long = type == RESPONSE_TEXT && value->text.len > SHARED_TEXT_BYTES;
    if (!value->present)
        put_byte(packer->shape, STATE_ABSENT);
    else if (is_bool || (!is_own(member) && !is_long))
        pack_shared(packer, value, type);
    else
        pack_own(packer, value, type, predicted);
}

void response_metadata_pack(const struct response_metadata *metadata, int64_t timestamp_ms,
                            const struct response_metadata_columns *columns, struct text *out_shape,
                            struct text *out_values)
{
    struct packer packer = {.shape = out_shape, .values = out_values};
    unsigned distance = 0;
    response_prediction_init(&packer.prediction, metadata, timestamp_ms, columns);
    put_byte(out_shape, VERSION);
    for (size_t i = 0; i < RESPONSE_MEMBER_COUNT; i++) {
        enum response_member member = (enum response_member)response_prediction_order[i];
        const struct response_value *value = &metadata->value[member];
        struct response_value predicted = response_predict(&packer.prediction, member);
        distance++;
        if (response_value_equal(*value, predicted, response_members[member].type))
            continue;
        put_byte(out_shape, distance);
        pack_member(&packer, member, value, &predicted);
        distance = 0;
    }
}

/* --- unpacking --- */

struct unpacker {
    struct response_prediction prediction;
    struct arena *arena;
    struct response_metadata *metadata;
    struct reader shape;
    struct reader values;
};

static bool is_damaged(const struct unpacker *unpacker)
{
    return unpacker->shape.is_damaged || unpacker->values.is_damaged;
}

static void unpack_hex(struct unpacker *unpacker, struct text *out)
{
    uint64_t len = take_varint(&unpacker->shape);
    struct slice prefix = take_text(&unpacker->shape);
    struct slice suffix = take_text(&unpacker->shape);
    struct slice bytes = take(&unpacker->values, len);
    if (prefix.len > HEX_PREFIX_BYTES || suffix.len > HEX_SUFFIX_BYTES ||
        len > HEX_DIGITS_MAX / 2) {
        unpacker->shape.is_damaged = true;
        return;
    }
    text_add(out, prefix);
    add_hex(out, bytes);
    text_add(out, suffix);
}

static struct slice unpack_text(struct unpacker *unpacker, enum state state)
{
    struct text text;
    struct slice result;
    if (state == STATE_TEXT)
        return arena_copy(unpacker->arena, take_text(&unpacker->values));
    if (state == STATE_SHARED)
        return arena_copy(unpacker->arena, take_text(&unpacker->shape));
    text_init(&text, HEX_PREFIX_BYTES + HEX_DIGITS_MAX + HEX_SUFFIX_BYTES);
    if (state == STATE_UUID)
        take_form(&unpacker->values, &uuid_form, &text);
    else if (state == STATE_PARENT)
        take_form(&unpacker->values, &parent_form, &text);
    else
        unpack_hex(unpacker, &text);
    result = arena_take_text(unpacker->arena, &text);
    text_clear(&text);
    return result;
}

static int64_t unpack_integer(struct unpacker *unpacker, enum state state, int64_t base)
{
    uint64_t value;
    switch ((int)state) {
    case STATE_SHARED:
        return (int64_t)unfold_sign(take_varint(&unpacker->shape));
    case STATE_INTEGER:
        value = take_byte(&unpacker->shape) == SIGN_BIT ? 0 - take_varint(&unpacker->values)
                                                        : take_varint(&unpacker->values);
        return (int64_t)value;
    case STATE_OFFSET:
        return (int64_t)((uint64_t)base + unfold_sign(take_varint(&unpacker->values)));
    default: /* STATE_SECONDS */
        value = (uint64_t)(base / 1000) + unfold_sign(take_varint(&unpacker->values));
        return (int64_t)(value * 1000);
    }
}

static double unpack_number(struct unpacker *unpacker, enum state state, double base)
{
    unsigned form;
    double number;
    switch ((int)state) {
    case STATE_SHARED:
        return take_double(&unpacker->shape);
    case STATE_DOUBLE:
        return take_double(&unpacker->values);
    case STATE_OFFSET:
        if (!is_whole(base)) {
            unpacker->shape.is_damaged = true;
            return 0;
        }
        return (double)(int64_t)((uint64_t)(int64_t)base +
                                 unfold_sign(take_varint(&unpacker->values)));
    default: /* STATE_DECIMAL */
        form = take_byte(&unpacker->shape);
        if ((form & ~(unsigned)SIGN_BIT) > SCALE_MAX) {
            unpacker->shape.is_damaged = true;
            return 0;
        }
        number = (double)take_varint(&unpacker->values) / powers[form & ~(unsigned)SIGN_BIT];
        return form & SIGN_BIT ? -number : number;
    }
}

/* Whether a member of the type can be in the state. */
static bool is_allowed(enum response_type type, unsigned state)
{
    switch (type) {
    case RESPONSE_TEXT:
        return state == STATE_SHARED || (state >= STATE_TEXT && state <= STATE_PARENT);
    case RESPONSE_BOOL:
    case RESPONSE_TRUE:
        return state == STATE_SHARED;
    case RESPONSE_INT:
        return state == STATE_SHARED || state == STATE_INTEGER;
    case RESPONSE_TIME:
        return state >= STATE_SHARED && state <= STATE_SECONDS;
    case RESPONSE_NUMBER:
        return state == STATE_SHARED || state == STATE_OFFSET || state == STATE_DECIMAL ||
               state == STATE_DOUBLE;
    }
    return false;
}

static void unpack_value(struct unpacker *unpacker, enum response_member member, enum state state,
                         const struct response_value *predicted)
{
    enum response_type type = response_members[member].type;
    struct response_metadata *metadata = unpacker->metadata;
    int64_t base_ms = predicted->present ? predicted->integer : unpacker->prediction.timestamp_ms;
    double base = predicted->present ? predicted->number : 0;
    if (type == RESPONSE_TEXT)
        response_set_text(metadata, member, unpack_text(unpacker, state));
    else if (type == RESPONSE_NUMBER)
        response_set_number(metadata, member, unpack_number(unpacker, state, base));
    else if (type == RESPONSE_INT || type == RESPONSE_TIME)
        response_set_int(metadata, member, unpack_integer(unpacker, state, base_ms));
    else
        response_set_bool(metadata, member, take_byte(&unpacker->shape) == 1);
    if (!metadata->value[member].present) /* no packer writes an empty value */
        unpacker->shape.is_damaged = true;
}

static void unpack_member(struct unpacker *unpacker, enum response_member member, bool is_told)
{
    struct response_value predicted = response_predict(&unpacker->prediction, member);
    bool is_text = response_members[member].type == RESPONSE_TEXT;
    unsigned state = is_told ? take_byte(&unpacker->shape) : 0;
    if (!is_told) {
        if (is_text && predicted.present)
            predicted.text = arena_copy(unpacker->arena, predicted.text);
        unpacker->metadata->value[member] = predicted;
    } else if (is_allowed(response_members[member].type, state)) {
        unpack_value(unpacker, member, (enum state)state, &predicted);
    } else if (state != STATE_ABSENT) {
        unpacker->shape.is_damaged = true;
    }
}

/* The place of the next member that the shape tells of, from on; RESPONSE_MEMBER_COUNT
 * at its end. */
static size_t next_told(struct reader *shape, size_t from)
{
    if (shape->rest.len == 0)
        return RESPONSE_MEMBER_COUNT;
    size_t distance = take_byte(shape);
    if (distance == 0 || distance > RESPONSE_MEMBER_COUNT - from)
        shape->is_damaged = true;
    return from + distance - 1;
}

const struct response_metadata *
response_metadata_unpack(struct arena *arena, struct slice shape, struct slice values,
                         int64_t timestamp_ms, const struct response_metadata_columns *columns)
{
    struct response_metadata *metadata = arena_alloc(arena, sizeof *metadata);
    struct unpacker unpacker = {
        .arena = arena, .metadata = metadata, .shape = {shape, false}, .values = {values, false}};
    if (!metadata || take_byte(&unpacker.shape) != VERSION)
        return NULL;
    response_prediction_init(&unpacker.prediction, metadata, timestamp_ms, columns);
    size_t told = next_told(&unpacker.shape, 0);
    for (size_t i = 0; i < RESPONSE_MEMBER_COUNT && !is_damaged(&unpacker); i++) {
        enum response_member member = (enum response_member)response_prediction_order[i];
        if (i == told || response_is_predicted(member))
            unpack_member(&unpacker, member, i == told);
        if (i == told)
            told = next_told(&unpacker.shape, i + 1);
    }
    bool is_complete =
        !is_damaged(&unpacker) && unpacker.shape.rest.len == 0 && unpacker.values.rest.len == 0;
    return is_complete && !arena->failed ? metadata : NULL;
}
