/* Thousands separators and decimal commas. A separator is only dropped where it groups three digits: "1,234" is a
 * number with thousands = ",", "1,23" is a text. */
#include "number-style.h"

/* The whole part, digits and separators from @p on. Returns: behind it, or -1 when its groups are wrong. */
static gssize
copy_whole (const PlDialect *dialect, const char *data, gsize length, gsize p, char *out, gsize *n)
{
  gsize group = 0;
  gboolean grouped = FALSE;
  for (; p < length; p++)
    {
      if (g_ascii_isdigit (data[p]))
        {
          out[(*n)++] = data[p];
          group++;
        }
      else if (dialect->thousands != 0 && data[p] == dialect->thousands)
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
