/* Exact sums of products of one or two columns' numbers, such as Σx, Σxy, Σx²: what moments and covariances are made
 * of, compactly.
 *
 *   tag     count << 16 | scale of y << 8 | scale of x
 *   sums    a 128-bit integer each: sum k is of x^a·y^b (its shape) and stands for sums[k] × 10^-(a·scale of x +
 *           b·scale of y)
 *
 * What does not fit (an overflow, a double, a scale that 128 bits cannot be lifted to) moves all sums into PlExactSums,
 * which `full` then points to and a scale PL_SHORT_FULL for x tells: the comparison of scales that every addition makes
 * anyway finds it. The totals are exact either way, so how they are held never shows. All zero is empty; it may be
 * moved with memcpy.
 *
 * Products below 2^78 are added without a look at the sums: 2^47 of them come to 2^125 at most, and whatever else is
 * added is seen to leave the sums within 2^126. */
#pragma once
#include "number.h"

G_BEGIN_DECLS

#define PL_PRODUCTS_MAX 5
#define PL_PRODUCTS_SMALL (G_GINT64_CONSTANT (1) << 39) /* numbers whose products of two are small */

typedef struct
{
  guint n;
  guint8 x[PL_PRODUCTS_MAX],
      y[PL_PRODUCTS_MAX]; /* the powers in each sum; the first is x, and where there is y, the second is y */
} PlProductShape;

typedef struct
{
  guint64 tag;
  union
  {
    PlLooseInt128 sums[PL_PRODUCTS_MAX]; /* as many as the shape has */
    PlExactSum *full;                    /* (owned): as many; their counts are not used */
  };
} PlProducts;

static inline gsize
pl_products_size (guint n)
{
  return sizeof (guint64) + n * sizeof (PlLooseInt128);
}

static inline guint64
pl_products_count (const PlProducts *products)
{
  return products->tag >> 16;
}

static inline gboolean
pl_products_is_small (gint64 value)
{
  return (guint64) (value + PL_PRODUCTS_SMALL) <= 2 * (guint64) PL_PRODUCTS_SMALL;
}

/** pl_products_add_slowly: counts and adds any two numbers; @y is not read by shapes of x alone. */
void pl_products_add_slowly (PlProducts *products, const PlProductShape *shape, const PlNumber *x, const PlNumber *y);
/** pl_products_combine: @products takes in @other, which is left empty. */
void pl_products_combine (PlProducts *products, const PlProductShape *shape, PlProducts *other);
void pl_products_save (const PlProducts *products, const PlProductShape *shape, PlBuffer *buffer);
/** pl_products_load: Returns: %FALSE, and @products is empty, when the bytes are no saved sums. */
gboolean pl_products_load (PlProducts *products, const PlProductShape *shape, PlCursor *cursor);
void pl_products_clear (PlProducts *products, const PlProductShape *shape);
/** pl_products_exact: Returns: (transfer none): the sums as PlExactSums, in @room or where they are. */
const PlExactSum *pl_products_exact (const PlProducts *products, const PlProductShape *shape, PlExactSum *room);

G_END_DECLS
