/* Keys of two inputs, brought to one type in which equal values are equal words: what a join compares. */
#pragma once
#include "../table/column.h"

G_BEGIN_DECLS

/** pl_key_types_meet:
 * @all: whether values stay apart that equal none of the other side, too, because each is looked for among its own
 * @common: (out): the type in which values of @a and @b are compared, exactly: that of =, but for numbers which would
 * become floats there: whole numbers stay what they are, and of others it is PL_STRING, for their digits
 *
 * Returns: %FALSE when no value of the one can equal one of the other. */
gboolean pl_key_types_meet (PlType a, PlType b, gboolean all, PlType *common);
/** pl_key_meet:
 * @common: of pl_key_types_meet()
 * @usable: one a row: cleared where the value is none of that type, and so equals nothing
 *
 * Returns: (transfer none): @column in that type, settled, in @arena; itself where it is of that type. */
PlColumn *pl_key_meet (PlColumn *column, PlType common, gsize n, guint8 *usable, PlArena *arena);

G_END_DECLS
