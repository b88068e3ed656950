#include "server/http/json_rows.h"

/* A column name taken apart. */
struct column_name {
    struct slice object; /* before the dot; empty: none */
    struct slice member;
    bool is_bool;
    bool is_json;
    bool is_optional;
    bool is_omitted_empty;
};

static struct column_name parse_name(const char *text)
{
    struct column_name name = {.member = slice_of_cstr(text)};
    struct slice marks = slice_empty();
    ptrdiff_t colon = slice_find(name.member, SLICE(":"));
    if (colon >= 0) {
        marks = slice_from(name.member, (size_t)colon);
        name.member = slice_first(name.member, (size_t)colon);
    }
    name.is_bool = slice_find(marks, SLICE(":bool")) >= 0;
    name.is_json = slice_find(marks, SLICE(":json")) >= 0;
    name.is_optional = slice_find(marks, SLICE(":opt")) >= 0;
    name.is_omitted_empty = slice_find(marks, SLICE(":omit")) >= 0;
    ptrdiff_t dot = slice_find(name.member, SLICE("."));
    if (dot >= 0) {
        name.object = slice_first(name.member, (size_t)dot);
        name.member = slice_from(name.member, (size_t)dot + 1);
    }
    return name;
}

static bool is_left_out(const struct column_name *name, sqlite3_stmt *stmt, int column)
{
    if (!name->is_optional && !name->is_omitted_empty)
        return false;
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_NULL:
        return true;
    case SQLITE_INTEGER:
        return name->is_omitted_empty && sqlite3_column_int64(stmt, column) == 0;
    case SQLITE_FLOAT: {
        double value = sqlite3_column_double(stmt, column);
        return name->is_omitted_empty && !(value < 0.0) && !(value > 0.0);
    }
    default:
        return name->is_omitted_empty && sqlite3_column_bytes(stmt, column) == 0;
    }
}

static struct slice column_text(sqlite3_stmt *stmt, int column)
{
    const char *bytes = (const char *)sqlite3_column_text(stmt, column);
    return (struct slice){bytes, (size_t)sqlite3_column_bytes(stmt, column)};
}

static void write_value(struct json_out *json, const struct column_name *name, sqlite3_stmt *stmt,
                        int column)
{
    json_out_key(json, name->member);
    struct json_out value = {.text = json->text};
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_INTEGER:
        if (name->is_bool)
            json_out_bool(&value, NULL, sqlite3_column_int64(stmt, column) != 0);
        else
            json_out_int64(&value, NULL, sqlite3_column_int64(stmt, column));
        break;
    case SQLITE_FLOAT:
        json_out_double(&value, NULL, sqlite3_column_double(stmt, column));
        break;
    case SQLITE_TEXT:
        if (name->is_json)
            json_out_raw(&value, NULL, column_text(stmt, column));
        else
            json_out_string(&value, NULL, column_text(stmt, column));
        break;
    default:
        json_out_null(&value, NULL);
        break;
    }
}

void json_row_members(struct json_out *json, sqlite3_stmt *stmt, int first_column)
{
    struct slice object = slice_empty();
    int count = sqlite3_column_count(stmt);
    for (int column = first_column; column < count; column++) {
        struct column_name name = parse_name(sqlite3_column_name(stmt, column));
        if (is_left_out(&name, stmt, column))
            continue;
        if (!slice_equal(name.object, object)) {
            if (object.len > 0)
                json_out_close(json, '}');
            object = name.object;
            if (object.len > 0) {
                json_out_key(json, object);
                text_add_char(json->text, '{');
                json->needs_comma = false;
            }
        }
        write_value(json, &name, stmt, column);
    }
    if (object.len > 0)
        json_out_close(json, '}');
}

void json_row(struct json_out *json, const char *key, sqlite3_stmt *stmt)
{
    json_out_open(json, key, '{');
    json_row_members(json, stmt, 0);
    json_out_close(json, '}');
}

int json_rows(struct json_out *json, const char *key, sqlite3_stmt *stmt)
{
    int rc;
    json_out_open(json, key, '[');
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
        json_row(json, NULL, stmt);
    json_out_close(json, ']');
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
