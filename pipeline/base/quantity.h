/* Sizes, shares, times and counts as users write them: parsed whole or refused. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_parse_size: "4096", "64KiB", "4MiB", "1GiB"; K, M, G mean the same powers of 1024; units in any case. @text may
 * have outer spaces. On failure @error (PL_JOB_ERROR_BAD_VALUE) says what is allowed and @bytes is untouched. */
gboolean pl_parse_size (const char *text, guint64 *bytes, GError **error);
/** pl_parse_duration: "500ms", "30s", "5m", "2h", "1d", or plain seconds; in microseconds. */
gboolean pl_parse_duration (const char *text, guint64 *microseconds, GError **error);
/** pl_parse_share: "50%" as 0.5, exactly divided; 0% to 100%. */
gboolean pl_parse_share (const char *text, double *share, GError **error);
/** pl_parse_count: a whole number from @minimum to @maximum. */
gboolean pl_parse_count (const char *text, guint64 minimum, guint64 maximum, guint64 *count, GError **error);
/** pl_parse_flag: true/false, yes/no, on/off, 1/0. */
gboolean pl_parse_flag (const char *text, gboolean *flag, GError **error);

G_END_DECLS
