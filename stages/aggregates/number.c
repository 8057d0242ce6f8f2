/* See number.h. Products are integers times a power of ten or of two; small ones stay in 128 bits. */
#include "number.h"
#include "../../pipeline/table/float-shim.h"

#define MAX_LIMBS 8

typedef struct
{
  guint64 limbs[MAX_LIMBS];
  guint n;
  gboolean negative;
} Product;

static void
product_start (Product *product, PlInt128 units)
{
  PlUint128 magnitude = units < 0 ? -(PlUint128) units : (PlUint128) units;
  product->limbs[0] = (guint64) magnitude;
  product->limbs[1] = (guint64) (magnitude >> 64);
  product->n = product->limbs[1] != 0 ? 2 : 1;
  product->negative = units < 0;
}

static void
product_multiply (Product *product, const Product *factor)
{
  guint64 result[MAX_LIMBS] = {0};

  for (guint i = 0; i < product->n; i++)
    {
      guint64 carry = 0;
      for (guint j = 0; j < factor->n; j++)
        {
          PlUint128 sum = (PlUint128) product->limbs[i] * factor->limbs[j] + result[i + j] + carry;
          result[i + j] = (guint64) sum;
          carry = (guint64) (sum >> 64);
        }
      result[i + factor->n] = carry;
    }
  product->n += factor->n;
  product->negative = product->negative != factor->negative;
  memcpy (product->limbs, result, product->n * sizeof (guint64));
}

/* Keeps @sum's specials for a product that is not finite. Returns: %TRUE when it was one, or zero. */
static gboolean
add_special (PlExactSum *sum, double product)
{
  if (!isfinite (product))
    pl_exact_sum_add_double (sum, product);
  return !isfinite (product) || product == 0;
}

static gint
product_of_double (Product *product, double value)
{
  gint exponent;
  product->negative = pl_double_split (value, &product->limbs[0], &exponent);
  product->n = 1;
  return exponent;
}

/* Both finite and not zero: 106 bits, the case that variances of computed columns are made of. */
static void
add_double_product (PlExactSum *sum, double a, double b)
{
  guint64 mantissa_a, mantissa_b;
  gint exponent_a, exponent_b;
  gboolean negative = pl_double_split (a, &mantissa_a, &exponent_a) != pl_double_split (b, &mantissa_b, &exponent_b);
  PlUint128 product = (PlUint128) mantissa_a * mantissa_b;
  guint64 limbs[2] = {(guint64) product, (guint64) (product >> 64)};
  pl_exact_sum_add_binary (sum, limbs, 2, negative, exponent_a + exponent_b);
}

/* One column is read one way in all rows: a number that is too long for an exact decimal is one nevertheless. */
void
pl_number_print (PlNumber *term, double value)
{
  *term = (PlNumber){.binary = !isfinite (value), .printed = TRUE, .value = value};
  if (term->binary || value == 0)
    return;
  char text[48];
  text[pl_float_to_chars (text, fabs (value))] = '\0';
  gint exponent = 0;
  const char *c = text;
  for (; *c != 'e'; c++)
    if (*c != '.')
      {
        term->units = term->units * 10 + (*c - '0');
        exponent -= c > text;
      }
  exponent += (gint) g_ascii_strtoll (c + 1, NULL, 10);
  if (value < 0)
    term->units = -term->units;
  PlInt128 lifted;
  if (exponent < 0)
    term->scale = (guint) -exponent;
  else if (exponent <= 38 && !__builtin_mul_overflow (term->units, pl_powers_of_10[exponent], &lifted))
    term->units = lifted;
  else
    term->zeros = (guint) exponent;
}

void
pl_number_to_binary (PlNumber *term)
{
  if (!term->binary && !term->printed)
    {
      PlExactSum sum = {.units = term->units, .scale = (guint8) term->scale};
      term->value = pl_exact_sum_round (&sum, 1);
    }
  term->binary = TRUE;
}

/* ±@product × 10^zeros × 10^-scale. */
static void
add_wide (PlExactSum *sum, const Product *product, guint zeros, guint scale)
{
  PlWide wide = {.length = product->n, .negative = FALSE};
  memcpy (wide.limbs, product->limbs, product->n * sizeof (guint64));
  if (zeros > 0)
    pl_wide_scale_power10 (&wide, zeros);
  pl_exact_sum_add_wide (sum, wide.limbs, wide.length, product->negative, scale);
}

void
pl_number_add (PlExactSum *sum, const PlNumber *term)
{
  Product product;
  if (term->binary)
    pl_exact_sum_add_double (sum, term->value);
  else if (G_LIKELY (term->zeros == 0))
    pl_exact_sum_add_decimal (sum, term->units, term->scale);
  else
    {
      product_start (&product, term->units);
      add_wide (sum, &product, term->zeros, 0);
    }
}

void
pl_number_add_product (PlExactSum *sum, const PlNumber *a, const PlNumber *b)
{
  Product product, factor;
  PlInt128 small;

  if (!a->binary)
    {
      const guint zeros = a->zeros + b->zeros;
      if (G_LIKELY (zeros == 0 && !__builtin_mul_overflow (a->units, b->units, &small)))
        {
          pl_exact_sum_add_decimal (sum, small, a->scale + b->scale);
          return;
        }
      product_start (&product, a->units);
      product_start (&factor, b->units);
      product_multiply (&product, &factor);
      add_wide (sum, &product, zeros, a->scale + b->scale);
      return;
    }
  if (!isfinite (a->value) || !isfinite (b->value))
    {
      add_special (sum, a->value * b->value);
      return;
    }
  if (a->value == 0 || b->value == 0)
    return;
  add_double_product (sum, a->value, b->value);
}

void
pl_number_add_power (PlExactSum *sum, const PlNumber *term, guint power)
{
  /* The largest magnitudes whose power stays below 2^127. */
  static const gint64 largest[]
      = {0, 0, G_GINT64_CONSTANT (1) << 62, G_GINT64_CONSTANT (1) << 42, G_GINT64_CONSTANT (1) << 31};
  Product product, factor;
  gint exponent = 0;

  if (!term->binary && term->zeros == 0 && term->units <= largest[power] && term->units >= -largest[power])
    {
      PlInt128 small = term->units;
      for (guint i = 1; i < power; i++)
        small *= term->units;
      pl_exact_sum_add_decimal (sum, small, term->scale * power);
      return;
    }
  if (!term->binary)
    product_start (&product, term->units);
  else if (add_special (sum, term->value))
    return;
  else if (power == 2)
    {
      add_double_product (sum, term->value, term->value);
      return;
    }
  else
    exponent = product_of_double (&product, term->value);
  factor = product;
  for (guint i = 1; i < power; i++)
    product_multiply (&product, &factor);
  if (term->binary)
    pl_exact_sum_add_binary (sum, product.limbs, product.n, product.negative, exponent * (gint) power);
  else
    add_wide (sum, &product, term->zeros * power, term->scale * power);
}

static gint
floor_divide (gint value, gint divisor)
{
  return value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);
}

void
pl_number_align (PlExactTotal *totals, const guint *degrees, guint n, guint *scale, gint *exponent)
{
  *scale = 0;
  *exponent = 0;
  for (guint i = 0; i < n; i++)
    {
      *scale = MAX (*scale, (totals[i].scale + degrees[i] - 1) / degrees[i]);
      *exponent = MIN (*exponent, floor_divide (totals[i].exponent, (gint) degrees[i]));
    }
  for (guint i = 0; i < n; i++)
    pl_exact_total_align (&totals[i], *scale * degrees[i], *exponent * (gint) degrees[i]);
}
