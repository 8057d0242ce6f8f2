/* What both inputs of a join have in common: see config.h. */
#include "config.h"
#include "../../pipeline/keys/common.h"
#include "../../pipeline/keys/terms.h"
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

void
pl_join_add_places (PlBatch *stored, const PlBatch *batch, PlSchema *schema)
{
  const guint n = schema->n_fields;
  PlColumn **columns = pl_arena_alloc0 (batch->arena, n * sizeof *columns);
  PlColumn *places = pl_column_new (batch->arena, PL_TYPE (PL_STRING), batch->n_rows);
  for (gsize i = 0; i < batch->n_rows; i++)
    {
      g_autofree char *place
          = batch->locate != NULL ? batch->locate (batch, i, batch->locate_data) : g_strdup ("a row");
      const gsize length = strlen (place);
      places->texts[i]
          = (PlText){memcpy (pl_arena_alloc (batch->arena, length + 1), place, length), (guint32) length, 0};
    }
  if (n > 1)
    memcpy (columns, batch->columns, (n - 1) * sizeof *columns);
  columns[n - 1] = places;
  stored->columns = columns;
  stored->schema = schema;
}
