/* Names of types, and the two ways two types meet: join() for inference, where a type stands for the texts it
 * holds, and promote() for expressions, where it stands for values. */
#include "type.h"

#include <string.h>

#include "../base/error.h"
#include "../base/suggest.h"

#define MAX_PRECISION 38
/* Digits of the largest 64-bit integer. */
#define INT_DIGITS 19

static const struct
{
  const char *name;
  PlType type;
} names[] = {
    {"bool", {.kind = PL_BOOL}},
    {"int", {.kind = PL_INT}},
    {"float", {.kind = PL_FLOAT}},
    {"string", {.kind = PL_STRING}},
    {"date", {.kind = PL_DATE}},
    {"timestamp", {.kind = PL_TIMESTAMP}},
    {"timestamp with zone", {.kind = PL_TIMESTAMP, .zoned = 1}},
    {"boolean", {.kind = PL_BOOL}},
    {"integer", {.kind = PL_INT}},
    {"bigint", {.kind = PL_INT}},
    {"double", {.kind = PL_FLOAT}},
    {"real", {.kind = PL_FLOAT}},
    {"text", {.kind = PL_STRING}},
    {"varchar", {.kind = PL_STRING}},
    {"datetime", {.kind = PL_TIMESTAMP}},
    {"timestamp with time zone", {.kind = PL_TIMESTAMP, .zoned = 1}},
};

gsize
pl_type_width (PlType type)
{
  switch ((PlTypeKind) type.kind)
    {
    case PL_NULL:
      return 0;
    case PL_BOOL:
      return sizeof (guint8);
    case PL_INT:
    case PL_TIMESTAMP:
      return sizeof (gint64);
    case PL_FLOAT:
      return sizeof (double);
    case PL_DECIMAL:
      return sizeof (PlInt128);
    case PL_STRING:
      return 16; /* PlText, which column.h declares and asserts */
    case PL_DATE:
      return sizeof (gint32);
    }
  g_assert_not_reached ();
}

const char *
pl_type_name (PlType type)
{
  if (type.kind == PL_NULL)
    return "null";
  if (type.kind == PL_DECIMAL)
    {
      char name[32];
      g_snprintf (name, sizeof name, "decimal(%u,%u)", type.precision, type.scale);
      return g_intern_string (name);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].type.kind == type.kind && names[i].type.zoned == type.zoned)
      return names[i].name;
  g_assert_not_reached ();
}

/* Reads "P" or "P,S" in brackets, spaces anywhere between. */
static gboolean
parse_digits (const char *text, guint *precision, guint *scale)
{
  guint numbers[2] = {0, 0};
  guint n = 0;
  if (*text++ != '(')
    return FALSE;
  while (n < 2)
    {
      text += strspn (text, " ");
      gsize digits = strspn (text, "0123456789");
      if (digits == 0 || digits > 3)
        return FALSE;
      numbers[n++] = (guint) g_ascii_strtoull (text, NULL, 10);
      text += digits;
      text += strspn (text, " ");
      if (*text != ',')
        break;
      text++;
    }
  if (*text++ != ')' || *text != '\0')
    return FALSE;
  *precision = numbers[0];
  *scale = numbers[1];
  return TRUE;
}

static gboolean
parse_decimal_type (const char *text, const char *brackets, PlType *type, GError **error)
{
  guint precision, scale;
  if (!parse_digits (brackets, &precision, &scale))
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                   "type '%s' needs its digits in all and behind the point, as in decimal(18,2)", text);
      return FALSE;
    }
  if (precision < 1 || precision > MAX_PRECISION || scale > precision)
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                   "type '%s' is out of range: a decimal has 1 to 38 digits, and no more behind the point than in all",
                   text);
      return FALSE;
    }
  *type = PL_TYPE_DECIMAL ((guint8) precision, (guint8) scale);
  return TRUE;
}

static void
set_unknown_type (const char *text, const char *name, GError **error)
{
  const char *candidates[G_N_ELEMENTS (names) + 3];
  gsize n = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    candidates[n++] = names[i].name;
  candidates[n++] = "decimal";
  candidates[n++] = "numeric";
  candidates[n] = NULL;
  const char *nearest = pl_suggest (name, candidates);
  if (nearest != NULL)
    g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "unknown type '%s'; did you mean '%s'?", text, nearest);
  else
    g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                 "unknown type '%s'; there are bool, int, float, decimal(p,s), string, date, timestamp and timestamp "
                 "with zone",
                 text);
}

gboolean
pl_type_parse (const char *text, PlType *type, GError **error)
{
  g_autofree char *written = g_strstrip (g_strdup (text));
  g_autofree char *name = g_ascii_strdown (written, -1);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i].name))
      {
        *type = names[i].type;
        return TRUE;
      }

  char *brackets = strchr (name, '(');
  g_autofree char *arguments = g_strdup (brackets != NULL ? brackets : "");
  if (brackets != NULL)
    *brackets = '\0';
  g_strchomp (name);
  if (g_str_equal (name, "decimal") || g_str_equal (name, "numeric"))
    return parse_decimal_type (written, arguments, type, error);
  set_unknown_type (written, name, error);
  return FALSE;
}

/* The decimal that holds both, or float where that takes more than 38 digits. */
static PlType
join_decimals (PlType a, PlType b)
{
  guint whole = (guint) MAX (a.precision - a.scale, b.precision - b.scale);
  guint scale = MAX (a.scale, b.scale);
  if (whole + scale > MAX_PRECISION)
    return PL_TYPE (PL_FLOAT);
  return PL_TYPE_DECIMAL ((guint8) (whole + scale), (guint8) scale);
}

/* The type two different numeric types meet in. */
static PlType
join_numbers (PlType a, PlType b)
{
  if (a.kind == PL_FLOAT || b.kind == PL_FLOAT)
    return PL_TYPE (PL_FLOAT);
  if (a.kind == PL_INT)
    a = PL_TYPE_DECIMAL (INT_DIGITS, 0);
  if (b.kind == PL_INT)
    b = PL_TYPE_DECIMAL (INT_DIGITS, 0);
  return join_decimals (a, b);
}

PlType
pl_type_join (PlType a, PlType b)
{
  if (pl_type_equal (a, b) || b.kind == PL_NULL)
    return a;
  if (a.kind == PL_NULL)
    return b;
  if (pl_type_is_numeric (a) && pl_type_is_numeric (b))
    return join_numbers (a, b);
  /* A time without an offset does not say when it was: beside zoned ones, both stay text. */
  if ((a.kind == PL_DATE && b.kind == PL_TIMESTAMP && !b.zoned)
      || (b.kind == PL_DATE && a.kind == PL_TIMESTAMP && !a.zoned))
    return PL_TYPE (PL_TIMESTAMP);
  return PL_TYPE (PL_STRING);
}

static gboolean
is_time (PlType type)
{
  return type.kind == PL_DATE || type.kind == PL_TIMESTAMP;
}

gboolean
pl_type_promote (PlType a, PlType b, PlType *common)
{
  if (pl_type_equal (a, b) || b.kind == PL_NULL)
    *common = a;
  else if (a.kind == PL_NULL)
    *common = b;
  else if (pl_type_is_numeric (a) && pl_type_is_numeric (b))
    *common = join_numbers (a, b);
  else if (is_time (a) && is_time (b))
    *common = (PlType){.kind = PL_TIMESTAMP, .zoned = a.zoned || b.zoned};
  else
    return FALSE;
  return TRUE;
}
