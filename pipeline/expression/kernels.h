/* Column kernels: dense arrays in, dense arrays out, the loop inside the switch over types and operators.
 *
 * A PlValue is a column of n rows, or one row that stands for all (`scalar`); of two operands at most one is scalar
 * unless n is 1. Kernels compute null rows too (their values are readable and mean nothing) and OR the nulls. What can
 * fail sets @failed to the first failing row that is not null, and computes the rest all the same. */
#pragma once
#include "tree.h"

G_BEGIN_DECLS

#define PL_NO_ROW G_MAXSIZE

typedef struct
{
  PlColumn *column;
  gboolean scalar;
} PlValue;

static inline PlValue
pl_value_of (PlColumn *column)
{
  PlValue value = {column, FALSE};
  return value;
}

static inline gsize
pl_value_row (PlValue value, gsize row)
{
  return value.scalar ? 0 : row;
}

static inline gboolean
pl_value_is_null (PlValue value, gsize row)
{
  return pl_column_is_null (value.column, pl_value_row (value, row));
}

/* @body for each row i with its x and y, in three shapes: column with column, with a scalar on the right, on the
 * left. */
#define PL_FOR_ROWS(Type, a, b, body)                                                                                  \
  do                                                                                                                   \
    {                                                                                                                  \
      const Type *xs = (a).column->values, *ys = (b).column->values;                                                   \
      if ((b).scalar)                                                                                                  \
        {                                                                                                              \
          const Type y = ys[0];                                                                                        \
          for (gsize i = 0; i < n; i++)                                                                                \
            {                                                                                                          \
              const Type x = xs[i];                                                                                    \
              body                                                                                                     \
            }                                                                                                          \
        }                                                                                                              \
      else if ((a).scalar)                                                                                             \
        {                                                                                                              \
          const Type x = xs[0];                                                                                        \
          for (gsize i = 0; i < n; i++)                                                                                \
            {                                                                                                          \
              const Type y = ys[i];                                                                                    \
              body                                                                                                     \
            }                                                                                                          \
        }                                                                                                              \
      else                                                                                                             \
        for (gsize i = 0; i < n; i++)                                                                                  \
          {                                                                                                            \
            const Type x = xs[i], y = ys[i];                                                                           \
            body                                                                                                       \
          }                                                                                                            \
    }                                                                                                                  \
  while (0)

/** pl_value_expand: Returns: (transfer none): the column, a scalar repeated @n times. */
PlColumn *pl_value_expand (PlValue value, gsize n, PlArena *arena);
/** pl_nulls_or: Returns: (nullable): shared with an operand where one has none. A scalar that is null is the caller's
 * business. */
guint8 *pl_nulls_or (PlValue a, PlValue b, gsize n, PlArena *arena);

PlColumn *pl_kernel_arithmetic (PlOperator operation, PlType result, PlValue a, PlValue b, gsize n, PlArena *arena,
                                gsize *failed);
PlColumn *pl_kernel_negate (PlColumn *a, gsize n, PlArena *arena, gsize *failed);
/* Whole numbers up to this are the same as floats. */
#define PL_EXACT_INTS (G_GINT64_CONSTANT (1) << 53)
/** pl_kernel_compare: of one type, or of whole numbers and floats, which are compared exactly. */
PlColumn *pl_kernel_compare (PlOperator operation, PlValue a, PlValue b, gsize n, PlArena *arena);
/** pl_kernel_logic: three-valued and, or, of bool columns. */
PlColumn *pl_kernel_logic (gboolean is_and, PlValue a, PlValue b, gsize n, PlArena *arena);
PlColumn *pl_kernel_not (PlColumn *a, gsize n, PlArena *arena);
/* @too_long: the row failed because text and pattern together would take too many steps; else because of its escape. */
PlColumn *pl_kernel_like (PlValue text, PlValue pattern, PlValue escape, gsize n, PlArena *arena, gsize *failed,
                          gboolean *too_long);
PlColumn *pl_kernel_concat (PlValue a, PlValue b, gsize n, PlArena *arena, gsize *failed);
/** pl_kernel_cast: rows that cannot be cast are null with @try_cast, failures else. */
PlColumn *pl_kernel_cast (PlColumn *a, PlType to, gboolean try_cast, gsize n, PlArena *arena, gsize *failed);
/** pl_kernel_cast_exact: rows that cannot be cast, and those that would not be the same value any more, are failures:
 * @failed is the first of them that is not null. */
PlColumn *pl_kernel_cast_exact (PlColumn *a, PlType to, gsize n, PlArena *arena, gsize *failed);
/** pl_cast_may_round: whether a cast rounds or cuts some values of @from, so that an exact one fails. */
gboolean pl_cast_may_round (PlType from, PlType to);
/** pl_cast_exists: whether values of @from can be cast to @to at all; @lossless: and never fail. */
gboolean pl_cast_exists (PlType from, PlType to, gboolean *lossless);

G_END_DECLS
