/* Rows of key words one by one: their order, their long texts, their wire form. */
#include "row.h"
#include "field.h"

int
pl_key_order (const PlKeyLayout *layout, const guint64 *a, const guint64 *b)
{
  for (guint word = 0; word < layout->n_words; word++)
    if (a[word] != b[word])
      {
        const guint text = layout->has_long ? layout->text_ends[word] : 0;
        const PlKeyField *field = text > 0 ? &layout->fields[text - 1] : NULL;
        if (field == NULL || !pl_key_is_long (field, a) || !pl_key_is_long (field, b))
          return a[word] < b[word] ? -1 : 1;
        /* The words before are equal, and so are the lengths. */
        int order = memcmp (pl_key_long_data (field, a), pl_key_long_data (field, b), pl_key_long_length (field, a));
        if (order != 0)
          return order;
      }
  return 0;
}

void
pl_key_put_order (const PlKeyLayout *layout, const guint64 *row, PlBuffer *buffer)
{
  for (guint word = 0; word < layout->n_words; word++)
    {
      const guint text = layout->has_long ? layout->text_ends[word] : 0;
      const PlKeyField *field = text > 0 ? &layout->fields[text - 1] : NULL;
      const gboolean is_long = field != NULL && pl_key_is_long (field, row);
      /* A word that points to a text is above those of shorter ones, wherever the text stands. */
      const guint64 value = GUINT64_TO_BE (is_long ? G_MAXUINT64 : row[word]);
      pl_buffer_append (buffer, &value, sizeof value);
      if (is_long)
        pl_buffer_append (buffer, pl_key_long_data (field, row), pl_key_long_length (field, row));
    }
}

gboolean
pl_key_equal_slow (const PlKeyLayout *layout, const guint64 *a, const guint64 *b)
{
  return layout->has_long && pl_key_order (layout, a, b) == 0;
}

void
pl_key_keep (const PlKeyLayout *layout, guint64 *row, PlArena *heap)
{
  for (guint f = 0; f < layout->n_fields; f++)
    {
      const PlKeyField *field = &layout->fields[f];
      if (pl_key_is_long (field, row))
        pl_key_set_long (field, row,
                         pl_arena_copy (heap, pl_key_long_data (field, row), pl_key_long_length (field, row)));
    }
}

void
pl_key_save (const PlKeyLayout *layout, const guint64 *row, PlBuffer *buffer)
{
  pl_buffer_append (buffer, row, layout->n_words * sizeof *row);
  for (guint f = 0; f < layout->n_fields && layout->has_long; f++)
    if (pl_key_is_long (&layout->fields[f], row))
      pl_buffer_append (buffer, pl_key_long_data (&layout->fields[f], row),
                        pl_key_long_length (&layout->fields[f], row));
}

/* A text's length must be one that its field can have. */
static gboolean
text_is_whole (const PlKeyLayout *layout, const PlKeyField *field, const guint64 *row)
{
  const guint8 length = ((const guint8 *) row)[field->offset + field->width - 1];
  return length < field->width || length == PL_KEY_NULL_TEXT
         || (length == PL_KEY_LONG_TEXT && layout->has_long && field->aligned && field->width >= 16
             && pl_key_long_length (field, row) > PL_KEY_INLINE);
}

gboolean
pl_key_load (const PlKeyLayout *layout, guint64 *row, PlArena *heap, PlCursor *cursor)
{
  const gsize bytes = layout->n_words * sizeof *row;
  const void *words = bytes > 0 ? pl_cursor_get_raw (cursor, bytes) : NULL;
  if (words == NULL)
    return bytes == 0;
  memcpy (row, words, bytes);
  for (guint f = 0; f < layout->n_fields; f++)
    {
      const PlKeyField *field = &layout->fields[f];
      if (field->type.kind != PL_STRING)
        continue;
      if (!text_is_whole (layout, field, row))
        cursor->failed = TRUE;
      else if (pl_key_is_long (field, row))
        {
          const guint32 length = pl_key_long_length (field, row);
          const char *data = pl_cursor_get_raw (cursor, length);
          if (data != NULL)
            pl_key_set_long (field, row, pl_arena_copy (heap, data, length));
        }
      if (cursor->failed)
        return FALSE;
    }
  return TRUE;
}
