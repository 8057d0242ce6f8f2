/* What the binders of scalar functions share. Private to stages/functions. */
#pragma once
#include "../../pipeline/expression/function.h"

G_BEGIN_DECLS

/** pl_bind_number: the argument stays int, float or decimal; null counts as int. Fails, naming function and type, for
 * others. */
gboolean pl_bind_number (const PlFunction *self, PlType *type, GError **error);
/** pl_bind_as: the argument is cast to @wanted where that loses nothing but an int's last bits; null fits
 * everywhere. */
gboolean pl_bind_as (const PlFunction *self, PlType *type, PlTypeKind wanted, GError **error);
/** pl_bind_time: the argument is cast to a timestamp, of the zone it has; a @constant text is read as one. */
gboolean pl_bind_time (const PlFunction *self, const PlColumn *constant, PlType *type, GError **error);

/** pl_make_null: marks row @row of @out. */
static inline void
pl_make_null (PlColumn *out, PlArena *arena, gsize n, gsize row)
{
  pl_column_add_nulls (out, arena, n);
  out->nulls[row] = 1;
}

G_END_DECLS
