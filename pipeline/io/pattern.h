/* Patterns of paths. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_pattern_is: Returns: whether @text has characters of patterns in it. */
gboolean pl_pattern_is (const char *text);
/** pl_pattern_fits: whether @path, of no folder of ours, is one that @pattern would match, or is @pattern itself. */
gboolean pl_pattern_fits (const char *pattern, const char *path);
/** pl_pattern_match: @folder: (nullable): where @pattern starts; no pattern itself, whatever it is called.
 *
 * glob(7)'s * ? [ ]; {a,b} for either, of which each that is no pattern must exist; ** for folders of any depth, none
 * included, without those whose names begin with a dot. A folder that links lead to again is looked into once, by its
 * own path if it has one there.
 * Returns: (transfer full) (nullable): files, sorted by bytes, not by locale, because the order of files is the order
 * of rows; none twice. %NULL: PL_IO_ERROR_OPEN for a folder that cannot be listed, since its files would be missing
 * without a word; or without an error, @missing, (out) (transfer full), the alternative that does not exist. */
GStrv pl_pattern_match (const char *pattern, const char *folder, char **missing, GError **error);

G_END_DECLS
