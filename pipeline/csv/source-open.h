/* Opening a source: its files, their headers, a first guess of types. */
#pragma once
#include "source.h"
#include "../base/settings.h"

G_BEGIN_DECLS

/** pl_source_open:
 * @settings: the [source] group
 * @folder: relative paths start here
 *
 * Expands globs (sorted by bytes), opens every file, reads headers, guesses types from the first 64 KiB of
 * records of the first files. Duplicate and empty header names are renamed (`name`, `name_2`; `column_3`) with a
 * warning.
 * Returns: (transfer full) (nullable): NULL when @issues or @error got an error: mistakes of the job go to @issues,
 * files and data to @error.
 */
PlSource *pl_source_open (const PlSettings *settings, const char *folder, PlIssues *issues, GError **error);

G_END_DECLS
