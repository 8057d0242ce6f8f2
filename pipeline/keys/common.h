/* Keys of two inputs, brought to one type in which equal values are equal words: what a join compares. */
#pragma once
#include "../table/column.h"

G_BEGIN_DECLS

/** pl_key_types_meet:
 * @common: (out): the type in which values of @a and @b are compared: that of =, but of whole numbers and floats whole
 * numbers, so that those beyond 2^53 stay apart
 *
 * Returns: %FALSE when no value of the one can equal one of the other. */
gboolean pl_key_types_meet (PlType a, PlType b, PlType *common);
/** pl_key_meet:
 * @common: of pl_key_types_meet()
 * @usable: one a row: cleared where the value is none of that type, and so equals nothing
 *
 * Returns: (transfer none): @column in that type, settled, in @arena; itself where it is of that type. */
PlColumn *pl_key_meet (PlColumn *column, PlType common, gsize n, guint8 *usable, PlArena *arena);

G_END_DECLS
