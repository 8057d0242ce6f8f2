/* Columns that the settings of a source name. Private to the sources that read them. */
#pragma once
#include "source-private.h"

G_BEGIN_DECLS

/** pl_source_split_item: the column that an item names, as due:%d.%m.%Y or "my due":%d.%m.%Y do.
 * @rest: (out): what stands behind it, or all of @item
 * Returns: (transfer full) (nullable) */
char *pl_source_split_item (const char *item, const char **rest);
/** pl_source_unknown_column: an issue about setting @key, which names a column that is none of @names, of char *.
 * @offset: where in the setting, in characters
 * @hint: what else there is to say, or "" */
void pl_source_unknown_column (const PlSourceOptions *options, const char *key, guint offset, const GPtrArray *names,
                               const char *name, const char *hint);

G_END_DECLS
