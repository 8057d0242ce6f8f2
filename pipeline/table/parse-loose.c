/* Texts as people write them, for who has said what they are: a cast, a pinned type. What a number loses by it (blanks,
 * leading zeros, an exponent) is not looked at by inference, which takes such texts for texts. */
#include "../base/show.h"
#include "parse.h"
#include "powers.h"

#include <string.h>

#define MAX_DECIMAL_DIGITS 38

/* How many bytes @data begins with that are a blank, or a character that is not seen: no-break spaces and byte order
 * marks come with numbers out of web pages and spreadsheets. */
static inline gsize
blank_length (const char *data, gsize length)
{
  if ((guint8) *data < 0x80)
    return *data == ' ' || (*data >= '\t' && *data <= '\r');
  gunichar c = g_utf8_get_char_validated (data, (gssize) length);
  return c < (gunichar) -2 && pl_show_hides (c, PL_SHOW_LINE) ? (gsize) g_unichar_to_utf8 (c, NULL) : 0;
}

/* The same at the end. */
static inline gsize
blank_length_before (const char *data, gsize length)
{
  gsize start = length - 1;
  while (start > 0 && ((guint8) data[start] & 0xc0) == 0x80)
    start--;
  gsize n = blank_length (data + start, length - start);
  return n == length - start ? n : 0;
}

void
pl_parse_trim (const char **data, gsize *length)
{
  for (gsize n; *length > 0 && (n = blank_length (*data, *length)) > 0; *length -= n)
    *data += n;
  for (gsize n; *length > 0 && (n = blank_length_before (*data, *length)) > 0;)
    *length -= n;
}

gboolean
pl_parse_bool (const char *data, gsize length, guint8 *value)
{
  if (length == 4 && g_ascii_strncasecmp (data, "true", 4) == 0)
    *value = 1;
  else if (length == 5 && g_ascii_strncasecmp (data, "false", 5) == 0)
    *value = 0;
  else
    return FALSE;
  return TRUE;
}

gboolean
pl_parse_loose_bool (const char *data, gsize length, guint8 *value)
{
  static const char *const words[2][5] = {{"f", "n", "no", "off", "0"}, {"t", "y", "yes", "on", "1"}};
  pl_parse_trim (&data, &length);
  for (guint8 truth = 0; truth < 2; truth++)
    for (guint i = 0; i < G_N_ELEMENTS (words[0]); i++)
      if (length == strlen (words[truth][i]) && g_ascii_strncasecmp (data, words[truth][i], length) == 0)
        {
          *value = truth;
          return TRUE;
        }
  return pl_parse_bool (data, length, value);
}

/* Blanks and leading zeros off. @negative: its sign, which is off, too */
static void
bare_number (const char **data, gsize *length, gboolean *negative)
{
  pl_parse_trim (data, length);
  *negative = *length > 0 && **data == '-';
  if (*length > 0 && (**data == '-' || **data == '+'))
    {
      (*data)++;
      (*length)--;
    }
  for (; *length > 1 && (*data)[0] == '0' && g_ascii_isdigit ((*data)[1]); (*length)--)
    (*data)++;
}

/* The number × 10^scale, where that is whole and has no more than 38 digits. */
static gboolean
read_scaled (const char *data, gsize length, guint scale, PlInt128 *value)
{
  PlNumberShape shape;
  gboolean negative;
  bare_number (&data, &length, &negative);
  /* A second sign would be the number's. */
  if (length == 0 || *data == '-' || *data == '+' || !pl_number_shape (data, length, &shape) || shape.fraction > scale
      || shape.whole + scale > MAX_DECIMAL_DIGITS)
    return FALSE;
  PlInt128 number = 0;
  gsize n = 0;
  for (gsize i = 0; i < length && n < shape.significant; i++)
    if (g_ascii_isdigit (data[i]) && (n > 0 || data[i] != '0'))
      {
        number = number * 10 + (data[i] - '0');
        n++;
      }
  /* The digits begin at the power of ten `first`; what stands behind them up to the scale is zeros. */
  if (shape.significant > 0)
    number *= pl_powers_of_10[shape.first + (gint64) scale + 1 - (gint64) shape.significant];
  *value = negative ? -number : number;
  return TRUE;
}

gboolean
pl_parse_loose_int (const char *data, gsize length, gint64 *value)
{
  PlInt128 whole;
  if (!read_scaled (data, length, 0, &whole) || whole < G_MININT64 || whole > G_MAXINT64)
    return FALSE;
  *value = (gint64) whole;
  return TRUE;
}

gboolean
pl_parse_loose_decimal (const char *data, gsize length, guint precision, guint scale, PlInt128 *value)
{
  return read_scaled (data, length, scale, value) && *value < pl_powers_of_10[precision]
         && *value > -pl_powers_of_10[precision];
}

gboolean
pl_parse_loose_float (const char *data, gsize length, double *value)
{
  gboolean negative;
  bare_number (&data, &length, &negative);
  if (length == 0 || *data == '-' || *data == '+' || !pl_parse_float (data, length, value))
    return FALSE;
  *value = negative ? -*value : *value;
  return TRUE;
}

gboolean
pl_parse_loose_date (const char *data, gsize length, gint32 *days)
{
  pl_parse_trim (&data, &length);
  return pl_parse_date (data, length, days);
}

gboolean
pl_parse_loose_timestamp (const char *data, gsize length, gint64 *microseconds, gboolean *zoned)
{
  pl_parse_trim (&data, &length);
  return pl_parse_timestamp (data, length, microseconds, zoned);
}
