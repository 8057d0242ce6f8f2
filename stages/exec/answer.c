/* Records of CSV → texts, texts → columns: see answer.h.
 *
 * These are a few thousand values at a time from a program that took far longer to make them, so they are read one by
 * one with the definitions of table/parse.h. */
#include "answer.h"
#include "../../pipeline/base/show.h"
#include "../../pipeline/table/parse.h"

/* Longest part of a value shown in a message. */
#define SHOWN_BYTES 64

static gsize
without_line_end (const char *record, gsize length)
{
  length -= length > 0 && record[length - 1] == '\n';
  length -= length > 0 && record[length - 1] == '\r';
  return length;
}

/* A quoted field from its quote on. Returns: (nullable): behind its closing quote. */
static const char *
take_quoted (const char *p, const char *end, PlText *text, PlArena *arena)
{
  const char *start = ++p;
  gsize doubled = 0;
  for (;; p++)
    {
      if (p == end)
        return NULL;
      if (*p != '"')
        continue;
      if (p + 1 == end || p[1] != '"')
        break;
      doubled++;
      p++;
    }
  gsize length = (gsize) (p - start);
  *text = (PlText){start, (guint32) (length - doubled), 0};
  if (doubled == 0)
    return p + 1;
  char *out = pl_arena_alloc (arena, length);
  text->data = out;
  for (const char *q = start; q < p; q++)
    {
      *out++ = *q;
      q += *q == '"';
    }
  return p + 1;
}

gboolean
pl_answer_split_csv (const char *record, gsize length, guint n, PlText *texts, guint8 *nulls, PlArena *arena,
                     char **reason)
{
  const char *p = record, *end = record + without_line_end (record, length);
  guint n_fields = 0;
  for (gboolean more = TRUE; more; n_fields++)
    {
      PlText text = {p, 0, 0};
      gboolean quoted = p < end && *p == '"';
      if (quoted)
        p = take_quoted (p, end, &text, arena);
      else
        {
          const char *comma = memchr (p, ',', (gsize) (end - p));
          p = comma != NULL ? comma : end;
          text.length = (guint32) (p - text.data);
        }
      if (p == NULL || (p < end && *p != ','))
        {
          g_autofree char *line = pl_show_some (record, (gsize) (end - record), SHOWN_BYTES);
          *reason = g_strdup_printf ("answered '%s', where text stands behind a closing quote", line);
          return FALSE;
        }
      more = p++ < end;
      if (n_fields < n)
        {
          texts[n_fields] = text;
          nulls[n_fields] = text.length == 0 && !quoted;
        }
    }
  if (n_fields == n)
    return TRUE;
  g_autofree char *line = pl_show_some (record, (gsize) (end - record), SHOWN_BYTES);
  *reason = g_strdup_printf ("answered '%s', which has %u field%s, expected %u", line, n_fields,
                             n_fields == 1 ? "" : "s", n);
  return FALSE;
}

static gboolean
is_of_type (PlType type, const PlText *text)
{
  union
  {
    guint8 flag;
    gint64 whole;
    double number;
    PlInt128 decimal;
    gint32 days;
  } value;
  gboolean zoned;
  switch (type.kind)
    {
    case PL_BOOL:
      return pl_parse_bool (text->data, text->length, &value.flag);
    case PL_INT:
      return pl_parse_int (text->data, text->length, &value.whole);
    case PL_FLOAT:
      return pl_parse_float (text->data, text->length, &value.number);
    case PL_DECIMAL:
      return pl_parse_decimal (text->data, text->length, type.precision, type.scale, &value.decimal);
    case PL_DATE:
      return pl_parse_date (text->data, text->length, &value.days);
    case PL_TIMESTAMP:
      return pl_parse_timestamp (text->data, text->length, &value.whole, &zoned)
             && !pl_timestamp_is_fine (text->data, text->length);
    default:
      return g_utf8_validate_len (text->data, text->length, NULL);
    }
}

void
pl_answer_null_empty (const PlSchema *schema, const PlText *texts, guint8 *nulls)
{
  for (guint i = 0; i < schema->n_fields; i++)
    nulls[i] |= texts[i].length == 0 && schema->fields[i].type.kind != PL_STRING;
}

gboolean
pl_answer_check (const PlSchema *schema, const PlText *texts, const guint8 *nulls, char **reason)
{
  for (guint i = 0; i < schema->n_fields; i++)
    {
      PlType type = schema->fields[i].type;
      if (nulls[i] || is_of_type (type, &texts[i]))
        continue;
      g_autofree char *value = pl_show_some (texts[i].data, texts[i].length, SHOWN_BYTES);
      if (type.kind == PL_STRING)
        *reason = g_strdup_printf ("answered '%s' for column '%s', which is not valid UTF-8", value,
                                   schema->fields[i].name);
      else
        *reason = g_strdup_printf ("answered '%s' for column '%s', which is %s %s", value, schema->fields[i].name,
                                   type.kind == PL_TIMESTAMP && pl_timestamp_is_fine (texts[i].data, texts[i].length)
                                       ? "finer than the microseconds of type"
                                       : "not of type",
                                   pl_type_name (type));
      return FALSE;
    }
  return TRUE;
}

static void
read_value (PlColumn *column, gsize row, const PlText *text)
{
  gboolean zoned;
  switch (column->type.kind)
    {
    case PL_BOOL:
      pl_parse_bool (text->data, text->length, &column->bools[row]);
      break;
    case PL_INT:
      pl_parse_int (text->data, text->length, &column->ints[row]);
      break;
    case PL_FLOAT:
      pl_parse_float (text->data, text->length, &column->floats[row]);
      break;
    case PL_DECIMAL:
      pl_parse_decimal (text->data, text->length, column->type.precision, column->type.scale, &column->decimals[row]);
      break;
    case PL_DATE:
      pl_parse_date (text->data, text->length, &column->dates[row]);
      break;
    case PL_TIMESTAMP:
      pl_parse_timestamp (text->data, text->length, &column->ints[row], &zoned);
      break;
    default:
      column->texts[row] = *text;
    }
}

PlColumn *
pl_answer_column (PlType type, const PlText *texts, const guint8 *nulls, guint field, guint n_fields, gsize n_rows,
                  guint uses, PlArena *arena)
{
  static const PlText nothing = {"", 0, 0};
  PlColumn *column = pl_column_new (arena, type, n_rows);
  memset (column->values, 0, pl_type_width (type) * n_rows);
  if (type.kind != PL_STRING && (uses & PL_USE_TEXT))
    column->lexical = pl_arena_new_array (arena, PlText, n_rows);
  if (type.kind == PL_FLOAT && (uses & PL_USE_EXACT))
    {
      column->exact = pl_arena_alloc0 (arena, sizeof (gint64) * n_rows);
      column->exact_scales = pl_arena_alloc0 (arena, n_rows);
    }
  for (gsize row = 0; row < n_rows; row++)
    {
      gboolean is_null = nulls[row * n_fields + field];
      const PlText *text = is_null ? &nothing : &texts[row * n_fields + field];
      if (column->lexical != NULL)
        column->lexical[row] = *text;
      if (type.kind == PL_STRING)
        column->texts[row] = *text;
      if (is_null)
        {
          pl_column_add_nulls (column, arena, n_rows);
          column->nulls[row] = 1;
          continue;
        }
      read_value (column, row, text);
      if (column->exact != NULL
          && !pl_parse_exact (text->data, text->length, &column->exact[row], &column->exact_scales[row]))
        column->exact_scales[row] = PL_SCALE_INEXACT;
    }
  return column;
}
