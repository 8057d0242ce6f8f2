/* Fields → texts, the general way: quoted, trimmed, null by their text. */
#include "fields.h"

#include <stdlib.h>

static int
compare_texts (const void *a, const void *b)
{
  const PlText *x = a, *y = b;
  if (x->length != y->length)
    return x->length < y->length ? -1 : 1;
  return x->length > 0 ? memcmp (x->data, y->data, x->length) : 0;
}

void
pl_null_texts_init (PlNullTexts *nulls, char *const *texts)
{
  guint n = texts != NULL ? g_strv_length ((GStrv) texts) : 0;
  *nulls = (PlNullTexts){.texts = g_new (PlText, n + 1), .n = n};
  for (guint i = 0; i < n; i++)
    {
      gsize length = strlen (texts[i]);
      nulls->texts[i] = (PlText){.data = texts[i], .length = (guint32) length};
      nulls->lengths |= G_GUINT64_CONSTANT (1) << MIN (length, 63);
    }
  qsort (nulls->texts, n, sizeof (PlText), compare_texts);
}

void
pl_null_texts_clear (PlNullTexts *nulls)
{
  g_clear_pointer (&nulls->texts, g_free);
}

gboolean
pl_null_texts_find (const PlNullTexts *nulls, const char *data, gsize length)
{
  PlText wanted = {.data = data, .length = (guint32) length};
  return bsearch (&wanted, nulls->texts, nulls->n, sizeof (PlText), compare_texts) != NULL;
}

PlFieldView
pl_field_view (const PlRecords *records, guint field)
{
  gsize n = records->stride;
  if (records->is_edged)
    return (PlFieldView){
        .data = records->data + records->origin,
        .ends = records->entries + 2 * (gsize) field + 1,
        .starts = records->entries + 2 * (gsize) field,
        .step = n,
        .n = n,
        .skip = 1,
        .limit = records->data + records->length,
    };
  /* The field before a wanted one is in the row, too, and it is its neighbour. */
  gssize slot = n < records->n_fields ? records->slots[field] : (gssize) field;
  PlFieldView view = {
      .data = records->data + records->origin,
      .ends = records->entries + slot,
      .starts = records->entries + slot - 1,
      .step = n,
      .n = n,
      .skip = 1,
      .cut_cr = records->has_cr && field == records->n_fields - 1,
      .limit = records->data + records->length,
  };
  if (field == 0 && records->is_explicit)
    {
      view.starts = records->starts;
      view.step = 1;
      view.skip = 0;
    }
  return view;
}

void
pl_field_cut (PlFieldView *view, gsize n_rows, PlArena *arena)
{
  guint32 *edges = pl_arena_new_array (arena, guint32, 2 * n_rows);
  for (gsize row = 0; row < n_rows; row++)
    {
      gsize length;
      const char *start = pl_field_raw (view, row, &length);
      edges[2 * row] = (guint32) (start - view->data) - 1;
      edges[2 * row + 1] = (guint32) (start - view->data + (gssize) length);
    }
  view->starts = edges;
  view->ends = edges + 1;
  view->step = view->n = 2;
  view->skip = 1;
  view->cut_cr = FALSE;
}

PlText
pl_field_unquote (const PlDialect *dialect, const char *raw, gsize length, PlArena *arena)
{
  char quote = dialect->quote;
  gboolean escapes = dialect->escape != 0 && dialect->escape != quote;
  if (length >= 2 && raw[length - 1] == quote && memchr (raw + 1, quote, length - 2) == NULL
      && (!escapes || memchr (raw + 1, dialect->escape, length - 2) == NULL))
    return (PlText){.data = raw + 1, .length = (guint32) (length - 2)};

  char *out = pl_arena_alloc (arena, length + PL_FIELD_PADDING);
  guint32 n = 0;
  gsize p = 1;
  for (; p < length; p++)
    {
      char c = raw[p];
      if (escapes && c == dialect->escape && p + 1 < length)
        {
          char next = raw[++p];
          if (next != quote && next != dialect->escape)
            out[n++] = c;
          c = next;
        }
      else if (c == quote && (p + 1 == length || raw[p + 1] != quote))
        break;
      else
        p += c == quote;
      out[n++] = c;
    }
  /* Behind the closing quote the text is plain. */
  if (p + 1 < length)
    {
      memcpy (out + n, raw + p + 1, length - p - 1);
      n += (guint32) (length - p - 1);
    }
  return (PlText){.data = out, .length = n};
}

gboolean
pl_field_text (const PlRecords *records, const PlNullTexts *nulls, const PlFieldView *view, gsize row, PlArena *arena,
               PlText *text)
{
  const PlDialect *dialect = records->dialect;
  gsize length;
  const char *raw = pl_field_raw (view, row, &length);
  if (dialect->trim)
    {
      for (; length > 0 && pl_dialect_is_space (dialect, *raw); length--)
        raw++;
      while (length > 0 && pl_dialect_is_space (dialect, raw[length - 1]))
        length--;
    }
  if (records->has_quote && length > 0 && *raw == dialect->quote)
    {
      *text = pl_field_unquote (dialect, raw, length, arena);
      return !pl_null_texts_have (nulls, text->data, text->length);
    }
  gboolean plain
      = pl_dialect_writes_plain (dialect) && !(records->has_stray && memchr (raw, dialect->quote, length) != NULL);
  *text = (PlText){.data = raw, .length = (guint32) length, .flags = plain ? PL_TEXT_PLAIN : 0};
  return length > 0 && !pl_null_texts_have (nulls, raw, length);
}
