/* See short-products.h. */
#include "short-products.h"
#include "../../pipeline/memory/leased.h"

#define COMBINED_MAX ((gint64) 1 << 61)
#define SUM_MAX ((gint64) 1 << 62)

static PlProducts *
rest_of (PlShortProducts *products, const PlProductShape *shape)
{
  if (products->rest == NULL)
    products->rest = pl_leased_new0 (pl_products_size (shape->n));
  return products->rest;
}

static void
make_products (const PlShortProducts *products, const PlProductShape *shape, PlProducts *wide)
{
  wide->tag = (guint16) products->tag;
  for (guint k = 0; k < shape->n; k++)
    wide->sums[k] = products->sums[k];
}

void
pl_short_products_spill (PlShortProducts *products, const PlProductShape *shape)
{
  PlProducts *rest = rest_of (products, shape), wide;
  if ((guint16) rest->tag == (guint16) products->tag)
    for (guint k = 0; k < shape->n; k++)
      rest->sums[k] += products->sums[k]; /* less than as many small products: no look is needed */
  else
    {
      make_products (products, shape, &wide);
      pl_products_combine (rest, shape, &wide);
    }
  memset (products->sums, 0, shape->n * sizeof (gint64));
}

/* @term as an integer at @scale, where it is a small one. */
static gboolean
lift (const PlNumber *term, guint scale, gint64 *value)
{
  PlInt128 lifted;
  if (term->binary || term->zeros > 0 || term->scale > scale || scale > 18
      || __builtin_mul_overflow (term->units, pl_powers_of_10[scale - term->scale], &lifted)
      || lifted >= PL_SHORT_PRODUCTS_SMALL || lifted < -PL_SHORT_PRODUCTS_SMALL)
    return FALSE;
  *value = (gint64) lifted;
  return TRUE;
}

void
pl_short_products_add_slowly (PlShortProducts *products, const PlProductShape *shape, const PlNumber *x,
                              const PlNumber *y)
{
  gint64 a, b;
  /* The first row says at which scales; both are 18 at most where it is short. */
  if (products->tag == 0 && lift (x, x->scale, &a) && lift (y, y->scale, &b))
    products->tag = y->scale << 8 | x->scale;
  if (lift (x, (guint8) products->tag, &a) && lift (y, (guint8) (products->tag >> 8), &b))
    for (guint k = 0; k < shape->n; k++)
      {
        gint64 product = 1;
        for (guint i = 0; i < shape->x[k]; i++)
          product *= a;
        for (guint i = 0; i < shape->y[k]; i++)
          product *= b;
        products->sums[k] += product;
      }
  else
    pl_products_add_slowly (rest_of (products, shape), shape, x, y);
  pl_short_products_count_row (products, shape);
}

static gboolean
add_sums (PlShortProducts *products, const PlProductShape *shape, const PlShortProducts *other)
{
  gint64 sums[PL_PRODUCTS_MAX];
  if ((guint16) products->tag != (guint16) other->tag)
    return FALSE;
  for (guint k = 0; k < shape->n; k++)
    {
      sums[k] = products->sums[k] + other->sums[k];
      if (sums[k] > COMBINED_MAX || sums[k] < -COMBINED_MAX)
        return FALSE;
    }
  memcpy (products->sums, sums, shape->n * sizeof *sums);
  return TRUE;
}

void
pl_short_products_combine (PlShortProducts *products, const PlProductShape *shape, PlShortProducts *other)
{
  const guint64 count = pl_short_products_count (other);

  if (pl_short_products_count (products) == 0)
    {
      memcpy (products, other, pl_short_products_size (shape->n));
      memset (other, 0, pl_short_products_size (shape->n));
      return;
    }
  if (!add_sums (products, shape, other))
    {
      pl_short_products_spill (products, shape);
      pl_short_products_spill (other, shape);
    }
  if (other->rest != NULL)
    pl_products_combine (rest_of (products, shape), shape, other->rest);
  pl_short_products_clear (other, shape);
  products->tag += count * PL_SHORT_PRODUCTS_ONE;
}

void
pl_short_products_clear (PlShortProducts *products, const PlProductShape *shape)
{
  if (products->rest != NULL)
    {
      pl_products_clear (products->rest, shape);
      pl_leased_free (products->rest);
    }
  memset (products, 0, pl_short_products_size (shape->n));
}

void
pl_short_products_save (const PlShortProducts *products, const PlProductShape *shape, PlBuffer *buffer)
{
  pl_buffer_put_u64 (buffer, products->tag);
  for (guint k = 0; k < shape->n; k++)
    pl_buffer_put_u64 (buffer, (guint64) products->sums[k]);
  pl_buffer_put_u8 (buffer, products->rest != NULL);
  if (products->rest != NULL)
    pl_products_save (products->rest, shape, buffer);
}

gboolean
pl_short_products_load (PlShortProducts *products, const PlProductShape *shape, PlCursor *cursor)
{
  memset (products, 0, pl_short_products_size (shape->n));
  products->tag = pl_cursor_get_u64 (cursor);
  cursor->failed = cursor->failed || (guint8) products->tag > 18 || (guint8) (products->tag >> 8) > 18;
  for (guint k = 0; k < shape->n; k++)
    {
      products->sums[k] = (gint64) pl_cursor_get_u64 (cursor);
      cursor->failed = cursor->failed || products->sums[k] > SUM_MAX || products->sums[k] < -SUM_MAX;
    }
  const guint8 has_rest = pl_cursor_get_u8 (cursor);
  if (!cursor->failed && has_rest != 0)
    pl_products_load (rest_of (products, shape), shape, cursor);
  if (cursor->failed)
    pl_short_products_clear (products, shape);
  return !cursor->failed;
}

const PlExactSum *
pl_short_products_exact (PlShortProducts *products, const PlProductShape *shape, PlExactSum *room)
{
  if (products->rest != NULL)
    {
      pl_short_products_spill (products, shape);
      return pl_products_exact (products->rest, shape, room);
    }
  PlProducts wide;
  make_products (products, shape, &wide);
  return pl_products_exact (&wide, shape, room);
}
