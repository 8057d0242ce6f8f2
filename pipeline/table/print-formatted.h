/* Dates and timestamps → texts of a given format, as strftime has them: English names, whatever the locale. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Of a format, in bytes; two of them never give more than the longest number of seconds. */
#define PL_PRINT_FORMAT_MAX 200
#define PL_PRINT_FORMATTED_MAX 1230

/** pl_print_format_check: whether @format can be written by.
 * @user: what has the format, for messages
 * @has_time: (out): whether it says more than the day
 * Returns: %FALSE with PL_JOB_ERROR_BAD_VALUE. */
gboolean pl_print_format_check (const char *format, const char *user, gboolean *has_time, GError **error);
/** pl_print_format_has_zone: Returns: whether a checked format tells an instant, of whatever zone: %z, %Z or %s. */
gboolean pl_print_format_has_zone (const char *format);
/** pl_print_formatted: writes the @time, in microseconds, by the checked @format of @length bytes.
 * @out: room for PL_PRINT_FORMATTED_MAX
 * Returns: how many bytes. */
gsize pl_print_formatted (char *out, const char *format, gsize length, gint64 time, gboolean zoned);

G_END_DECLS
