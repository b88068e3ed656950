/* Numbers of JSON: their exact integer, their nearest double, and the shortest text of
 * a double; see json.h. Nothing here depends on the locale: strtod is given digits and
 * an exponent but never a decimal point, and of snprintf's text only digits are used. */
#include "ext/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A double is decided by 768 digits and whether a later one is not zero. */
#define DECIDING_DIGITS 768

/* Exponents are clamped here: far beyond any double, far from overflow. */
#define EXPONENT_LIMIT 100000000

/* A number taken apart: value = digits, read as one integer, times 10^exponent. */
struct decimal {
    bool is_negative;
    struct slice before; /* digits before the point */
    struct slice after;  /* digits behind it, may be empty */
    int64_t exponent;    /* as written behind e */
};

static struct slice take_digits(struct slice *text)
{
    size_t len = 0;
    while (len < text->len && text->data[len] >= '0' && text->data[len] <= '9')
        len++;
    struct slice digits = slice_first(*text, len);
    *text = slice_from(*text, len);
    return digits;
}

static struct decimal take_apart(struct slice text)
{
    struct decimal decimal = {false, {NULL, 0}, {NULL, 0}, 0};
    decimal.is_negative = text.len > 0 && text.data[0] == '-';
    text = slice_from(text, decimal.is_negative);
    decimal.before = take_digits(&text);
    if (text.len > 0 && text.data[0] == '.') {
        text = slice_from(text, 1);
        decimal.after = take_digits(&text);
    }
    if (text.len > 0) { /* e or E: JSON's grammar leaves nothing else */
        bool is_saturated;
        if (!slice_to_int64(slice_from(text, 1), &decimal.exponent, &is_saturated) && !is_saturated)
            decimal.exponent = 0;
        if (decimal.exponent > EXPONENT_LIMIT)
            decimal.exponent = EXPONENT_LIMIT;
        if (decimal.exponent < -EXPONENT_LIMIT)
            decimal.exponent = -EXPONENT_LIMIT;
    }
    return decimal;
}

static size_t digit_count(const struct decimal *decimal)
{
    return decimal->before.len + decimal->after.len;
}

static char digit_at(const struct decimal *decimal, size_t at)
{
    return at < decimal->before.len ? decimal->before.data[at]
                                    : decimal->after.data[at - decimal->before.len];
}

/* --- reading --- */

int64_t json_number_int64(const struct json *number)
{
    int64_t value;
    bool is_saturated;
    if (slice_to_int64(number->text, &value, &is_saturated) || is_saturated)
        return value;
    struct decimal decimal = take_apart(number->text);
    uint64_t limit = (uint64_t)INT64_MAX + (decimal.is_negative ? 1 : 0);
    uint64_t sum = 0;
    int64_t whole_digits = (int64_t)decimal.before.len + decimal.exponent;
    size_t count = digit_count(&decimal);
    for (int64_t at = 0; at < whole_digits; at++) {
        if ((size_t)at >= count && sum == 0)
            break; /* 0e99: zeros to the end */
        unsigned digit = (size_t)at < count ? (unsigned)(digit_at(&decimal, (size_t)at) - '0') : 0;
        if (sum > (limit - digit) / 10)
            return decimal.is_negative ? INT64_MIN : INT64_MAX;
        sum = sum * 10 + digit;
    }
    return decimal.is_negative ? (int64_t)(0 - sum) : (int64_t)sum;
}

/* Integers below 2^53 and powers of ten up to 10^22 are exact doubles, so one
 * multiplication or division of them is the correctly rounded value. */
static bool exact_double(const struct decimal *decimal, double *out_value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t exponent = decimal->exponent - (int64_t)decimal->after.len;
    size_t count = digit_count(decimal);
    uint64_t digits = 0;
    if (count > 19 || exponent < -22 || exponent > 22)
        return false;
    for (size_t i = 0; i < count; i++)
        digits = digits * 10 + (uint64_t)(digit_at(decimal, i) - '0');
    if (digits > UINT64_C(1) << 53)
        return false;
    *out_value =
        exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
    return true;
}

static double rounded_double(const struct decimal *decimal)
{
    char text[DECIDING_DIGITS + 32];
    size_t len = 0;
    size_t count = digit_count(decimal);
    size_t at = 0;
    while (at < count && digit_at(decimal, at) == '0')
        at++;
    while (at < count && len < DECIDING_DIGITS)
        text[len++] = digit_at(decimal, at++);
    int64_t exponent = decimal->exponent - (int64_t)decimal->after.len + (int64_t)(count - at);
    bool has_more = false;
    for (; at < count; at++)
        has_more |= digit_at(decimal, at) != '0';
    if (has_more) { /* stands for all digits that were left out */
        text[len++] = '1';
        exponent--;
    }
    if (len == 0)
        return 0;
    snprintf(text + len, sizeof text - len, "e%lld", (long long)exponent);
    return strtod(text, NULL);
}

double json_number_double(const struct json *number)
{
    struct decimal decimal = take_apart(number->text);
    double value;
    if (!exact_double(&decimal, &value))
        value = rounded_double(&decimal);
    return decimal.is_negative ? -value : value;
}

/* --- writing --- */

/* Decimal digits without zeros at either end; value = 0.DIGITS * 10^point. */
struct shortest {
    char digits[24];
    int len;
    int point;
};

static void shortest_of_integer(struct shortest *out, int64_t digits, int decimals)
{
    int len = snprintf(out->digits, sizeof out->digits, "%lld", (long long)digits);
    out->point = len - decimals;
    while (len > 1 && out->digits[len - 1] == '0')
        len--;
    out->len = len;
}

/* Numbers of few decimals, such as percentages and prices. At most 15 digits: no two
 * such decimals are the same double, so what reads back is the shortest. */
static bool shortest_by_scaling(struct shortest *out, double value)
{
    double power = 1;
    for (int decimals = 0; decimals <= 12; decimals++, power *= 10) {
        double scaled = value * power;
        if (scaled >= 1e15)
            return false;
        double whole = (double)(int64_t)(scaled + 0.5);
        if (whole >= 1 && whole / power == value) {
            shortest_of_integer(out, (int64_t)whole, decimals);
            return true;
        }
    }
    return false;
}

static double read_shortest(const struct shortest *in)
{
    char text[48];
    snprintf(text, sizeof text, "%.*se%d", in->len, in->digits, in->point - in->len);
    return strtod(text, NULL);
}

static void round_to(struct shortest *out, double value, int digits)
{
    char text[48];
    int len = 0;
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    const char *at = text;
    for (; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9')
            out->digits[len++] = *at;
    out->point = atoi(at + 1) + 1;
    while (len > 1 && out->digits[len - 1] == '0')
        len--;
    out->len = len;
}

/* The next larger decimal of that many digits. */
static void step_up(struct shortest *decimal, int digits)
{
    while (decimal->len < digits)
        decimal->digits[decimal->len++] = '0';
    int at = digits - 1;
    while (at >= 0 && decimal->digits[at] == '9')
        at--;
    if (at < 0) {
        decimal->digits[0] = '1';
        decimal->point++;
        at = 0;
    } else {
        decimal->digits[at]++;
    }
    decimal->len = at + 1;
}

/* 15 digits hold every decimal of up to 15; doubles below the normal range hold fewer.
 * Below a power of two the doubles lie closer, so there the nearest decimal may miss
 * where the next one above hits. */
static void shortest_by_trying(struct shortest *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bool is_power_of_two = (bits & ((UINT64_C(1) << 52) - 1)) == 0;
    for (int digits = value < 2.2250738585072014e-308 ? 1 : 15; digits < 17; digits++) {
        round_to(out, value, digits);
        if (read_shortest(out) == value)
            return;
        if (is_power_of_two && read_shortest(out) < value) {
            step_up(out, digits);
            if (read_shortest(out) == value)
                return;
        }
    }
    round_to(out, value, 17);
}

static void add_zeros(struct text *out, int count)
{
    for (int i = 0; i < count; i++)
        text_add_char(out, '0');
}

static void write_plain(struct text *out, const struct shortest *decimal)
{
    struct slice digits = {decimal->digits, (size_t)decimal->len};
    if (decimal->point <= 0) {
        text_add_cstr(out, "0.");
        add_zeros(out, -decimal->point);
        text_add(out, digits);
    } else if (decimal->point >= decimal->len) {
        text_add(out, digits);
        add_zeros(out, decimal->point - decimal->len);
    } else {
        text_add(out, slice_first(digits, (size_t)decimal->point));
        text_add_char(out, '.');
        text_add(out, slice_from(digits, (size_t)decimal->point));
    }
}

/* min_digits: of the exponent. */
static void write_exponent(struct text *out, const struct shortest *decimal, int min_digits)
{
    struct slice digits = {decimal->digits, (size_t)decimal->len};
    int exponent = decimal->point - 1;
    int size = exponent < 0 ? -exponent : exponent;
    text_add(out, slice_first(digits, 1));
    if (digits.len > 1) {
        text_add_char(out, '.');
        text_add(out, slice_from(digits, 1));
    }
    text_add_cstr(out, exponent < 0 ? "e-" : "e+");
    if (min_digits == 2 && size < 10)
        text_add_char(out, '0');
    text_add_int64(out, size);
}

/* Numbers below and from these sizes are written with an exponent. */
struct number_style {
    double exponent_below;
    double exponent_from;
    int min_exponent_digits;
};

static void write_double(struct text *out, double value, const struct number_style *style)
{
    struct shortest decimal;
    double size = fabs(value);
    bool is_integer = size < 0x1p53 && value == (double)(int64_t)value;
    if (is_integer && size < style->exponent_from && (value != 0 || !signbit(value))) {
        text_add_int64(out, (int64_t)value);
        return;
    }
    if (signbit(value))
        text_add_char(out, '-');
    if (size == 0) {
        text_add_char(out, '0');
        return;
    }
    if (!shortest_by_scaling(&decimal, size))
        shortest_by_trying(&decimal, size);
    if (size < style->exponent_below || size >= style->exponent_from)
        write_exponent(out, &decimal, style->min_exponent_digits);
    else
        write_plain(out, &decimal);
}

void json_write_double(struct text *out, double value)
{
    write_double(out, value, &(struct number_style){1e-6, 1e21, 1});
}

void json_write_double_plain(struct text *out, double value)
{
    write_double(out, value, &(struct number_style){0, HUGE_VAL, 1});
}

void json_write_double_printed(struct text *out, double value)
{
    /* decided by the shortest digits: exactly the doubles from these two on */
    write_double(out, value, &(struct number_style){1e-4, 1e6, 2});
}
