/* "Did you mean …": the nearest of a list of names. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_suggest:
 * @name: what was written
 * @candidates: (array zero-terminated=1): what exists
 *
 * Damerau-Levenshtein distance, case ignored; a name farther away than a third of its length (at least 1, but not all
 * of it, at most 3 edits) is no suggestion; ties go to the first candidate.
 *
 * Returns: (transfer none) (nullable): the candidate that other tools call @name, or else the nearest.
 */
const char *pl_suggest (const char *name, const char *const *candidates);

G_END_DECLS
