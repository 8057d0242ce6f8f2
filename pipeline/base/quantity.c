/* Sizes, shares, times and counts as users write them.
 *
 * Everything is parsed by hand: no locale, no sign, no fraction where none is documented, no silent clamping. A text
 * is understood whole or refused with a sentence that says what to write. */
#include "quantity.h"

#include <string.h>

#include "error.h"

typedef struct
{
  const char *name;
  guint64 factor;
} Unit;

/* Cuts outer spaces off; @length gets the rest's. */
static const char *
strip (const char *text, gsize *length)
{
  while (g_ascii_isspace (*text))
    text++;
  *length = strlen (text);
  while (*length > 0 && g_ascii_isspace (text[*length - 1]))
    (*length)--;
  return text;
}

/* Reads the digits at the start of @text. Returns: how many there are; @overflow when they do not fit. */
static gsize
scan_digits (const char *text, gsize length, guint64 *value, gboolean *overflow)
{
  gsize n = 0;
  *value = 0;
  *overflow = FALSE;
  for (; n < length && g_ascii_isdigit (text[n]); n++)
    if (!g_uint64_checked_mul (value, *value, 10) || !g_uint64_checked_add (value, *value, (guint64) (text[n] - '0')))
      *overflow = TRUE;
  return n;
}

static const Unit *
find_unit (const Unit *units, const char *text, gsize length)
{
  for (; units->name != NULL; units++)
    if (strlen (units->name) == length && g_ascii_strncasecmp (units->name, text, length) == 0)
      return units;
  return NULL;
}

/* A whole number directly followed by one of @units. @what and @hint complete the message. */
static gboolean
parse_with_unit (const char *text, const Unit *units, const char *what, const char *hint, guint64 *result,
                 GError **error)
{
  gsize length;
  guint64 number;
  gboolean overflow;
  const char *stripped = strip (text, &length);
  gsize digits = scan_digits (stripped, length, &number, &overflow);
  const Unit *unit = digits > 0 ? find_unit (units, stripped + digits, length - digits) : NULL;
  if (unit == NULL)
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "'%.*s' is not a %s; %s", (int) length, stripped, what,
                   hint);
      return FALSE;
    }
  if (overflow || !g_uint64_checked_mul (&number, number, unit->factor))
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "the %s '%.*s' is too large", what, (int) length,
                   stripped);
      return FALSE;
    }
  *result = number;
  return TRUE;
}

gboolean
pl_parse_size (const char *text, guint64 *bytes, GError **error)
{
  static const Unit units[] = {
      {"", 1},          {"B", 1},       {"K", 1 << 10},   {"KiB", 1 << 10}, {"M", 1 << 20},
      {"MiB", 1 << 20}, {"G", 1 << 30}, {"GiB", 1 << 30}, {NULL, 0},
  };
  return parse_with_unit (text, units, "size", "write bytes, or a whole number with KiB, MiB or GiB, as in 64KiB",
                          bytes, error);
}

gboolean
pl_parse_duration (const char *text, guint64 *microseconds, GError **error)
{
  static const Unit units[] = {
      {"", 1000000},
      {"ms", 1000},
      {"s", 1000000},
      {"m", 60000000},
      {"h", G_GUINT64_CONSTANT (3600000000)},
      {"d", G_GUINT64_CONSTANT (86400000000)},
      {NULL, 0},
  };
  return parse_with_unit (text, units, "time", "write a whole number with ms, s, m, h or d, as in 30s", microseconds,
                          error);
}

gboolean
pl_parse_share (const char *text, double *share, GError **error)
{
  gsize length;
  const char *stripped = strip (text, &length);
  guint64 mantissa = 0;
  guint digits = 0, fraction = 0;
  gboolean point = FALSE;
  gsize i = 0;
  for (; i < length && digits <= 15; i++)
    {
      if (g_ascii_isdigit (stripped[i]))
        {
          mantissa = mantissa * 10 + (guint64) (stripped[i] - '0');
          digits++;
          fraction += point;
        }
      else if (stripped[i] == '.' && !point && digits > 0)
        point = TRUE;
      else
        break;
    }
  /* Up to 15 digits over a power of ten up to 10^17: both are exact doubles, so the quotient is rounded once. */
  double divisor = 100;
  for (guint place = 0; place < fraction; place++)
    divisor *= 10;
  double value = (double) mantissa / divisor;
  if (digits == 0 || digits > 15 || (point && fraction == 0) || i + 1 != length || stripped[i] != '%' || value > 1)
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                   "'%.*s' is not a share; write a percentage from 0%% to 100%%, as in 50%%", (int) length, stripped);
      return FALSE;
    }
  *share = value;
  return TRUE;
}

gboolean
pl_parse_count (const char *text, guint64 minimum, guint64 maximum, guint64 *count, GError **error)
{
  gsize length;
  guint64 number;
  gboolean overflow;
  const char *stripped = strip (text, &length);
  gsize digits = scan_digits (stripped, length, &number, &overflow);
  if (digits > 0 && digits == length && !overflow && number >= minimum && number <= maximum)
    {
      *count = number;
      return TRUE;
    }
  if (maximum >= G_MAXINT64)
    g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                 "'%.*s' is not a whole number of at least %" G_GUINT64_FORMAT, (int) length, stripped, minimum);
  else
    g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                 "'%.*s' is not a whole number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, (int) length,
                 stripped, minimum, maximum);
  return FALSE;
}

gboolean
pl_parse_flag (const char *text, gboolean *flag, GError **error)
{
  static const char *const words[][2] = {{"false", "true"}, {"no", "yes"}, {"off", "on"}, {"0", "1"}};
  gsize length;
  const char *stripped = strip (text, &length);
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    for (int value = 0; value < 2; value++)
      if (strlen (words[i][value]) == length && g_ascii_strncasecmp (words[i][value], stripped, length) == 0)
        {
          *flag = value;
          return TRUE;
        }
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "'%.*s' is not a flag; write true or false", (int) length,
               stripped);
  return FALSE;
}
