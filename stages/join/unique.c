/* See unique.h. */
#include "unique.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/groups/slots.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/rows/gather.h"
#include "../../pipeline/sorting/in-order.h"

/* What pl_join_add_places() has written of @record: the text @from_end columns before the end of its store. */
static char *
words_of (const PlStore *store, const PlRecord *record, PlSchema *schema, guint from_end)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  PlBatch batch;
  pl_batch_init (&batch, schema, arena);
  pl_store_gather (store, &record, 1, &batch);
  const PlText *text = batch.columns[schema->n_fields - from_end]->texts;
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
      g_autofree char *key = words_of (store, record, rows->schema, 1);
      g_autofree char *here = words_of (store, record, rows->schema, 2);
      g_autofree char *there = words_of (store, first[group], rows->schema, 2);
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
                   "%s: %s of '%s' stands in %s already, and validate = %s in [%s] wants each key there once", here,
                   key, join->inputs[side], there, join->validate, join->name);
      return FALSE;
    }
  return TRUE;
}
