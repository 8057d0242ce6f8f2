/* See looks.h. Dates are tried format by format: it is a message that waits for them. */
#include "looks.h"

#include <string.h>

#include "parse.h"

/* Longer ones are no date. */
#define MOST_OF_A_DATE 40

gboolean
pl_looks_beyond (const char *data, gsize length, PlType type)
{
  PlNumberShape shape;
  pl_parse_trim (&data, &length);
  if (!pl_number_shape (data, length, &shape) || shape.significant == 0)
    return FALSE;
  gint64 whole;
  double number;
  switch ((PlTypeKind) type.kind)
    {
    case PL_INT:
      return shape.fraction == 0 && shape.first >= 18 && !pl_parse_loose_int (data, length, &whole);
    case PL_FLOAT:
      return !pl_parse_loose_float (data, length, &number);
    case PL_DECIMAL:
      return shape.first >= (gint64) type.precision - type.scale;
    default:
      return FALSE;
    }
}

gboolean
pl_looks_null (const char *data, gsize length)
{
  static const char *const words[] = {"na", "n/a", "#n/a", "null", "none",   "nil",  "nan",     "nat",    "-",
                                      "--", "?",   ".",    "\\n",  "(null)", "<na>", "missing", "unknown"};
  pl_parse_trim (&data, &length);
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i]) == length && g_ascii_strncasecmp (words[i], data, length) == 0)
      return TRUE;
  return FALSE;
}

/* Dates as people and programs write them; a time may stand behind, as in `times`. */
static const char *const dates[]
    = {"%Y-%m-%d",     "%Y/%m/%d",  "%Y.%m.%d",  "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y",   "%d-%m-%Y",
       "%m-%d-%Y",     "%d.%m.%y",  "%d/%m/%y",  "%m/%d/%y", "%d %b %Y", "%d-%b-%Y",   "%d/%b/%Y",
       "%d%b%Y",       "%d-%b-%y",  "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y",  "%B %d %Y",
       "%a, %d %b %Y", "%d. %b %Y", "%d. %B %Y", "%Y%m%d",   "%b %Y",    "%B %Y",      "%b-%Y",
       "%Y-%m",        "%m/%Y",     "%y-%m-%d",  "%d-%m-%y", "%Y-%j",    "%a %d %b %Y"};
static const char *const times[]
    = {"",       " %H:%M",    " %H:%M:%S",    " %H:%M:%S.%f", " %H:%M:%S,%f", " %I:%M %p", " %I:%M:%S %p",
       "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f", ":%H:%M:%S",    "T%H%M%S",      "%H%M%S",    " %H%M%S"};
static const char *const zones[] = {"", "%z", " %z", " %Z"};
/* Those whose year stands behind the time. */
static const char *const with_times[] = {"%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %Z %Y", "%a %b %d %H:%M:%S %z %Y"};

/* Adds @format to @found, if it reads @data as another moment than those. */
static void
try_format (const char *data, gsize length, const char *format, gboolean is_zoned, GArray *moments, GPtrArray *found)
{
  gint64 moment;
  gboolean zoned, is_fine;
  if (!pl_parse_formatted (data, length, format, &moment, &zoned, &is_fine) || is_fine || zoned != is_zoned)
    return;
  for (guint i = 0; i < moments->len; i++)
    if (g_array_index (moments, gint64, i) == moment)
      return;
  g_array_append_val (moments, moment);
  g_ptr_array_add (found, g_strdup (format));
}

/* Adds the formats with @zone that read @data to @found, one for each moment they give. */
static void
find_formats (const char *data, gsize length, const char *zone, GPtrArray *found)
{
  /* Most texts are too short for a time. */
  const gboolean may_have_time = memchr (data, ':', length) != NULL || length >= 14;
  g_autoptr (GArray) moments = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < (may_have_time ? G_N_ELEMENTS (times) : 1); i++)
    for (guint j = 0; j < G_N_ELEMENTS (dates); j++)
      {
        char format[64];
        g_snprintf (format, sizeof format, "%s%s%s", dates[j], times[i], zone);
        /* A zone of a day is no format. */
        if (*zone != '\0' && *times[i] == '\0')
          continue;
        try_format (data, length, format, *zone != '\0', moments, found);
      }
  for (guint i = 0; may_have_time && i < G_N_ELEMENTS (with_times); i++)
    try_format (data, length, with_times[i], *zone != '\0', moments, found);
}

GPtrArray *
pl_looks_like_date (const char *data, gsize length, gboolean zoned)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  if (length < 6 || length > MOST_OF_A_DATE || memchr (data, '\0', length) != NULL)
    return found;
  for (guint i = zoned ? 1 : 0; i < (zoned ? G_N_ELEMENTS (zones) : 1) && found->len == 0; i++)
    find_formats (data, length, zones[i], found);
  return found;
}

char *
pl_looks_formats (const char *data, gsize length)
{
  g_autoptr (GPtrArray) found = pl_looks_like_date (data, length, FALSE);
  if (found->len == 0)
    {
      g_ptr_array_unref (found);
      found = pl_looks_like_date (data, length, TRUE);
    }
  if (found->len == 0)
    return NULL;
  const char *first = g_ptr_array_index (found, 0);
  return found->len == 1 ? g_strdup (first)
                         : g_strdup_printf ("%s or %s", first, (const char *) g_ptr_array_index (found, 1));
}

gsize
pl_looks_minus (const char *data, gsize length)
{
  static const char *const minuses[] = {"\u2212", "\u2013", "\u2012", "\u2010", "\u2011", "\ufe63", "\uff0d"};
  for (gsize i = 0; i < G_N_ELEMENTS (minuses); i++)
    if (length >= strlen (minuses[i]) && memcmp (data, minuses[i], strlen (minuses[i])) == 0)
      return strlen (minuses[i]);
  return 0;
}

/* Whether a text is what stands beside an amount and is no part of it. */
static gboolean
is_unit (const char *data, gsize length)
{
  static const char *const codes[]
      = {"AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR",
         "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD",
         "UAH", "USD", "VND", "ZAR", "A$",  "AU$", "C$",  "CA$", "HK$", "NZ$", "R$",  "S$",  "US$", "%"};
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (strlen (codes[i]) == length && memcmp (codes[i], data, length) == 0)
      return TRUE;
  return length > 0 && g_utf8_validate (data, (gssize) length, NULL) && g_utf8_next_char (data) == data + length
         && g_unichar_type (g_utf8_get_char (data)) == G_UNICODE_CURRENCY_SYMBOL;
}

/* Whether a byte is of a number however it is grouped, or of a minus, which is of several. */
static gsize
number_part (const char *data, gsize length)
{
  static const char apostrophe[] = "\u2019";
  if (g_ascii_isdigit (*data) || strchr ("+-.,'", *data) != NULL)
    return *data != '\0';
  if (length >= strlen (apostrophe) && memcmp (data, apostrophe, strlen (apostrophe)) == 0)
    return strlen (apostrophe);
  return pl_looks_minus (data, length);
}

gboolean
pl_looks_like_amount (const char *data, gsize length, gsize *start, gsize *end)
{
  gsize at = 0, digits[2] = {0, 0};
  *start = *end = G_MAXSIZE;
  while (at < length)
    {
      const char *text = data + at, *behind;
      gsize n = number_part (text, length - at), rest = length - at;
      pl_parse_trim (&text, &rest);
      if (n > 0)
        digits[*start != G_MAXSIZE] += g_ascii_isdigit (data[at]) != FALSE;
      else if (text != data + at)
        n = (gsize) (text - data) - at;
      else
        {
          for (behind = text; behind < data + length && number_part (behind, (gsize) (data + length - behind)) == 0;)
            behind++;
          rest = (gsize) (behind - text);
          pl_parse_trim (&text, &rest);
          if (*start != G_MAXSIZE || !is_unit (text, rest))
            return FALSE;
          *start = at;
          *end = at + rest;
          n = rest;
        }
      at += MAX (n, 1);
    }
  return *start != G_MAXSIZE && (digits[0] == 0) != (digits[1] == 0);
}
