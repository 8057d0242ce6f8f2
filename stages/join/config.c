/* What both inputs of a join have in common: see config.h. */
#include "config.h"
#include "../../pipeline/keys/common.h"
#include "../../pipeline/keys/terms.h"
#include "../../pipeline/table/print.h"
#include <string.h>

void
pl_join_unref (PlJoin *join)
{
  if (--join->references > 0)
    return;
  for (guint side = 0; side < 2; side++)
    {
      g_ptr_array_unref (join->keys[side]);
      g_free (join->inputs[side]);
    }
  pl_schema_unref (join->left);
  pl_schema_unref (join->places);
  pl_schema_unref (join->right);
  g_clear_pointer (&join->output, pl_schema_unref);
  g_clear_pointer (&join->stored, pl_schema_unref);
  g_clear_pointer (&join->layout, pl_key_layout_free);
  g_free (join->types);
  g_free (join->taken);
  g_free (join->filled);
  g_free (join->uses);
  g_free (join->asks_uses);
  g_free (join->rest_uses);
  g_free (join->name);
  g_free (join);
}

PlJoinPart *
pl_join_part_new (PlJoin *join, PlJoinRole role)
{
  PlJoinPart *part = g_new (PlJoinPart, 1);
  join->references++;
  *part = (PlJoinPart){join, role};
  return part;
}

void
pl_join_part_free (gpointer data)
{
  PlJoinPart *part = data;
  pl_join_unref (part->join);
  g_free (part);
}

PlStore *
pl_join_store (const PlJoin *join)
{
  return pl_store_new (join->stored, join->uses);
}

PlColumn **
pl_join_keys (const PlJoin *join, guint side, PlBatch *batch, guint8 **usable, GError **error)
{
  const guint n_keys = join->keys[side]->len;
  PlColumn **columns = pl_arena_new_array (batch->arena, PlColumn *, n_keys);
  guint8 *has_key = *usable = memset (pl_arena_alloc (batch->arena, batch->n_rows + 1), 1, batch->n_rows);
  if (!pl_terms_evaluate (join->keys[side], batch, columns, error))
    return NULL;
  for (guint k = 0; k < n_keys; k++)
    {
      columns[k] = pl_key_meet (columns[k], join->types[k], batch->n_rows, has_key, batch->arena);
      for (gsize i = 0; i < batch->n_rows && !join->matches_nulls; i++)
        has_key[i] &= (guint8) !pl_column_is_null (columns[k], i);
    }
  return columns;
}

/* The words of @buffer in @arena. */
static PlText
keep_words (const PlBuffer *buffer, PlArena *arena)
{
  return (PlText){pl_arena_copy (arena, buffer->data, buffer->length), (guint32) buffer->length, 0};
}

/* The key of row @row as a person would write it: "id = 7, day = 2020-01-01". */
static void
write_key (const GPtrArray *terms, PlColumn *const *keys, gsize row, PlBuffer *out)
{
  for (guint k = 0; k < terms->len; k++)
    {
      const char *quote = keys[k]->type.kind == PL_STRING ? "'" : "";
      pl_buffer_append_printf (out, "%s%s = ", k > 0 ? ", " : "", ((const PlTerm *) terms->pdata[k])->name);
      if (pl_column_is_null (keys[k], row))
        {
          pl_buffer_append_printf (out, "null");
          continue;
        }
      pl_buffer_append_printf (out, "%s", quote);
      pl_print_value (out, keys[k], row);
      pl_buffer_append_printf (out, "%s", quote);
    }
}

gboolean
pl_join_add_places (const PlJoin *join, guint side, PlBatch *stored, PlBatch *batch, PlSchema *schema, GError **error)
{
  const guint n = schema->n_fields;
  PlArena *arena = batch->arena;
  PlColumn **columns = pl_arena_alloc0 (arena, n * sizeof *columns);
  PlColumn *places = columns[n - 2] = pl_column_new (arena, PL_TYPE (PL_STRING), batch->n_rows);
  PlColumn *words = columns[n - 1] = pl_column_new (arena, PL_TYPE (PL_STRING), batch->n_rows);
  PlColumn **keys = pl_arena_new_array (arena, PlColumn *, join->keys[side]->len);
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  if (!pl_terms_evaluate (join->keys[side], batch, keys, error))
    return FALSE;
  for (gsize i = 0; i < batch->n_rows; i++)
    {
      g_autofree char *place
          = batch->locate != NULL ? batch->locate (batch, i, batch->locate_data) : g_strdup ("a row");
      buffer.length = 0;
      pl_buffer_append (&buffer, place, strlen (place));
      places->texts[i] = keep_words (&buffer, arena);
      buffer.length = 0;
      write_key (join->keys[side], keys, i, &buffer);
      words->texts[i] = keep_words (&buffer, arena);
    }
  if (n > 2)
    memcpy (columns, stored->columns, (n - 2) * sizeof *columns);
  stored->columns = columns;
  stored->schema = schema;
  return TRUE;
}
