/* The keys that read a value as what the others of its column are. Private to csv/. */
#pragma once
#include "source.h"

G_BEGIN_DECLS

/** pl_source_append_cure: "; trim = true drops its blanks": what helps against a value among others. Each cure is tried
 * on the value before it is named.
 * @value: as it stands; one that is longer than PL_WITNESS_SHOWN may be cut
 * @others: the type of the column without such values; of a string there is no cure */
void pl_source_append_cure (GString *text, const PlSource *source, guint column, const char *value, PlType others);
/** pl_source_append_reading: what helps where all values of a column are texts such as @value, of which the first is
 * likely to be a number or a date in another form; nothing where it is not. */
void pl_source_append_reading (GString *text, const PlSource *source, guint column, const char *value);
/** pl_source_item: Returns: (transfer full): @name as an item of a list in a job file, in quotes where it needs them.
 */
char *pl_source_item (const char *name);

G_END_DECLS
