/* Exact sums of products of two columns' numbers in 64 bits each, for the numbers that files are full of; what they do
 * not hold is in a PlProducts.
 *
 *   tag    count << 16 | scale of y << 8 | scale of x
 *   rest   (nullable): sums of rows that were no short decimals of those scales, and of sums that have grown
 *   sums   sum k is of x^a·y^b (its shape), at scale a·scale of x + b·scale of y
 *
 * A row is added without a look at the sums: its numbers are below 2^27 and its products below 2^54, and every 128 rows
 * the sums move into the rest. So they stay below 2^62: 2^61 of what was combined, and as much of rows. All zero is
 * empty; it may be moved with memcpy. */
#pragma once
#include "products.h"

G_BEGIN_DECLS

#define PL_SHORT_PRODUCTS_SMALL ((gint64) 1 << 27)
#define PL_SHORT_PRODUCTS_ONE ((guint64) 1 << 16)
/* Where these bits of a tag are 0, the sums move. */
#define PL_SHORT_PRODUCTS_ROUND (127 * PL_SHORT_PRODUCTS_ONE)

typedef struct
{
  guint64 tag;
  PlProducts *rest;             /* (nullable) (owned): its count is not used */
  gint64 sums[PL_PRODUCTS_MAX]; /* as many as the shape has */
} PlShortProducts;

static inline gsize
pl_short_products_size (guint n)
{
  return offsetof (PlShortProducts, sums) + n * sizeof (gint64);
}

static inline guint64
pl_short_products_count (const PlShortProducts *products)
{
  return products->tag >> 16;
}

/** pl_short_products_are: whether rows of numbers at @scales (of y << 8 | of x) can be added. */
static inline gboolean
pl_short_products_are (const PlShortProducts *products, guint16 scales)
{
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  guint16 own;
  memcpy (&own, products, sizeof own); /* who adds to the tag there next has no use for it in a register */
  return own == scales;
#else
  return (guint16) products->tag == scales;
#endif
}

static inline gboolean
pl_short_products_fit (gint64 x, gint64 y)
{
  const guint64 a = (guint64) (x + PL_SHORT_PRODUCTS_SMALL), b = (guint64) (y + PL_SHORT_PRODUCTS_SMALL);
  return (a | b) < 2 * (guint64) PL_SHORT_PRODUCTS_SMALL;
}

/** pl_short_products_spill: moves the sums into the rest. */
void pl_short_products_spill (PlShortProducts *products, const PlProductShape *shape);
/** pl_short_products_are_due: whether the sums must move, when a row has just been counted. */
static inline gboolean
pl_short_products_are_due (const PlShortProducts *products)
{
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  return (((const guint8 *) products)[2] & 127) == 0;
#else
  return (products->tag & PL_SHORT_PRODUCTS_ROUND) == 0;
#endif
}

/** pl_short_products_count_row: after any row, wherever it was added, so that the sums move in time. */
static inline void
pl_short_products_count_row (PlShortProducts *products, const PlProductShape *shape)
{
  products->tag += PL_SHORT_PRODUCTS_ONE;
  if (G_UNLIKELY (pl_short_products_are_due (products)))
    pl_short_products_spill (products, shape);
}

/** pl_short_products_add_slowly: counts and adds any two numbers. */
void pl_short_products_add_slowly (PlShortProducts *products, const PlProductShape *shape, const PlNumber *x,
                                   const PlNumber *y);
/** pl_short_products_combine: @products takes in @other, which is left empty. */
void pl_short_products_combine (PlShortProducts *products, const PlProductShape *shape, PlShortProducts *other);
void pl_short_products_save (const PlShortProducts *products, const PlProductShape *shape, PlBuffer *buffer);
/** pl_short_products_load: Returns: %FALSE, and @products is empty, when the bytes are no saved sums. */
gboolean pl_short_products_load (PlShortProducts *products, const PlProductShape *shape, PlCursor *cursor);
void pl_short_products_clear (PlShortProducts *products, const PlProductShape *shape);
/** pl_short_products_exact: Returns: (transfer none): the sums as PlExactSums, in @room or where they are. */
const PlExactSum *pl_short_products_exact (PlShortProducts *products, const PlProductShape *shape, PlExactSum *room);

G_END_DECLS
