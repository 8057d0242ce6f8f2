/* Functions that choose among values of any one type: greatest, least, nullif; and is_nan. */
#include "bind.h"
#include "families.h"
#include "../../pipeline/base/error.h"

#include <math.h>
#include <string.h>

static gboolean
bind_common (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED, guint n_args,
             PlType *result, guint *variant, GError **error)
{
  PlType common = types[0];
  for (guint i = 1; i < n_args; i++)
    if (!pl_type_promote (common, types[i], &common))
      {
        g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE,
                     "%s needs values of one kind, not %s and %s; cast one of them", self->signature,
                     pl_type_name (common), pl_type_name (types[i]));
        /* Each as the other one. */
        common = types[i];
        types[i] = types[0];
        types[0] = common;
        return FALSE;
      }
  for (guint i = 0; i < n_args; i++)
    types[i] = common;
  *result = common;
  *variant = 0;
  return TRUE;
}

static void
copy_value (PlColumn *out, gsize row, const PlColumn *from)
{
  gsize width = pl_type_width (out->type);
  if (from == NULL)
    memset ((guint8 *) out->values + row * width, 0, width);
  else
    memcpy ((guint8 *) out->values + row * width, (const guint8 *) from->values + row * width, width);
}

/* Nulls are passed over; NaN counts as the largest number, as in sorting. */
static gboolean
choose (PlColumn *const *args, guint n_args, gsize n, PlColumn *out, PlArena *arena, int sign)
{
  if (out->type.kind == PL_NULL)
    return TRUE;
  for (gsize i = 0; i < n; i++)
    {
      const PlColumn *best = NULL;
      for (guint a = 0; a < n_args; a++)
        if (!pl_column_is_null (args[a], i) && (best == NULL || pl_column_compare (args[a], i, best, i) * sign > 0))
          best = args[a];
      copy_value (out, i, best);
      if (best == NULL)
        pl_make_null (out, arena, n, i);
    }
  return TRUE;
}

static gboolean
evaluate_greatest (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args, gsize n, PlColumn *out,
                   PlArena *arena, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  return choose (args, n_args, n, out, arena, 1);
}

static gboolean
evaluate_least (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args, gsize n, PlColumn *out,
                PlArena *arena, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  return choose (args, n_args, n, out, arena, -1);
}

static gboolean
evaluate_nullif (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                 PlArena *arena, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  if (out->type.kind == PL_NULL)
    return TRUE;
  for (gsize i = 0; i < n; i++)
    {
      gboolean null = pl_column_is_null (args[0], i)
                      || (!pl_column_is_null (args[1], i) && pl_column_compare (args[0], i, args[1], i) == 0);
      copy_value (out, i, null ? NULL : args[0]);
      if (null)
        pl_make_null (out, arena, n, i);
    }
  return TRUE;
}

static gboolean
bind_is_nan (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED,
             guint n_args G_GNUC_UNUSED, PlType *result, guint *variant, GError **error)
{
  *result = PL_TYPE (PL_BOOL);
  *variant = 0;
  return pl_bind_as (self, &types[0], PL_FLOAT, error);
}

static gboolean
evaluate_is_nan (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                 PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    out->bools[i] = isnan (args[0]->floats[i]) != 0;
  return TRUE;
}

#define CHOICE(n, s, t, e, v)                                                                                          \
  {                                                                                                                    \
    .name = n, .signature = s, .summary = t, .example = e, .min_args = 2, .handles_nulls = TRUE, .one_type = TRUE,     \
    .bind = bind_common, .evaluate = v                                                                                 \
  }

const PlFunction pl_choice_functions[] = {
    CHOICE ("greatest", "greatest(a, b, …)", "The largest of the values that are not null", "greatest(1, null, 3) = 3",
            evaluate_greatest),
    CHOICE ("least", "least(a, b, …)", "The smallest of the values that are not null", "least(2, null, 3) = 2",
            evaluate_least),
    CHOICE ("max", "max(a, b, …)", "As greatest; with one argument, an aggregate", "max('a', 'b') = 'b'",
            evaluate_greatest),
    CHOICE ("min", "min(a, b, …)", "As least; with one argument, an aggregate", "min(1.5, 2) = 1.5", evaluate_least),
    {.name = "nullif",
     .signature = "nullif(x, y)",
     .summary = "Null where x equals y, else x",
     .example = "nullif(3, 3) is null",
     .min_args = 2,
     .max_args = 2,
     .handles_nulls = TRUE,
     .one_type = TRUE,
     .bind = bind_common,
     .evaluate = evaluate_nullif},
    {.name = "is_nan",
     .signature = "is_nan(x)",
     .summary = "Whether a float is not a number",
     .example = "is_nan(cast('nan' as float))",
     .min_args = 1,
     .max_args = 1,
     .bind = bind_is_nan,
     .evaluate = evaluate_is_nan},
    {.name = NULL},
};
