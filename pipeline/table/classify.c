/* Which type a text is of, when nobody has said: what inference asks of every value. And the texts of bool. */
#include "parse.h"

#define MAX_DECIMAL_DIGITS 38

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

static gsize
count_digits (const char *data, gsize length)
{
  gsize n = 0;
  while (n < length && g_ascii_isdigit (data[n]))
    n++;
  return n;
}

/* A text that may be a number. Whole numbers stay exact: those that no decimal holds stay text. */
static PlType
classify_number (const char *data, gsize length)
{
  gint64 whole;
  double number;
  if (pl_parse_int (data, length, &whole))
    return PL_TYPE (PL_INT);
  if (!pl_parse_float (data, length, &number))
    return PL_TYPE (PL_STRING);
  gsize sign = *data == '-' || *data == '+';
  if (count_digits (data + sign, length - sign) < length - sign)
    return PL_TYPE (PL_FLOAT);
  return length - sign <= MAX_DECIMAL_DIGITS ? PL_TYPE_DECIMAL (MAX_DECIMAL_DIGITS, 0) : PL_TYPE (PL_STRING);
}

PlType
pl_classify (const char *data, gsize length)
{
  guint8 truth;
  gint32 days;
  gint64 microseconds;
  gboolean zoned;
  if (length == 0)
    return PL_TYPE (PL_STRING);
  /* No other type has a dash or a slash in the fifth place of ten and more, but for an exponent's. */
  if (length >= 10 && (data[4] == '-' || data[4] == '/'))
    {
      if (pl_parse_date (data, length, &days))
        return PL_TYPE (PL_DATE);
      if (pl_parse_timestamp (data, length, &microseconds, &zoned))
        return (PlType){.kind = PL_TIMESTAMP, .zoned = zoned ? 1 : 0};
    }
  if (pl_parse_bool (data, length, &truth))
    return PL_TYPE (PL_BOOL);
  return classify_number (data, length);
}
