/* See products.h. Here is all that is not the common case: scales that differ, numbers that do not fit. */
#include "products.h"
#include "../../pipeline/exact/short-sum.h"
#include "../../pipeline/memory/leased.h"

typedef struct
{
  guint x, y;
} Scales;

#define SUM_MAX ((PlInt128) 1 << 126)

static gboolean
is_full (const PlProducts *products)
{
  return (guint8) products->tag == PL_SHORT_FULL;
}

static Scales
scales_of (const PlProducts *products)
{
  return (Scales){(guint8) products->tag, (guint8) (products->tag >> 8)};
}

static void
set_scales (PlProducts *products, Scales scales)
{
  products->tag = (products->tag & ~(guint64) 0xffff) | scales.y << 8 | scales.x;
}

static void
make_exact (const PlProducts *products, const PlProductShape *shape, PlExactSum *sums)
{
  const Scales scales = scales_of (products);
  for (guint k = 0; k < shape->n; k++)
    sums[k]
        = (PlExactSum){.units = products->sums[k], .scale = (guint8) (shape->x[k] * scales.x + shape->y[k] * scales.y)};
}

static PlExactSum *
make_full (PlProducts *products, const PlProductShape *shape)
{
  if (is_full (products))
    return products->full;
  PlExactSum *full = pl_leased_new0 (sizeof (PlExactSum) * shape->n);
  make_exact (products, shape, full);
  products->full = full;
  set_scales (products, (Scales){PL_SHORT_FULL, 0});
  return full;
}

void
pl_products_clear (PlProducts *products, const PlProductShape *shape)
{
  if (is_full (products))
    {
      for (guint k = 0; k < shape->n; k++)
        pl_exact_sum_clear (&products->full[k]);
      pl_leased_free (products->full);
    }
  memset (products, 0, pl_products_size (shape->n));
}

/* The sums at scales that are not below their own. Returns: %FALSE when they leave 128 bits. */
static gboolean
lift_sums (const PlProducts *products, const PlProductShape *shape, Scales wanted, PlInt128 *sums)
{
  const Scales own = scales_of (products);
  for (guint k = 0; k < shape->n; k++)
    {
      const guint lift = shape->x[k] * (wanted.x - own.x) + shape->y[k] * (wanted.y - own.y);
      sums[k] = products->sums[k];
      if (sums[k] != 0 && (lift > 38 || __builtin_mul_overflow (sums[k], pl_powers_of_10[lift], &sums[k])))
        return FALSE;
    }
  return TRUE;
}

static gboolean
lift_term (const PlNumber *term, guint wanted, PlInt128 *units)
{
  const guint lift = wanted - term->scale;
  *units = term->units;
  return lift <= 38 && !__builtin_mul_overflow (term->units, pl_powers_of_10[lift], units);
}

/* x^a·y^b. */
static gboolean
multiply (PlInt128 x, guint a, PlInt128 y, guint b, PlInt128 *product)
{
  *product = 1;
  for (guint i = 0; i < a; i++)
    if (__builtin_mul_overflow (*product, x, product))
      return FALSE;
  for (guint i = 0; i < b; i++)
    if (__builtin_mul_overflow (*product, y, product))
      return FALSE;
  return TRUE;
}

static gboolean
add_short (PlProducts *products, const PlProductShape *shape, const PlNumber *x, const PlNumber *y)
{
  const Scales own = scales_of (products), wanted = {MAX (own.x, x->scale), MAX (own.y, y->scale)};
  PlInt128 sums[PL_PRODUCTS_MAX], units_x, units_y, product;

  if (wanted.x > 18 || wanted.y > 18 || (x->zeros | y->zeros) != 0 || !lift_term (x, wanted.x, &units_x)
      || !lift_term (y, wanted.y, &units_y) || !lift_sums (products, shape, wanted, sums))
    return FALSE;
  for (guint k = 0; k < shape->n; k++)
    if (!multiply (units_x, shape->x[k], units_y, shape->y[k], &product)
        || __builtin_add_overflow (sums[k], product, &sums[k]) || sums[k] > SUM_MAX || sums[k] < -SUM_MAX)
      return FALSE;
  for (guint k = 0; k < shape->n; k++)
    products->sums[k] = sums[k];
  set_scales (products, wanted);
  return TRUE;
}

static void
add_full (PlExactSum *sums, const PlProductShape *shape, const PlNumber *x, const PlNumber *y)
{
  for (guint k = 0; k < shape->n; k++)
    {
      const guint a = shape->x[k], b = shape->y[k];
      if (a + b == 1)
        pl_number_add (&sums[k], a > 0 ? x : y);
      else if (a > 0 && b > 0)
        pl_number_add_product (&sums[k], x, y);
      else
        pl_number_add_power (&sums[k], a > 0 ? x : y, a + b);
    }
}

void
pl_products_add_slowly (PlProducts *products, const PlProductShape *shape, const PlNumber *x, const PlNumber *y)
{
  static const PlNumber none = {.binary = FALSE, .scale = 0, .units = 0};
  PlNumber a = *x, b = none;

  if (shape->n > 1 && shape->y[1] > 0)
    {
      b = *y;
      if (a.binary != b.binary)
        {
          pl_number_to_binary (&a);
          pl_number_to_binary (&b);
        }
    }
  if (is_full (products) || a.binary || !add_short (products, shape, &a, &b))
    add_full (make_full (products, shape), shape, &a, &b);
  products->tag += (guint64) 1 << 16;
}

static gboolean
combine_short (PlProducts *products, const PlProductShape *shape, const PlProducts *other)
{
  const Scales a = scales_of (products), b = scales_of (other), wanted = {MAX (a.x, b.x), MAX (a.y, b.y)};
  PlInt128 sums[PL_PRODUCTS_MAX], others[PL_PRODUCTS_MAX];

  if (!lift_sums (products, shape, wanted, sums) || !lift_sums (other, shape, wanted, others))
    return FALSE;
  for (guint k = 0; k < shape->n; k++)
    if (__builtin_add_overflow (sums[k], others[k], &sums[k]) || sums[k] > SUM_MAX || sums[k] < -SUM_MAX)
      return FALSE;
  for (guint k = 0; k < shape->n; k++)
    products->sums[k] = sums[k];
  set_scales (products, wanted);
  return TRUE;
}

void
pl_products_combine (PlProducts *products, const PlProductShape *shape, PlProducts *other)
{
  const guint64 count = pl_products_count (other);

  if (is_full (products) || is_full (other) || !combine_short (products, shape, other))
    {
      PlExactSum *sums = make_full (products, shape), *others = make_full (other, shape);
      for (guint k = 0; k < shape->n; k++)
        pl_exact_sum_combine (&sums[k], &others[k]);
    }
  pl_products_clear (other, shape);
  products->tag += count << 16;
}

void
pl_products_save (const PlProducts *products, const PlProductShape *shape, PlBuffer *buffer)
{
  pl_buffer_put_u64 (buffer, products->tag);
  for (guint k = 0; k < shape->n; k++)
    if (is_full (products))
      pl_exact_sum_save (&products->full[k], buffer);
    else
      {
        pl_buffer_put_u64 (buffer, (guint64) products->sums[k]);
        pl_buffer_put_u64 (buffer, (guint64) ((PlUint128) products->sums[k] >> 64));
      }
}

gboolean
pl_products_load (PlProducts *products, const PlProductShape *shape, PlCursor *cursor)
{
  memset (products, 0, pl_products_size (shape->n));
  const guint64 tag = pl_cursor_get_u64 (cursor);
  const guint x = (guint8) tag, y = (guint8) (tag >> 8);
  if (cursor->failed || (x > 18 && x != PL_SHORT_FULL) || y > 18)
    {
      cursor->failed = TRUE;
      return FALSE;
    }
  products->tag = x;
  PlExactSum *full = x == PL_SHORT_FULL ? products->full = pl_leased_new0 (sizeof (PlExactSum) * shape->n) : NULL;
  for (guint k = 0; k < shape->n && !cursor->failed; k++)
    if (full != NULL)
      pl_exact_sum_load (&full[k], cursor);
    else
      {
        const guint64 low = pl_cursor_get_u64 (cursor), high = pl_cursor_get_u64 (cursor);
        products->sums[k] = (PlInt128) ((PlUint128) high << 64 | low);
      }
  if (cursor->failed)
    pl_products_clear (products, shape);
  else
    products->tag = tag;
  return !cursor->failed;
}

const PlExactSum *
pl_products_exact (const PlProducts *products, const PlProductShape *shape, PlExactSum *room)
{
  if (is_full (products))
    return products->full;
  make_exact (products, shape, room);
  return room;
}
