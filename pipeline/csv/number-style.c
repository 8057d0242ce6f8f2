/* Thousands separators and decimal commas. A separator is only dropped where it groups three digits: "1,234" is a
 * number with thousands = ",", "1,23" is a text. */
#include "number-style.h"

#include <string.h>

/* How long the separator of thousands is that @data begins with; 0: it begins with none. Where that is a blank, the
 * narrow and no-break ones are, too, which programs write there. */
static inline gsize
separator_length (const PlDialect *dialect, const char *data, gsize length)
{
  static const char blanks[][4] = {"\u00a0", "\u202f", "\u2009", "\u2007"};
  if (dialect->thousands == 0 || length == 0)
    return 0;
  if (*data == dialect->thousands)
    return 1;
  for (guint i = 0; i < G_N_ELEMENTS (blanks) && dialect->thousands == ' ' && (guint8) *data >= 0x80; i++)
    if (length >= strlen (blanks[i]) && memcmp (data, blanks[i], strlen (blanks[i])) == 0)
      return strlen (blanks[i]);
  return 0;
}

/* The whole part, digits and separators from @p on. Returns: behind it, or -1 when its groups are wrong. */
static gssize
copy_whole (const PlDialect *dialect, const char *data, gsize length, gsize p, char *out, gsize *n)
{
  gsize group = 0;
  gboolean grouped = FALSE;
  for (gsize step = 1; p < length; p += step)
    {
      if (g_ascii_isdigit (data[p]))
        {
          out[(*n)++] = data[p];
          group++;
          step = 1;
        }
      else if ((step = separator_length (dialect, data + p, length - p)) > 0)
        {
          if (grouped ? group != 3 : group < 1 || group > 3)
            return -1;
          grouped = TRUE;
          group = 0;
        }
      else
        break;
    }
  return grouped && group != 3 ? -1 : (gssize) p;
}

gsize
pl_restyle_number (const PlDialect *dialect, const char *data, gsize length, char *out)
{
  char mark = dialect->decimal_comma ? ',' : '.';
  gsize p = 0, n = 0;
  if (length == 0 || length > PL_NUMBER_MAX)
    return 0;
  if (data[0] == '-' || data[0] == '+')
    out[n++] = data[p++];
  gssize behind = copy_whole (dialect, data, length, p, out, &n);
  if (behind < 0)
    return 0;
  for (p = (gsize) behind; p < length; p++)
    {
      if (data[p] == mark)
        out[n++] = '.';
      else if (data[p] == '.' || data[p] == ',')
        return 0;
      else
        out[n++] = data[p];
    }
  return n;
}
