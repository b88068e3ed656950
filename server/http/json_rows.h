/* Rows of a statement as JSON, by the names of their columns.
 *
 * Rules
 *  1. A column is a member under its name: INTEGER as an integer, REAL as the shortest
 *     decimal that reads back the same, TEXT as a string, NULL as null.
 *  2. A name may end in marks:
 *       "failed:bool"    an integer as true or false
 *       "metadata:json"  text that is JSON, put in as it is
 *       "ttft_ms:opt"    left out when NULL
 *       "tier:omit"      left out when NULL, 0, 0.0 or ''
 *     Marks may follow each other: "metadata:json:opt".
 *  3. "tokens.input:..." is the member "input" of an object "tokens"; neighbours with the
 *     same first part share the object.
 *  4. BLOBs have no place in an answer: null.
 *
 * Example: SELECT 7 AS id, 0 AS "failed:bool", NULL AS "tier:omit", 3 AS "tokens.input"
 * gives {"id":7,"failed":false,"tokens":{"input":3}} */
#ifndef CPA_SERVER_HTTP_JSON_ROWS_H
#define CPA_SERVER_HTTP_JSON_ROWS_H

#include <sqlite3.h>

#include "server/http/json_out.h"

/* The members of the current row from first_column on, without the braces. */
void json_row_members(struct json_out *json, sqlite3_stmt *stmt, int first_column);
/* The current row as an object. */
void json_row(struct json_out *json, const char *key, sqlite3_stmt *stmt);
/* Step the statement to its end, each row an object of an array. SQLITE_OK or an error. */
int json_rows(struct json_out *json, const char *key, sqlite3_stmt *stmt);

#endif
