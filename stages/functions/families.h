/* The families of scalar functions: an array each, ended by an entry without a name; and what their binders share. */
#pragma once
#include "../../pipeline/base/error.h"
#include "functions.h"

G_BEGIN_DECLS

extern const PlFunction pl_math_functions[];
extern const PlFunction pl_text_functions[];
extern const PlFunction pl_date_functions[];
extern const PlFunction pl_date_shift_functions[];
extern const PlFunction pl_date_format_functions[];
extern const PlFunction pl_choice_functions[];

/** pl_bind_number: the argument stays int, float or decimal; null counts as int. Fails, naming function and type, for others. */
gboolean pl_bind_number (const PlFunction *self, PlType *type, GError **error);
/** pl_bind_as: the argument is cast to @wanted where that loses nothing but an int's last bits; null fits everywhere. */
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
