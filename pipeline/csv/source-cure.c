/* Which keys help against texts among numbers, dates and bools: see source-cure.h.
 *
 * A cure that costs the other values of the column their type is none: the decimal comma where others have a point,
 * another separator of thousands where there is one, a zone among times without. */
#include "source-cure.h"
#include "../base/show.h"
#include "number-style.h"

#include <string.h>

/* Longer values are no help in a key. */
#define MOST_IN_A_KEY 24

typedef struct
{
  const PlSource *source;
  guint column;
  const char *value;
  gsize length;
  char *name; /* of the column, as an item */
  PlType others;
} Cure;

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
is_natural (const Cure *it, const char *data, gsize length)
{
  PlGuess guess = pl_guess_text (data, length);
  if (pl_type_is_numeric (it->others))
    return pl_guess_is_number (guess);
  return !pl_guess_has (guess, PL_SEEN_TEXT) && !pl_guess_is_number (guess);
}

static gboolean
cure_by_trim (GString *text, const Cure *it)
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
reads_loosely (const Cure *it, gboolean *is_whole)
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
cure_by_type (GString *text, const Cure *it)
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

/* The number that the value is in a style. */
static gboolean
read_style (const Cure *it, Style style, double *number)
{
  PlDialect dialect = it->source->dialect;
  const char *data = it->value;
  gsize length = it->length;
  char restyled[PL_NUMBER_MAX];
  dialect.decimal_comma = style.decimal_comma;
  dialect.thousands = style.thousands;
  if (dialect.trim)
    pl_parse_trim (&data, &length);
  length = pl_restyle_number (&dialect, data, length, restyled);
  return length > 0 && pl_parse_float (restyled, length, number);
}

/* The keys by which a style differs from that of the source. */
static void
append_style (GString *text, const Cure *it, Style style)
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
style_breaks_others (const Cure *it, Style style)
{
  const PlDialect *dialect = &it->source->dialect;
  const PlEvidence *evidence = &it->source->evidence[it->column];
  if (dialect->thousands != 0 && style.thousands != dialect->thousands)
    return TRUE;
  if (style.decimal_comma == dialect->decimal_comma)
    return FALSE;
  return !style.decimal_comma || pl_guess_has (evidence->guess, PL_SEEN_FLOAT);
}

static gboolean
cure_by_style (GString *text, const Cure *it)
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

/* Dates as people and programs write them; a time may stand behind, as in `times`. */
static const char *const dates[]
    = {"%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y",  "%d-%m-%Y", "%m-%d-%Y",  "%d.%m.%y",
       "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%Y%m%d"};
static const char *const times[]
    = {"", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p"};
static const char *const zones[] = {"", "%z", " %z", " %Z"};

/* Adds the formats that read the value to @found, one for each moment they give. */
static void
find_formats (const Cure *it, const char *zone, GPtrArray *found)
{
  g_autoptr (GArray) moments = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    for (guint j = 0; j < G_N_ELEMENTS (dates); j++)
      {
        g_autofree char *format = g_strconcat (dates[j], times[i], zone, NULL);
        gint64 moment;
        gboolean zoned, is_fine, is_known = FALSE;
        if (!pl_parse_formatted (it->value, it->length, format, &moment, &zoned, &is_fine) || is_fine)
          continue;
        for (guint k = 0; k < moments->len; k++)
          is_known |= g_array_index (moments, gint64, k) == moment;
        if (is_known)
          continue;
        g_array_append_val (moments, moment);
        g_ptr_array_add (found, g_steal_pointer (&format));
      }
}

static gboolean
cure_by_format (GString *text, const Cure *it)
{
  const PlSource *source = it->source;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  gboolean is_date = it->others.kind == PL_DATE;
  if ((!is_date && it->others.kind != PL_TIMESTAMP) || it->length > PL_WITNESS_SHOWN
      || source->dialect.n_date_formats >= PL_MAX_FORMATS)
    return FALSE;
  const gboolean zoned = it->others.zoned;
  for (guint i = zoned; i < (zoned ? G_N_ELEMENTS (zones) : 1) && found->len == 0; i++)
    find_formats (it, zones[i], found);
  if (found->len == 0)
    return FALSE;
  gboolean is_first = source->readings[it->column].style.formats == 0;
  g_string_append (text, is_first ? "; date-format = " : "; date-format reads it with ");
  for (guint i = 0; i < MIN (found->len, 2); i++)
    g_string_append_printf (text, "%s%s%s%s", i > 0 ? " or " : "", is_first ? it->name : "", is_first ? ":" : "",
                            (const char *) g_ptr_array_index (found, i));
  g_string_append (text, is_first ? " reads it" : " added");
  return TRUE;
}

/* @value as null-values has it. Returns: (transfer full) (nullable): where it cannot be written there. */
static char *
null_item (const Cure *it)
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
cure_by_null (GString *text, const Cure *it)
{
  g_autofree char *item = null_item (it);
  g_string_append_printf (text, "; null-values%s%s makes it null, types = %s:%s makes such rows bad ones",
                          item != NULL ? " = " : "", item != NULL ? item : "", it->name, pl_type_name (it->others));
}

void
pl_source_append_cure (GString *text, const PlSource *source, guint column, const char *value, PlType others)
{
  if (others.kind == PL_STRING || others.kind == PL_NULL)
    return;
  g_autofree char *name = pl_source_item (source->schema->fields[column].name);
  const Cure it = {source, column, value, strlen (value), name, others};
  if (!cure_by_trim (text, &it) && !cure_by_type (text, &it) && !cure_by_style (text, &it)
      && !cure_by_format (text, &it))
    cure_by_null (text, &it);
}

/* Returns: (transfer full): @name as an expression has it. */
static char *
name_in_expression (const char *name)
{
  gsize n = strspn (name, G_CSET_A_2_Z G_CSET_a_2_z "_");
  if (n > 0 && name[n + strspn (name + n, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_")] == '\0')
    return g_strdup (name);
  g_auto (GStrv) parts = g_strsplit (name, "\"", -1);
  g_autofree char *inner = g_strjoinv ("\"\"", parts);
  return g_strconcat ("\"", inner, "\"", NULL);
}

/* A percentage, or an amount of money: what stands around the number. */
static gboolean
cure_by_replacing (GString *text, const Cure *it)
{
  g_autofree char *name = name_in_expression (it->source->schema->fields[it->column].name);
  static const char *const signs[] = {"%", "$", "\u20ac", "\u00a3", "\u00a5", "\u20b9", "USD", "EUR"};
  for (guint i = 0; i < G_N_ELEMENTS (signs) && it->length <= PL_WITNESS_SHOWN; i++)
    {
      const char *sign = strstr (it->value, signs[i]);
      if (sign == NULL)
        continue;
      g_autofree char *before = g_strndup (it->value, (gsize) (sign - it->value));
      g_autofree char *rest = g_strconcat (before, sign + strlen (signs[i]), NULL);
      double number;
      gboolean is_grouped = strchr (rest, ',') != NULL;
      g_auto (GStrv) parts = g_strsplit (rest, ",", -1);
      g_autofree char *bare = g_strjoinv ("", parts);
      const Style style = {FALSE, is_grouped ? ',' : 0};
      const Cure plain = {it->source, it->column, rest, strlen (rest), it->name, it->others};
      if (!pl_parse_loose_float (bare, strlen (bare), &number)
          || (is_grouped && (it->source->dialect.decimal_comma || !read_style (&plain, style, &number))))
        continue;
      g_string_append_printf (text,
                              is_grouped ? "; cast(replace(replace(%s, '%s', ''), ',', '') as float)"
                                         : "; cast(replace(%s, '%s', '') as float)",
                              name, signs[i]);
      g_string_append (text, " is its number");
      return TRUE;
    }
  return FALSE;
}

void
pl_source_append_reading (GString *text, const PlSource *source, guint column, const char *value)
{
  static const PlType types[] = {{.kind = PL_FLOAT}, {.kind = PL_TIMESTAMP}, {.kind = PL_TIMESTAMP, .zoned = 1}};
  g_autofree char *name = pl_source_item (source->schema->fields[column].name);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const Cure it = {source, column, value, strlen (value), name, types[i]};
      if (cure_by_trim (text, &it) || cure_by_style (text, &it) || cure_by_format (text, &it))
        return;
    }
  const Cure number = {source, column, value, strlen (value), name, types[0]};
  cure_by_replacing (text, &number);
}
