/* Styles and expressions: see number-cure.h. A style is of all columns of a source, and an expression of one. */
#include "number-cure.h"

#include <string.h>

#include "../table/looks.h"
#include "number-style.h"
#include "trial.h"

typedef struct
{
  gboolean decimal_comma;
  char thousands;
} Style;

/* What is found that reads it, one for each number. */
typedef struct
{
  guint n;
  double numbers[8];
  Style styles[8];
  char *expressions[8];
} Found;

/* Returns: whether nothing gives that number yet. */
static gboolean
is_new (const Found *found, double number)
{
  for (guint i = 0; i < found->n; i++)
    if (found->numbers[i] == number)
      return FALSE;
  return found->n < G_N_ELEMENTS (found->numbers);
}

/* The number that the value is in a style. */
static gboolean
read_style (const PlCure *it, Style style, double *number)
{
  PlDialect dialect = it->source->dialect;
  const char *data = it->value;
  gsize length = it->length;
  char restyled[PL_NUMBER_MAX];
  PlCellValue value;
  dialect.decimal_comma = style.decimal_comma;
  dialect.thousands = style.thousands;
  if (it->is_pinned && !pl_trial_pin (it->source, it->column, &dialect, it->others, data, length, &value))
    return FALSE;
  if (dialect.trim || it->is_pinned)
    pl_parse_trim (&data, &length);
  length = pl_restyle_number (&dialect, data, length, restyled);
  return length > 0 && pl_parse_float (restyled, length, number);
}

/* The keys by which a style differs from that of the source. */
static void
append_style (GString *text, const PlCure *it, Style style)
{
  const PlDialect *dialect = &it->source->dialect;
  gboolean says_comma = style.decimal_comma && !dialect->decimal_comma;
  gboolean says_thousands = style.thousands != dialect->thousands;
  if (says_comma)
    g_string_append_printf (text, "decimal-comma = true%s", says_thousands ? " with " : "");
  if (says_thousands && style.thousands == ' ')
    g_string_append (text, "thousands = space");
  else if (says_thousands)
    g_string_append_printf (text, "thousands = %c", style.thousands);
  if (says_comma)
    g_string_append (text, " (of all columns)");
}

/* Whether a column has numbers with a point, as far as is known: not of what is pinned. */
static gboolean
has_points (const PlSource *source, guint column)
{
  return !source->readings[column].is_pinned && pl_guess_has (source->readings[column].guess, PL_SEEN_FLOAT);
}

/* Whether other numbers of the source would be none any more, or other ones. */
static gboolean
style_breaks_others (const PlCure *it, Style style)
{
  const PlDialect *dialect = &it->source->dialect;
  const PlSchema *schema = it->source->schema;
  if (dialect->thousands != 0 && style.thousands != dialect->thousands)
    return TRUE;
  if (style.decimal_comma == dialect->decimal_comma)
    return FALSE;
  gboolean breaks = !style.decimal_comma;
  for (guint i = 0; i < schema->n_fields; i++)
    breaks |= (i == it->column || pl_type_is_numeric (schema->fields[i].type)) && has_points (it->source, i);
  return breaks;
}

gboolean
pl_cure_by_style (GString *text, PlCure *it)
{
  static const Style styles[]
      = {{FALSE, ','}, {FALSE, '\''}, {FALSE, ' '}, {TRUE, 0}, {TRUE, '.'}, {TRUE, ' '}, {TRUE, '\''}};
  Found found = {.n = 0};
  double number;
  if (!pl_type_is_numeric (it->others) || it->length > PL_WITNESS_SHOWN)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    {
      Style style = styles[i];
      if (style.thousands == 0)
        style.thousands = it->source->dialect.thousands;
      if (style.thousands == (style.decimal_comma ? ',' : '.') || style_breaks_others (it, style)
          || !read_style (it, style, &number) || !is_new (&found, number))
        continue;
      found.styles[found.n] = style;
      found.numbers[found.n++] = number;
    }
  if (found.n == 0)
    return FALSE;
  it->is_comma = found.n == 1 && found.styles[0].decimal_comma;
  pl_cure_start (text, it);
  append_style (text, it, found.styles[0]);
  if (found.n == 1)
    g_string_append (text, " reads it as a number");
  /* 1,234 is one number or the other. */
  for (guint i = 0; i < found.n && found.n > 1; i++)
    {
      if (i > 0)
        {
          g_string_append (text, ", ");
          append_style (text, it, found.styles[i]);
        }
      g_string_append_printf (text, "%s as %.15g", i == 0 ? " reads it" : "", found.numbers[i]);
    }
  return TRUE;
}

/* An expression while it grows, and what it makes of the value. */
typedef struct
{
  char *expression, *value;
} Chain;

static void
chain_clear (Chain *chain)
{
  g_free (chain->expression);
  g_free (chain->value);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chain, chain_clear)

static void
chain_replace (Chain *chain, const char *old, const char *by)
{
  g_auto (GStrv) quotes = g_strsplit (old, "'", -1), parts = g_strsplit (chain->value, old, -1);
  g_autofree char *doubled = g_strjoinv ("''", quotes), *inner = chain->expression;
  chain->expression = g_strdup_printf ("replace(%s, '%s', '%s')", inner, doubled, by);
  g_free (chain->value);
  chain->value = g_strjoinv (by, parts);
}

/* Takes a unit off, and makes a minus of what stands for one. Returns: whether there was anything of these */
static gboolean
chain_start (Chain *chain, const PlCure *it)
{
  gsize start, end, n = 0;
  const gboolean has_unit = pl_looks_like_amount (it->value, it->length, &start, &end);
  *chain = (Chain){pl_cure_expression_name (it), g_strdup (it->value)};
  if (has_unit)
    {
      g_autofree char *unit = g_strndup (it->value + start, end - start);
      chain_replace (chain, unit, "");
    }
  g_strstrip (chain->value);
  n = pl_looks_minus (chain->value, strlen (chain->value));
  if (n > 0)
    {
      g_autofree char *minus = g_strndup (chain->value, n);
      chain_replace (chain, minus, "-");
    }
  return has_unit || n > 0;
}

/* Whether a style of an expression goes by what the source and others of the column are like. */
static gboolean
style_may_be (const PlCure *it, Style style, gboolean is_marked)
{
  const PlDialect *dialect = &it->source->dialect;
  if (!style.decimal_comma && style.thousands == 0)
    return is_marked;
  /* A point that is left out of others makes other numbers of them. */
  if (style.thousands == '.' && (it->is_pinned || has_points (it->source, it->column)))
    return FALSE;
  return !(dialect->decimal_comma && !style.decimal_comma) && !(dialect->thousands == ',' && style.decimal_comma);
}

/* What stands between groups of digits in @text, in a style; as people write it, an apostrophe is a quote. */
static const char *
group_of (Style style, const char *text)
{
  static const char *const groups[] = {".", ",", " ", "\u2019", "'"};
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    if ((*groups[i] == style.thousands || (style.thousands == '\'' && i == 3)) && strstr (text, groups[i]) != NULL)
      return groups[i];
  return NULL;
}

/* The expression that reads the value in a style. Returns: (transfer full) (nullable): there is none */
static char *
read_by_expression (const PlCure *it, Style style, double *number)
{
  g_auto (Chain) chain;
  const PlDialect dialect = {.decimal_comma = style.decimal_comma, .thousands = style.thousands};
  char restyled[PL_NUMBER_MAX];
  double made;
  const gboolean is_marked = chain_start (&chain, it);
  const char *group = group_of (style, chain.value);
  g_auto (GStrv) parts = g_strsplit (chain.value, "\u2019", -1);
  g_autofree char *plain = g_strjoinv ("'", parts);
  const char *data = plain;
  gsize length = strlen (data);
  pl_parse_trim (&data, &length);
  length = pl_restyle_number (&dialect, data, length, restyled);
  if (!style_may_be (it, style, is_marked) || length == 0 || !pl_parse_loose_float (restyled, length, number))
    return NULL;
  if (style.thousands != 0 && group == NULL)
    return NULL;
  if (style.decimal_comma && style.thousands == 0 && strchr (chain.value, ',') == NULL)
    return NULL;
  if (style.thousands != 0)
    chain_replace (&chain, group, "");
  if (style.decimal_comma && strchr (chain.value, ',') != NULL)
    chain_replace (&chain, ",", ".");
  if (!pl_parse_loose_float (chain.value, strlen (chain.value), &made) || made != *number)
    return NULL;
  return g_strdup_printf ("cast(%s as float)", chain.expression);
}

static void
append_expressions (GString *text, PlCure *it, const Found *found)
{
  const char *plural = it->keeps.kind != PL_NULL || it->is_pinned ? "make" : "makes";
  pl_cure_start (text, it);
  if (it->keeps.kind != PL_NULL || it->is_pinned)
    {
      it->is_kept = TRUE;
      pl_cure_append_type (text, it, "string");
      g_string_append (text, " and ");
    }
  if (found->n == 1)
    g_string_append_printf (text, "%s %s a number of it", found->expressions[0], plural);
  for (guint i = 0; i < found->n && found->n > 1; i++)
    g_string_append_printf (text, i == 0 ? "%s %s %.15g of it" : ", %s %s %.15g", found->expressions[i],
                            i == 0 ? plural : "makes", found->numbers[i]);
}

gboolean
pl_cure_by_expression (GString *text, PlCure *it)
{
  static const Style styles[]
      = {{FALSE, 0}, {FALSE, ','}, {FALSE, '\''}, {FALSE, ' '}, {TRUE, 0}, {TRUE, '.'}, {TRUE, ' '}, {TRUE, '\''}};
  Found found = {.n = 0};
  if (!pl_type_is_numeric (it->others) || it->length > PL_WITNESS_SHOWN)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    {
      double number;
      g_autofree char *expression = read_by_expression (it, styles[i], &number);
      if (expression == NULL || !is_new (&found, number))
        continue;
      found.numbers[found.n] = number;
      found.expressions[found.n++] = g_steal_pointer (&expression);
    }
  if (found.n > 0)
    append_expressions (text, it, &found);
  for (guint i = 0; i < found.n; i++)
    g_free (found.expressions[i]);
  return found.n > 0;
}
