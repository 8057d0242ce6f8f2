/* See unique.h. */
#include "unique.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/keys/decode.h"
#include "../../pipeline/keys/terms.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/rows/gather.h"
#include "../../pipeline/sorting/in-order.h"
#include "../../pipeline/table/print.h"

/* The key of @group as a person would write it: "id = 7, day = 2020-01-01". */
static char *
key_text (const PlJoin *join, guint side, const PlGroupTable *table, guint64 group)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  const guint64 *key = pl_group_table_key (table, group);
  GString *text = g_string_new (NULL);
  for (guint k = 0; k < join->keys[side]->len; k++)
    {
      const PlColumn *column = pl_keys_decode (table->layout, k, &key, 1, arena);
      g_string_append_printf (text, "%s%s = ", k > 0 ? ", " : "", ((const PlTerm *) join->keys[side]->pdata[k])->name);
      if (pl_column_is_null (column, 0))
        {
          g_string_append (text, "null");
          continue;
        }
      const PlText *value = column->type.kind == PL_STRING ? column->texts : pl_print_texts (column, NULL, 1, arena);
      g_string_append_printf (text, column->type.kind == PL_STRING ? "'%.*s'" : "%.*s", (int) value->length,
                              value->data);
    }
  return g_string_free (text, FALSE);
}

/* The place of @record, which is the last column of its store. */
static char *
place_of (const PlStore *store, const PlRecord *record, PlSchema *schema)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  PlBatch batch;
  pl_batch_init (&batch, schema, arena);
  pl_store_gather (store, &record, 1, &batch);
  const PlText *text = batch.columns[schema->n_fields - 1]->texts;
  return g_strndup (text->data, text->length);
}

gboolean
pl_join_check_unique (const PlJoin *join, guint side, const PlJoinRows *rows, GError **error)
{
  pl_leased_auto const PlRecord **first = pl_leased_new0 ((rows->n_groups + 1) * sizeof *first);
  for (guint64 i = 0; i < rows->n_items; i++)
    {
      const guint64 id = rows->items[i].id;
      const PlStore *store = rows->stores[pl_in_order_store (id)];
      const guint32 group = rows->groups[pl_in_order_store (id)][pl_in_order_row (id)];
      const PlRecord *record = pl_store_record (store, pl_in_order_row (id));
      if (group == PL_NO_GROUP)
        continue;
      if (first[group] == NULL)
        first[group] = record;
      /* A row that had to be done again is still one. */
      if (first[group]->position == record->position)
        continue;
      g_autofree char *key = key_text (join, side, rows->table, group);
      g_autofree char *here = place_of (store, record, rows->schema);
      g_autofree char *there = place_of (store, first[group], rows->schema);
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
                   "%s: %s of '%s' stands in %s already, and validate = %s in [%s] wants each key there once", here,
                   key, join->inputs[side], there, join->validate, join->name);
      return FALSE;
    }
  return TRUE;
}
