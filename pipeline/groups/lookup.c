/* The short cuts in front of the table, tried from the cheapest on; what they do not know goes through the table, which
 * knows everything. */
#include "lookup.h"
#include "text-find.h"
#include "../base/error.h"
#include "../keys/terms.h"
#include "find.h"
#include "table.h"

#define ROWS_PER_GROUP 4 /* from here on, groups are met again more often than made */

void
pl_group_lookup_init (PlGroupLookup *lookup, PlGroupTable *table, const GPtrArray *keys)
{
  *lookup = (PlGroupLookup){.table = table, .keys = keys};
  pl_group_direct_init (&lookup->direct, table->layout);
  pl_group_codes_init (&lookup->codes, table->layout);
  lookup->is_text = table->layout->n_fields == 1 && table->layout->fields[0].type.kind == PL_STRING;
}

void
pl_group_lookup_clear (PlGroupLookup *lookup)
{
  pl_group_text_clear (&lookup->text);
  pl_group_direct_clear (&lookup->direct);
  pl_group_codes_clear (&lookup->codes);
}

static void
to_addresses (const PlGroupTable *table, guint32 *groups, gsize n)
{
  const guint32 stride = (guint32) table->stride;
  for (gsize i = 0; i < n; i++)
    groups[i] *= stride;
}

/* Returns: %FALSE when a text is too long for a key, which pl_terms_evaluate() will say. */
static gboolean
look_up_by_index (PlGroupLookup *lookup, const PlColumn *key, gsize n, guint32 *addresses, PlArena *arena)
{
  const PlGroupTable *table = lookup->table;
  guint32 *missed = pl_arena_new_array (arena, guint32, n), *found = NULL;
  const guint32 stride = (guint32) table->stride;
  const gsize n_missed = pl_group_text_kernels ()->find (&lookup->text, table, key, n, addresses, missed);
  if (pl_group_text_longest (key, missed, n_missed) > PL_MAX_KEY)
    return FALSE;
  pl_group_table_find_rest (lookup->table, key, missed, n_missed, addresses, &found, arena);
  /* Keys may have grown with a new one, and all records with them. */
  if (table->stride != stride)
    for (gsize i = 0; i < n; i++)
      addresses[i] = addresses[i] / stride * (guint32) table->stride;
  for (gsize i = 0; i < n_missed; i++)
    addresses[missed[i]] = found[i] * (guint32) table->stride;
  return TRUE;
}

/* Returns: %FALSE when the short cuts for texts do not serve these. */
static gboolean
look_up_texts (PlGroupLookup *lookup, const PlColumn *key, gsize n, guint32 *addresses, PlArena *arena)
{
  PlGroupTable *table = lookup->table;
  if (!pl_group_text_serves (table))
    return FALSE;
  if (pl_group_text_learn (&lookup->text, table))
    return look_up_by_index (lookup, key, n, addresses, arena);
  guint64 *rows = pl_arena_new_array (arena, guint64, n * table->layout->n_words);
  guint32 *hashes = pl_arena_new_array (arena, guint32, n);
  if (!pl_group_text_encode (table, key, n, rows, hashes))
    return FALSE;
  pl_group_table_find_rows (table, rows, hashes, n, addresses);
  to_addresses (table, addresses, n);
  return TRUE;
}

/* Returns: %FALSE when the codes do not serve these. */
static gboolean
look_up_codes (PlGroupLookup *lookup, PlColumn *const *columns, gsize n, guint32 *addresses, PlArena *arena)
{
  PlGroupTable *table = lookup->table;
  guint32 *indices = pl_arena_new_array (arena, guint32, n), *missed = pl_arena_new_array (arena, guint32, n);
  gsize n_missed;
  if (!pl_group_codes_find (&lookup->codes, columns, n, addresses, indices, missed, &n_missed, arena))
    return FALSE;
  if (n_missed > 0)
    {
      PlColumn **rest = pl_arena_new_array (arena, PlColumn *, table->layout->n_fields);
      guint32 *found = pl_arena_new_array (arena, guint32, n_missed);
      for (guint k = 0; k < table->layout->n_fields; k++)
        rest[k] = pl_column_gather (columns[k], missed, n_missed, arena);
      pl_group_table_find (table, rest, n_missed, found, arena);
      pl_group_codes_learn (&lookup->codes, indices, missed, n_missed, found);
      for (gsize i = 0; i < n_missed; i++)
        addresses[missed[i]] = found[i];
    }
  lookup->are_cold = pl_group_table_is_far (table);
  to_addresses (table, addresses, n);
  return TRUE;
}

/* Texts out of their slices, and none too long for a key. Returns: %FALSE with an error. */
static gboolean
settle (const PlGroupLookup *lookup, PlBatch *batch, PlColumn *const *columns, GError **error)
{
  if (lookup->keys->len > 0)
    return pl_terms_settle (lookup->keys, batch, columns, error);
  for (guint f = 0; f < lookup->table->layout->n_fields; f++)
    {
      if (columns[f]->type.kind == PL_STRING)
        pl_column_settle (columns[f], batch->n_rows, batch->arena);
      if (!pl_key_check (batch, columns[f], batch->schema->fields[f].name, error))
        return FALSE;
    }
  return TRUE;
}

/* Returns: %FALSE with an error. */
static gboolean
look_up (PlGroupLookup *lookup, PlBatch *batch, PlColumn *const *columns, guint32 *addresses, GError **error)
{
  const gsize n = batch->n_rows;
  PlArena *arena = batch->arena;
  if (lookup->is_text && look_up_texts (lookup, columns[0], n, addresses, arena))
    return TRUE;
  if (lookup->codes.enabled && look_up_codes (lookup, columns, n, addresses, arena))
    return TRUE;
  if (!settle (lookup, batch, columns, error))
    return FALSE;
  if (lookup->direct.enabled)
    {
      pl_group_direct_look_up (&lookup->direct, lookup->table, columns[0], n, addresses, arena);
      lookup->are_cold = pl_group_table_is_far (lookup->table);
    }
  else
    pl_group_table_find (lookup->table, columns, n, addresses, arena);
  to_addresses (lookup->table, addresses, n);
  return TRUE;
}

gboolean
pl_group_lookup_find (PlGroupLookup *lookup, PlBatch *batch, guint32 *addresses, PlColumn *const **columns,
                      GError **error)
{
  PlGroupTable *table = lookup->table;
  PlColumn **keys = batch->columns;
  if (table->n_groups + batch->n_rows >= G_MAXUINT32)
    return pl_batch_fail (batch, 0, error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, PL_TOO_MANY_GROUPS);
  if (lookup->keys->len > 0)
    {
      keys = pl_arena_new_array (batch->arena, PlColumn *, lookup->keys->len);
      if (!pl_terms_take (lookup->keys, batch, keys, error))
        return FALSE;
    }
  if (lookup->n_rows / ROWS_PER_GROUP >= table->n_groups)
    pl_group_table_align (table);
  lookup->n_rows += batch->n_rows;
  lookup->are_cold = FALSE;
  if (!look_up (lookup, batch, keys, addresses, error))
    return FALSE;
  if (columns != NULL)
    *columns = keys;
  if (table->n_groups * table->stride <= G_MAXUINT32)
    return TRUE;
  return pl_batch_fail (
      batch, 0, error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
      "groups of more than 32 GiB on one worker; tell rows apart by fewer columns, or raise 'workers' in [run]");
}
