/* User formats for floats, such as "%.2f": checked when the job is read, then printed without regard to the locale. */
#include "print.h"

#include <math.h>

#include "../base/error.h"

#define MAX_WIDTH 64
#define MAX_PRECISION 30
/* "%-+ #064.30e" and its NUL, with room. */
#define CONVERSION_SIZE 32
/* Sign, the 309 digits of the largest double, point, fraction. */
#define MAX_PRINTED (1 + 309 + 1 + MAX_PRECISION)

typedef struct
{
  gsize start, end; /* of the conversion, in the format */
  guint width, precision;
  gsize n_literals; /* characters around it, as printed */
  const char *problem;
} Conversion;

/* Digits at @at, capped well below any wrap-around. */
static gsize
read_digits (const char *format, gsize at, guint *value)
{
  for (*value = 0; g_ascii_isdigit (format[at]); at++)
    *value = MIN (*value * 10 + (guint) (format[at] - '0'), 1000);
  return at;
}

/* Reads one conversion, whose % stands at @at. */
static void
read_conversion (const char *format, gsize at, Conversion *found)
{
  if (found->end > 0)
    found->problem = "has more than one conversion; write %% for the character itself";
  found->start = at++;
  at += strspn (format + at, "-+ #0");
  at = read_digits (format, at, &found->width);
  found->precision = 6;
  if (format[at] == '.')
    at = read_digits (format, at + 1, &found->precision);
  if (format[at] == '\0'
      || strchr ("feg"
                 "FEG",
                 format[at])
             == NULL)
    {
      found->problem = "needs a conversion of f, e or g, as in %.2f";
      found->end = at;
      return;
    }
  found->end = at + 1;
  if (at - found->start >= CONVERSION_SIZE - 1)
    found->problem = "repeats its flags; write each once";
  else if (found->width > MAX_WIDTH)
    found->problem = "is wider than 64 characters";
  else if (found->precision > MAX_PRECISION)
    found->problem = "has more than 30 digits behind the point";
}

static Conversion
find_conversion (const char *format)
{
  Conversion found = {0};
  gsize at = 0;
  while (format[at] != '\0' && found.problem == NULL)
    {
      if (format[at] == '%' && format[at + 1] != '%')
        {
          read_conversion (format, at, &found);
          at = found.end;
          continue;
        }
      at += format[at] == '%' ? 2 : 1;
      found.n_literals++;
    }
  if (found.problem == NULL && found.end == 0)
    found.problem = "has no conversion; write one such as %.2f";
  else if (found.problem == NULL && found.n_literals > PL_FLOAT_FORMAT_LITERALS)
    found.problem = "has more than 128 characters around its conversion";
  return found;
}

gboolean
pl_float_format_check (const char *format, GError **error)
{
  Conversion found = find_conversion (format);
  if (found.problem == NULL)
    return TRUE;
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "float format '%s' %s", format, found.problem);
  return FALSE;
}

/* Writes the characters from @from to @to, %% as one. */
static gsize
put_literals (char *out, const char *from, const char *to)
{
  gsize n = 0;
  for (; from < to; from += *from == '%' ? 2 : 1)
    out[n++] = *from;
  return n;
}

gsize
pl_print_float_format (char *out, gsize size, double value, const char *format)
{
  Conversion found = find_conversion (format);
  char conversion[CONVERSION_SIZE];
  char number[MAX_PRINTED + 16];
  g_assert (found.problem == NULL && size >= PL_FLOAT_FORMAT_MAX);
  memcpy (conversion, format + found.start, found.end - found.start);
  conversion[found.end - found.start] = '\0';
  /* A NaN's sign says nothing. */
  g_ascii_formatd (number, sizeof number, conversion, isnan (value) ? fabs (value) : value);

  gsize length = put_literals (out, format, format + found.start);
  gsize digits = strlen (number);
  memcpy (out + length, number, digits);
  length += digits;
  return length + put_literals (out + length, format + found.end, format + strlen (format));
}
