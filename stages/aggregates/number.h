/* Numbers of a column as exact terms, and exact sums of their products: what moments and covariances are made of. */
#pragma once
#include "../../pipeline/exact/exact-sum.h"
#include "../../pipeline/table/batch.h"
#include <glib.h>

G_BEGIN_DECLS

/* units × 10^zeros × 10^-scale, or, when binary, the double. */
typedef struct
{
  gboolean binary;
  gboolean printed; /* the decimal is how `value` is printed */
  guint scale;
  guint zeros; /* 0 unless 128 bits do not hold them */
  PlInt128 units;
  double value;
} PlNumber;

/** pl_number_print: makes @term the decimal that @value is printed as; inf and nan, which have none, stay doubles. */
void pl_number_print (PlNumber *term, double value);

/** pl_number_read: row @row, which is not null, of a column of numbers or bools. */
static inline void
pl_number_read (const PlColumn *column, gsize row, PlNumber *term)
{
  term->binary = term->printed = FALSE;
  term->scale = term->zeros = 0;
  switch (column->type.kind)
    {
    case PL_BOOL:
      term->units = column->bools[row];
      break;
    case PL_INT:
      term->units = column->ints[row];
      break;
    case PL_DECIMAL:
      term->units = column->decimals[row];
      term->scale = column->type.scale;
      break;
    default:
      term->scale = column->exact_scales != NULL ? column->exact_scales[row] : column->exact_scale;
      term->binary = column->exact == NULL || term->scale == PL_SCALE_COMPUTED;
      if (term->binary)
        term->value = column->floats[row];
      else if (G_UNLIKELY (term->scale == PL_SCALE_INEXACT))
        pl_number_print (term, column->floats[row]);
      else
        term->units = column->exact[row];
      break;
    }
}

/* Of a column of 64-bit numbers: what its terms are read from without a PlNumber. */
typedef struct
{
  const gint64 *values; /* (nullable): NULL of other columns */
  const guint8 *scales; /* (nullable) */
  guint scale;
} PlUnits;

static inline PlUnits
pl_units_of (const PlColumn *column)
{
  PlUnits units = {NULL, NULL, 0};
  if (column->type.kind == PL_INT)
    units.values = column->ints;
  else if (column->type.kind == PL_FLOAT)
    {
      units.values = column->exact;
      units.scales = column->exact_scales;
      units.scale = column->exact_scale;
    }
  return units;
}

/** pl_units_lift: Returns: %TRUE, and @value is row @row of @units at scale @wanted; or %FALSE when that is no 64-bit
 * integer. */
static inline gboolean
pl_units_lift (const PlUnits *units, gsize row, guint wanted, gint64 *value)
{
  /* Beyond 18 also when the row's scale is the greater one, or no scale. */
  const guint lift = wanted - (units->scales != NULL ? units->scales[row] : units->scale);
  if (G_LIKELY (lift == 0))
    {
      *value = units->values[row];
      return TRUE;
    }
  return lift <= 18 && !__builtin_mul_overflow (units->values[row], pl_short_powers_of_10[lift], value);
}

/** pl_number_to_binary: makes @term the nearest double. */
void pl_number_to_binary (PlNumber *term);
/** pl_number_add: sum += term. */
void pl_number_add (PlExactSum *sum, const PlNumber *term);
/** pl_number_add_product: sum += a × b, exactly; both binary or neither. */
void pl_number_add_product (PlExactSum *sum, const PlNumber *a, const PlNumber *b);
/** pl_number_add_power: sum += term^power, exactly; 2 <= power <= 4. */
void pl_number_add_power (PlExactSum *sum, const PlNumber *term, guint power);
/** pl_number_align: @totals[i], a sum of products of @degrees[i] terms, come to scale degree × s and exponent degree ×
 * e, with s and e common. */
void pl_number_align (PlExactTotal *totals, const guint *degrees, guint n, guint *scale, gint *exponent);

G_END_DECLS
