/* Which digits a number is written with, and whether a double keeps them. Decimals of up to 15 digits have doubles for
 * themselves, and so do those up to 2^52, because doubles lie closer together than they do. Of others, the shortest
 * text of the double is compared. */
#include "parse.h"
#include "print.h"

/* Exponents stop growing here: beyond any double, below any wrap-around. */
#define EXPONENT_LIMIT (G_GINT64_CONSTANT (1) << 48)
#define MAX_DIGITS 19

typedef struct
{
  PlNumberShape *shape;
  gsize zeros; /* behind the last digit that is not one */
} Scan;

static void
take_digit (Scan *scan, guint digit)
{
  PlNumberShape *shape = scan->shape;
  if (digit == 0)
    {
      scan->zeros += shape->significant > 0;
      return;
    }
  for (; scan->zeros > 0; scan->zeros--)
    {
      shape->significant++;
      if (shape->significant <= MAX_DIGITS)
        shape->digits *= 10;
    }
  shape->significant++;
  if (shape->significant <= MAX_DIGITS)
    shape->digits = shape->digits * 10 + digit;
}

static const char *
take_digits (Scan *scan, const char *at, const char *end)
{
  for (; at < end && g_ascii_isdigit (*at); at++)
    take_digit (scan, (guint) (*at - '0'));
  return at;
}

/* Reads e[+-]? digits up to @end. */
static gboolean
take_exponent (PlNumberShape *shape, const char *at, const char *end)
{
  if (*at != 'e' && *at != 'E')
    return FALSE;
  shape->has_exponent = TRUE;
  at++;
  gboolean negative = at < end && *at == '-';
  shape->signed_exponent = at < end && (*at == '-' || *at == '+');
  at += shape->signed_exponent;
  if (at == end)
    return FALSE;
  for (; at < end; at++)
    {
      if (!g_ascii_isdigit (*at))
        return FALSE;
      if (shape->exponent < EXPONENT_LIMIT)
        shape->exponent = shape->exponent * 10 + (*at - '0');
    }
  shape->exponent = negative ? -shape->exponent : shape->exponent;
  return TRUE;
}

gboolean
pl_number_shape (const char *data, gsize length, PlNumberShape *shape)
{
  const char *at = data, *end = data + length;
  Scan scan = {.shape = shape};
  *shape = (PlNumberShape){0};
  if (at < end && (*at == '-' || *at == '+'))
    at++;
  if (end - at >= 2 && at[0] == '0' && g_ascii_isdigit (at[1]))
    return FALSE;
  const char *point = take_digits (&scan, at, end);
  gsize behind = 0;
  shape->written = (gsize) (point - at);
  at = point;
  if (at < end && *at == '.')
    {
      shape->has_point = TRUE;
      at = take_digits (&scan, point + 1, end);
      behind = (gsize) (at - point - 1);
    }
  if (shape->written + behind == 0 || (at < end && !take_exponent (shape, at, end)))
    return FALSE;
  if (shape->significant == 0)
    return TRUE;
  gint64 last = shape->exponent - (gint64) behind + (gint64) scan.zeros;
  shape->first = last + (gint64) shape->significant - 1;
  shape->whole = (gsize) MAX (shape->first + 1, 0);
  shape->fraction = (gsize) MAX (-last, 0);
  return TRUE;
}

gboolean
pl_number_is_double (const PlNumberShape *shape, double value)
{
  char text[PL_PRINT_MAX];
  PlNumberShape printed;
  if (shape->significant > 17)
    return FALSE;
  gsize length = pl_print_float (text, value);
  return pl_number_shape (text, length, &printed) && printed.significant == shape->significant
         && printed.digits == shape->digits && printed.first == shape->first;
}
