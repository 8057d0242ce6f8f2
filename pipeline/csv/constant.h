/* Columns that have one value in all rows of a file. */
#pragma once
#include "converter.h"

G_BEGIN_DECLS

/** pl_constant_column: @n rows of @text, as if it stood in a field of each.
 * @text: (nullable): %NULL: nulls; of @type, which is for the caller to see to; outlives the column
 * @reading: of a pinned column */
PlColumn *pl_constant_column (const PlConverter *converter, const PlReading *reading, PlType type, guint uses,
                              const char *text, gsize n, PlArena *arena);

G_END_DECLS
