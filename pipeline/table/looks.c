/* See looks.h. Dates are tried format by format: it is a message that waits for them. */
#include "looks.h"

#include <string.h>

#include "../base/show.h"
#include "parse.h"

/* Longer ones are no unit, and no date. */
#define MOST_OF_A_UNIT 4
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
    = {"%Y-%m-%d",  "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y",  "%d/%m/%Y", "%m/%d/%Y",     "%d-%m-%Y",  "%m-%d-%Y",
       "%d.%m.%y",  "%d/%m/%y", "%m/%d/%y", "%d %b %Y",  "%d-%b-%Y", "%d/%b/%Y",     "%d%b%Y",    "%d-%b-%y",
       "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y", "%B %d %Y", "%a, %d %b %Y", "%d. %b %Y", "%d. %B %Y",
       "%Y%m%d",    "%b %Y",    "%B %Y",    "%b-%Y",     "%Y-%m",    "%m/%Y"};
static const char *const times[] = {"",       " %H:%M",    " %H:%M:%S",    " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p",
                                    "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f", "T%H%M%S",      "%H%M%S",    " %H%M%S"};
static const char *const zones[] = {"", "%z", " %z", " %Z"};

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
        gint64 moment;
        gboolean zoned, is_fine, is_known = FALSE;
        g_snprintf (format, sizeof format, "%s%s%s", dates[j], times[i], zone);
        if (!pl_parse_formatted (data, length, format, &moment, &zoned, &is_fine) || is_fine)
          continue;
        for (guint k = 0; k < moments->len; k++)
          is_known |= g_array_index (moments, gint64, k) == moment;
        if (is_known)
          continue;
        g_array_append_val (moments, moment);
        g_ptr_array_add (found, g_strdup (format));
      }
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

/* Whether a text is what stands beside an amount: a sign of money or a percent sign, and where @with_letters, a word.
 */
static gboolean
is_unit (const char *data, gsize length, gboolean with_letters)
{
  if (length > MOST_OF_A_UNIT || !g_utf8_validate (data, (gssize) length, NULL))
    return FALSE;
  for (const char *at = data; at < data + length; at = g_utf8_next_char (at))
    {
      const gunichar c = g_utf8_get_char (at);
      const gboolean is_sign = c == '%' || c == '$' || c == ' ' || (c >= 0x80 && !g_unichar_isalnum (c));
      if (pl_show_hides (c, PL_SHOW_LINE) || !(is_sign || (with_letters && g_unichar_isalpha (c))))
        return FALSE;
    }
  return TRUE;
}

gboolean
pl_looks_like_amount (const char *data, gsize length, gsize *start, gsize *end)
{
  *start = 0;
  *end = length;
  while (*start < length && !g_ascii_isdigit (data[*start]) && strchr ("+-.", data[*start]) == NULL)
    (*start)++;
  while (*end > *start && !g_ascii_isdigit (data[*end - 1]))
    (*end)--;
  if (*start == *end || (*start > 0) == (*end < length))
    return FALSE;
  /* Letters before digits are a code, unless there is a blank between. */
  const gboolean is_word = *start > 1 && data[*start - 1] == ' ';
  return is_unit (data, *start, is_word) && is_unit (data + *end, length - *end, TRUE);
}
