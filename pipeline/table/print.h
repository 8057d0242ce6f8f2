/* Typed values → text, the one way each is written everywhere (sinks, messages, casts to string).
 *
 *   float      the shortest text that reads back as the same double, in Python's style: 3.0, 0.1, 1e-05, 1e+16, inf,
 *              nan
 *   decimal    all fraction digits of its scale: 1.50
 *   date       2001-01-31;   timestamp  2001-01-31 23:59:00, with .f up to µs where not zero, and +00:00 where zoned
 *   bool       true, false
 */
#pragma once
#include "../base/buffer.h"
#include "column.h"

G_BEGIN_DECLS

/* The longest text of any value but a string. */
#define PL_PRINT_MAX 64
/* The longest text that a float format gives. */
#define PL_FLOAT_FORMAT_MAX 512
#define PL_FLOAT_FORMAT_LITERALS 128

/* Each writes to @out (PL_PRINT_MAX bytes; no NUL) and returns the length. */
gsize pl_print_int (char *out, gint64 value);
gsize pl_print_float (char *out, double value);
gsize pl_print_decimal (char *out, PlInt128 value, guint scale);
gsize pl_print_date (char *out, gint32 days);
gsize pl_print_timestamp (char *out, gint64 microseconds, gboolean zoned);
/** pl_print_float_format: by a checked format such as "%.2f" (see pl_float_format_check()); round half to even of the
 * exact binary value.
 * @size: of @out, at least PL_FLOAT_FORMAT_MAX */
gsize pl_print_float_format (char *out, gsize size, double value, const char *format);
/** pl_float_format_check: one conversion of f, e, g (any case) with flags, width <= 64 and precision <= 30; nothing
 * else but up to PL_FLOAT_FORMAT_LITERALS literals, a percent sign written twice. */
gboolean pl_float_format_check (const char *format, GError **error);

/** pl_print_value: appends row @row of @column as text, without quoting: its lexical text where it has one, else its
 * value; nothing when null. */
void pl_print_value (PlBuffer *buffer, const PlColumn *column, gsize row);
/** pl_print_texts: @column: of values that have no text: no PL_STRING, and no `lexical`
 * Returns: (transfer none): what is written of rows @rows[0 .. n) (its first n when @rows is %NULL), a plain text each,
 * in @arena. */
PlText *pl_print_texts (const PlColumn *column, const guint32 *rows, gsize n, PlArena *arena);

G_END_DECLS
