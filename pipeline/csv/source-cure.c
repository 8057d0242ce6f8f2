/* Which keys help against texts among numbers, dates and bools: see source-cure.h.
 *
 * A cure that costs the other values of the column their type is none: the decimal comma where others have a point,
 * another separator of thousands where there is one, a zone among times without. */
#include "source-cure.h"
#include "../base/show.h"
#include "../table/looks.h"
#include "number-style.h"

#include <string.h>

/* Longer values are no help in a key. */
#define MOST_IN_A_KEY 24

char *
pl_source_item (const char *name)
{
  gsize length = strlen (name);
  gboolean is_edged = length == 0 || g_ascii_isspace (name[0]) || g_ascii_isspace (name[length - 1]);
  if (!is_edged && strpbrk (name, ";:\"") == NULL)
    return g_strdup (name);
  g_auto (GStrv) parts = g_strsplit (name, "\"", -1);
  g_autofree char *inner = g_strjoinv ("\"\"", parts);
  return g_strconcat ("\"", inner, "\"", NULL);
}

/* Whether @data is a number, or has the type of the others, without anything done to it. */
static gboolean
is_natural (const PlCure *it, const char *data, gsize length)
{
  PlGuess guess = pl_guess_text (data, length);
  if (pl_type_is_numeric (it->others))
    return pl_guess_is_number (guess);
  return !pl_guess_has (guess, PL_SEEN_TEXT) && !pl_guess_is_number (guess);
}

static gboolean
cure_by_trim (GString *text, const PlCure *it)
{
  gboolean has_trim = it->source->dialect.trim;
  const char *data = it->value;
  gsize length = it->length;
  for (; length > 0 && (*data == ' ' || *data == '\t'); length--)
    data++;
  while (length > 0 && (data[length - 1] == ' ' || data[length - 1] == '\t'))
    length--;
  if (has_trim || length == it->length || !is_natural (it, data, length))
    return FALSE;
  g_string_append_printf (text, "; trim = true drops its blanks, types = %s:%s takes it as it is", it->name,
                          pl_type_name (it->others));
  return TRUE;
}

/* What a pinned column takes: a number in the style of its source, loosely. */
static gboolean
reads_loosely (const PlCure *it, gboolean *is_whole)
{
  const PlDialect *dialect = &it->source->dialect;
  const char *data = it->value;
  gsize length = it->length;
  char restyled[PL_NUMBER_MAX];
  double number;
  gint64 whole;
  if (pl_dialect_restyles_numbers (dialect))
    {
      pl_parse_trim (&data, &length);
      length = pl_restyle_number (dialect, data, length, restyled);
      data = restyled;
    }
  *is_whole = pl_parse_loose_int (data, length, &whole);
  return pl_parse_loose_float (data, length, &number);
}

/* The value as a pinned column takes it. */
static gboolean
cure_by_type (GString *text, const PlCure *it)
{
  gboolean is_whole;
  gint64 moment;
  guint8 truth;
  gint32 days;
  gboolean zoned;
  const char *type = pl_type_name (it->others);
  switch ((PlTypeKind) it->others.kind)
    {
    case PL_BOOL:
      if (!pl_parse_loose_bool (it->value, it->length, &truth))
        return FALSE;
      g_string_append_printf (text, "; types = %s:bool takes it as one", it->name);
      return TRUE;
    case PL_INT:
    case PL_FLOAT:
    case PL_DECIMAL:
      if (!reads_loosely (it, &is_whole))
        return FALSE;
      if (it->others.kind == PL_INT && !is_whole)
        g_string_append_printf (text, "; types = %s:float rounds it", it->name);
      else
        g_string_append_printf (text, "; types = %s:%s takes it as a number", it->name, type);
      return TRUE;
    case PL_DATE:
      if (!pl_parse_loose_date (it->value, it->length, &days))
        return FALSE;
      break;
    case PL_TIMESTAMP:
      if (!pl_parse_loose_timestamp (it->value, it->length, &moment, &zoned) || zoned != it->others.zoned)
        return FALSE;
      break;
    case PL_STRING:
    case PL_NULL:
    default:
      return FALSE;
    }
  g_string_append_printf (text, "; types = %s:%s takes it as one", it->name, type);
  return TRUE;
}

typedef struct
{
  gboolean decimal_comma;
  char thousands;
} Style;

/* Whether @data is a number that the pin takes. */
static gboolean
is_of_pin (PlType type, const char *data, gsize length)
{
  double number;
  gint64 whole;
  PlInt128 decimal;
  if (type.kind == PL_INT)
    return pl_parse_loose_int (data, length, &whole);
  if (type.kind == PL_DECIMAL)
    return pl_parse_loose_decimal (data, length, type.precision, type.scale, &decimal);
  return pl_parse_loose_float (data, length, &number);
}

/* The number that the value is in a style. */
static gboolean
read_style (const PlCure *it, Style style, double *number)
{
  PlDialect dialect = it->source->dialect;
  const char *data = it->value;
  gsize length = it->length;
  char restyled[PL_NUMBER_MAX];
  dialect.decimal_comma = style.decimal_comma;
  dialect.thousands = style.thousands;
  if (dialect.trim || it->is_pinned)
    pl_parse_trim (&data, &length);
  length = pl_restyle_number (&dialect, data, length, restyled);
  return length > 0 && pl_parse_float (restyled, length, number)
         && (!it->is_pinned || is_of_pin (it->others, restyled, length));
}

/* The keys by which a style differs from that of the source. */
static void
append_style (GString *text, const PlCure *it, Style style)
{
  const PlDialect *dialect = &it->source->dialect;
  gboolean says_comma = style.decimal_comma && !dialect->decimal_comma;
  if (says_comma)
    g_string_append (text, "decimal-comma = true");
  if (style.thousands == dialect->thousands)
    return;
  g_string_append_printf (text, "%sthousands = ", says_comma ? " with " : "");
  if (style.thousands == ' ')
    g_string_append (text, "space");
  else
    g_string_append_c (text, style.thousands);
}

/* Whether others of the column would be no numbers any more. */
static gboolean
style_breaks_others (const PlCure *it, Style style)
{
  const PlDialect *dialect = &it->source->dialect;
  const PlEvidence *evidence = it->source->evidence != NULL ? &it->source->evidence[it->column] : NULL;
  if (dialect->thousands != 0 && style.thousands != dialect->thousands)
    return TRUE;
  if (style.decimal_comma == dialect->decimal_comma)
    return FALSE;
  return !style.decimal_comma || (evidence != NULL && pl_guess_has (evidence->guess, PL_SEEN_FLOAT));
}

gboolean
pl_cure_by_style (GString *text, const PlCure *it)
{
  static const Style styles[]
      = {{FALSE, ','}, {FALSE, '\''}, {FALSE, ' '}, {TRUE, 0}, {TRUE, '.'}, {TRUE, ' '}, {TRUE, '\''}};
  Style found[G_N_ELEMENTS (styles)];
  double numbers[G_N_ELEMENTS (styles)], number;
  guint n_found = 0;
  if (!pl_type_is_numeric (it->others) || it->length > PL_WITNESS_SHOWN)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    {
      Style style = styles[i];
      if (style.thousands == 0)
        style.thousands = it->source->dialect.thousands;
      if (style.thousands == (style.decimal_comma ? ',' : '.') || style_breaks_others (it, style)
          || !read_style (it, style, &number))
        continue;
      gboolean is_known = FALSE;
      for (guint j = 0; j < n_found; j++)
        is_known |= numbers[j] == number;
      if (is_known)
        continue;
      found[n_found] = style;
      numbers[n_found++] = number;
    }
  if (n_found == 0)
    return FALSE;
  g_string_append (text, "; ");
  append_style (text, it, found[0]);
  if (n_found == 1)
    g_string_append (text, " reads it as a number");
  /* 1,234 is one number or the other. */
  for (guint i = 0; i < n_found && n_found > 1; i++)
    {
      if (i > 0)
        {
          g_string_append (text, ", ");
          append_style (text, it, found[i]);
        }
      g_string_append_printf (text, "%s as %.15g", i == 0 ? " reads it" : "", numbers[i]);
    }
  return TRUE;
}

gboolean
pl_cure_by_format (GString *text, const PlCure *it)
{
  const PlSource *source = it->source;
  gboolean is_date = it->others.kind == PL_DATE;
  if ((!is_date && it->others.kind != PL_TIMESTAMP) || source->dialect.n_date_formats >= PL_MAX_FORMATS)
    return FALSE;
  g_autoptr (GPtrArray) found = pl_looks_like_date (it->value, it->length, it->others.zoned);
  if (found->len == 0 && it->is_pinned)
    {
      g_ptr_array_unref (found);
      found = pl_looks_like_date (it->value, it->length, !it->others.zoned);
    }
  if (found->len == 0)
    return FALSE;
  gboolean is_first = source->readings[it->column].style.formats == 0;
  g_string_append (text, is_first ? "; date-format = " : "; date-format reads it with ");
  for (guint i = 0; i < MIN (found->len, 2); i++)
    g_string_append_printf (text, "%s%s%s%s", i > 0 ? " or " : "", is_first ? it->name : "", is_first ? ":" : "",
                            (const char *) g_ptr_array_index (found, i));
  g_string_append (text, is_first ? " reads it" : " added");
  if (is_date && it->is_pinned && strpbrk (g_ptr_array_index (found, 0), "HI") != NULL)
    g_string_append_printf (text, ", types = %s:timestamp takes it", it->name);
  return TRUE;
}

/* @name as expressions have it. Returns: (transfer full) */
static char *
expression_name (const char *name)
{
  gboolean is_plain = *name != '\0' && !g_ascii_isdigit (*name);
  for (const char *c = name; *c != '\0'; c++)
    is_plain = is_plain && (g_ascii_isalnum (*c) || *c == '_');
  if (is_plain)
    return g_strdup (name);
  g_auto (GStrv) parts = g_strsplit (name, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", parts);
  return g_strdup_printf ("\"%s\"", doubled);
}

gboolean
pl_cure_by_amount (GString *text, const PlCure *it)
{
  gsize start, end;
  double number;
  char restyled[PL_NUMBER_MAX];
  if (!pl_type_is_numeric (it->others) || !pl_looks_like_amount (it->value, it->length, &start, &end))
    return FALSE;
  const char *digits = it->value + start;
  const PlDialect grouped = {.thousands = ','};
  const gsize length = pl_restyle_number (&grouped, digits, end - start, restyled);
  if (length == 0 || !pl_parse_float (restyled, length, &number))
    return FALSE;
  const gboolean is_grouped = length != end - start;
  g_autofree char *unit = start > 0 ? g_strndup (it->value, start) : g_strdup (it->value + end);
  g_autofree char *name = expression_name (it->source->schema->fields[it->column].name);
  if (it->is_pinned)
    g_string_append_printf (text, "; with types = %s:string,", it->name);
  g_string_append_printf (text, "%s cast(%sreplace(%s, '%s', '')%s as float) makes a number of it",
                          it->is_pinned ? "" : ";", is_grouped ? "replace(" : "", name, unit,
                          is_grouped ? ", ',', '')" : "");
  return TRUE;
}

char *
pl_cure_null_item (const PlCure *it)
{
  if (it->length == 0 || it->length > MOST_IN_A_KEY || strpbrk (it->value, "\r\n\\") != NULL)
    return NULL;
  g_autofree char *shown = pl_show (it->value);
  for (const char *escape = strchr (shown, '\\'); escape != NULL; escape = strchr (escape + 1, '\\'))
    if (escape[1] != 'u')
      return NULL;
  return pl_source_item (shown);
}

static void
cure_by_null (GString *text, const PlCure *it)
{
  g_autofree char *item = pl_cure_null_item (it);
  g_string_append_printf (text, "; null-values%s%s makes it null, types = %s:%s makes such rows bad ones",
                          item != NULL ? " = " : "", item != NULL ? item : "", it->name, pl_type_name (it->others));
}

void
pl_source_append_cure (GString *text, const PlSource *source, guint column, const char *value, PlType others)
{
  if (others.kind == PL_STRING || others.kind == PL_NULL)
    return;
  g_autofree char *name = pl_source_item (source->schema->fields[column].name);
  const PlCure it = {source, column, value, strlen (value), name, others, FALSE};
  if (!cure_by_trim (text, &it) && !cure_by_type (text, &it) && !pl_cure_by_style (text, &it)
      && !pl_cure_by_format (text, &it) && !pl_cure_by_amount (text, &it))
    cure_by_null (text, &it);
}

void
pl_source_append_reading (GString *text, const PlSource *source, guint column, const char *value)
{
  static const PlType types[] = {{.kind = PL_FLOAT}, {.kind = PL_TIMESTAMP}, {.kind = PL_TIMESTAMP, .zoned = 1}};
  g_autofree char *name = pl_source_item (source->schema->fields[column].name);
  gboolean is_found = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (types) && !is_found; i++)
    {
      const PlCure it = {source, column, value, strlen (value), name, types[i], FALSE};
      is_found = cure_by_trim (text, &it) || pl_cure_by_style (text, &it) || pl_cure_by_format (text, &it)
                 || pl_cure_by_amount (text, &it);
    }
}
