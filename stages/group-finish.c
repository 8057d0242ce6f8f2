/* From the workers' states to rows.
 *
 *   states ─► slots sorted by the top bits of their hashes ─► one table a partition, all at once ─► order ─► PlRows
 *
 * A single state is used as it is. Aggregates are finalised when their rows are read, on whichever worker reads them;
 * with `having`, before, because the number of rows must be known. */
#include "group-by.h"
#include "group-merge.h"
#include "sort-items.h"
#include "sort-key.h"

typedef struct
{
  PlRows rows;
  const PlGroupConfig *config;
  PlGroupState **parts; /* the merged groups; group g of part p is id p << 32 | g */
  guint n_parts;
  PlGroupState **sources; /* long texts of the keys live in their tables */
  guint n_sources;
  guint64 *ids;
} GroupRows;

static inline const PlGroupState *
part_of (const GroupRows *rows, guint64 id)
{
  return rows->parts[id >> 32];
}

/* ---- merging ---- */

/* Groups @from of source @source have become groups @into of part @part. */
static void
combine_groups (guint part_index, guint source_index, const guint32 *into, const guint32 *from, gsize n, gpointer data)
{
  GroupRows *rows = data;
  const PlGroupConfig *config = rows->config;
  PlGroupState *part = rows->parts[part_index], *source = rows->sources[source_index];
  pl_group_state_extend (part);
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlAggregateCall *call = g_array_index (config->calls, PlGroupCall, c).call;
      call->aggregate->combine (call, part->states[c], into, source->states[c], from, n);
    }
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    for (gsize i = 0; i < n; i++)
      part->first[into[i]] = MIN (part->first[into[i]], source->first[from[i]]);
}

static void
merge_states (GroupRows *rows, PlParallel *parallel)
{
  gsize n_groups = 0;
  guint n_used = 0;
  /* States that saw nothing, out of the way; one is kept. */
  for (guint s = 0; s < rows->n_sources; s++)
    {
      PlGroupState *state = rows->sources[s];
      n_groups += state->table->n_groups;
      if (state->table->n_groups == 0)
        pl_group_state_free (state);
      else
        rows->sources[n_used++] = state;
    }
  if (n_used == 0)
    rows->sources[n_used++] = pl_group_state_new (rows->config, FALSE);
  rows->n_sources = n_used;
  rows->n_parts = n_used == 1 ? 1 : pl_group_partitions (n_groups);
  rows->parts = g_new (PlGroupState *, rows->n_parts);
  if (n_used == 1)
    {
      rows->parts[0] = rows->sources[0];
      rows->n_sources = 0;
      return;
    }
  g_autofree PlGroupTable **tables = g_new (PlGroupTable *, n_used), **parts = g_new (PlGroupTable *, rows->n_parts);
  for (guint p = 0; p < rows->n_parts; p++)
    parts[p] = (rows->parts[p] = pl_group_state_new (rows->config, TRUE))->table;
  for (guint s = 0; s < n_used; s++)
    tables[s] = rows->sources[s]->table;
  pl_group_merge (tables, n_used, parts, rows->n_parts, combine_groups, rows, parallel);
  for (guint s = 0; s < n_used; s++)
    pl_group_state_keep_texts (rows->sources[s]);
}

/* ---- ordering ---- */

typedef struct
{
  GroupRows *rows;
  guint64 *starts; /* per part: index of its first group among all */
  PlSortItem *items;
  PlStore **stores; /* per part: key records; their position is the id */
  PlSchema *empty;
} Ordering;

static void
collect_ids (Ordering *ordering, guint part, gboolean by_position)
{
  const PlGroupState *state = ordering->rows->parts[part];
  PlSortItem *items = ordering->items + ordering->starts[part];
  for (gsize group = 0; group < state->table->n_groups; group++)
    items[group] = (PlSortItem){.prefix = by_position ? state->first[group] : 0, .id = (guint64) part << 32 | group};
}

/* Keys of all groups of a part as comparable records, a batch at a time. */
static void
key_task (guint part, gpointer data)
{
  Ordering *ordering = data;
  const PlGroupConfig *config = ordering->rows->config;
  const PlGroupTable *table = ordering->rows->parts[part]->table;
  const gboolean by_hash = config->order == PL_GROUPS_BY_HASH;
  PlStore *store = ordering->stores[part] = pl_store_new (ordering->empty);
  g_autoptr (PlArena) arena = pl_arena_new ();
  for (gsize first = 0; first < table->n_groups; first += PL_BATCH_ROWS)
    {
      gsize n = MIN (table->n_groups - first, PL_BATCH_ROWS);
      pl_arena_reset (arena);
      const guint64 **keys = pl_arena_new_array (arena, const guint64 *, n);
      PlColumn **columns = pl_arena_new_array (arena, PlColumn *, config->layout->n_fields);
      for (gsize i = 0; i < n; i++)
        keys[i] = pl_group_table_key (table, first + i);
      for (guint f = 0; f < config->layout->n_fields; f++)
        columns[f] = pl_keys_decode (config->layout, f, keys, n, arena);
      PlText *sort_keys = pl_sort_keys (columns, NULL, config->layout->n_fields, NULL, n, by_hash ? 4 : 0, arena);
      if (by_hash)
        {
          guint32 *hashes = pl_arena_new_array (arena, guint32, n);
          pl_keys_hash (config->layout, keys[0], n, hashes);
          for (gsize i = 0; i < n; i++)
            memcpy ((char *) sort_keys[i].data, &hashes[i], 4);
        }
      PlBatch batch;
      pl_batch_init (&batch, ordering->empty, arena);
      batch.n_rows = n;
      batch.position = (guint64) part << 32 | first;
      pl_store_append (store, &batch, NULL, n, sort_keys);
      for (gsize i = 0; i < n; i++)
        ordering->items[ordering->starts[part] + first + i].record = pl_store_record (store, first + i);
    }
}

static void
order_groups (GroupRows *rows, PlParallel *parallel)
{
  Ordering ordering = {.rows = rows, .starts = g_new (guint64, rows->n_parts)};
  guint64 n = 0;
  for (guint p = 0; p < rows->n_parts; p++)
    {
      ordering.starts[p] = n;
      n += rows->parts[p]->table->n_groups;
    }
  ordering.items = g_new (PlSortItem, MAX (n, 1));
  rows->rows.n_rows = n;
  rows->ids = g_new (guint64, MAX (n, 1));
  if (rows->config->keys->len == 0 || rows->config->order == PL_GROUPS_BY_APPEARANCE)
    {
      for (guint p = 0; p < rows->n_parts; p++)
        collect_ids (&ordering, p, rows->config->keys->len > 0);
      pl_sort_prefixes (ordering.items, n, parallel);
      for (guint64 i = 0; i < n; i++)
        rows->ids[i] = ordering.items[i].id;
    }
  else
    {
      ordering.empty = pl_schema_new ();
      ordering.stores = g_new0 (PlStore *, rows->n_parts);
      parallel->run (parallel, rows->n_parts, key_task, &ordering);
      gsize key_offset = 0;
      for (guint p = 0; p < rows->n_parts; p++)
        key_offset = MAX (key_offset, pl_store_key_offset (ordering.stores[p]));
      pl_sort_records (ordering.items, n, key_offset, parallel);
      for (guint64 i = 0; i < n; i++)
        rows->ids[i] = ordering.items[i].record->position;
      for (guint p = 0; p < rows->n_parts; p++)
        pl_store_free (ordering.stores[p]);
      g_free (ordering.stores);
      pl_schema_unref (ordering.empty);
    }
  g_free (ordering.items);
  g_free (ordering.starts);
}

/* ---- reading ---- */

/* Finalises one aggregate for groups that stand in different parts: their states are moved together and back. */
static PlColumn *
finalize_call (GroupRows *rows, guint index, const guint64 *ids, gsize n, PlBatch *batch, GError **error)
{
  const PlAggregateCall *call = g_array_index (rows->config->calls, PlGroupCall, index).call;
  const gsize size = call->state_size;
  PlArena *arena = batch->arena;
  guint8 *states = pl_arena_alloc (arena, n * size);
  PlColumn *column = pl_column_new (arena, call->result, n);
  pl_column_add_nulls (column, arena, n);
  for (gsize i = 0; i < n; i++)
    memcpy (states + i * size, part_of (rows, ids[i])->states[index] + (guint32) ids[i] * size, size);
  gsize failed = 0;
  GError *own = NULL;
  gboolean done = call->aggregate->finalize (call, states, NULL, n, column, arena, &failed, &own);
  for (gsize i = 0; i < n; i++)
    memcpy (part_of (rows, ids[i])->states[index] + (guint32) ids[i] * size, states + i * size, size);
  if (done)
    return column;
  pl_batch_fail (batch, failed, error, own->domain, own->code, "%s", own->message);
  g_error_free (own);
  return NULL;
}

/* Fills @batch with the groups @ids: the output columns, and behind them, when @hidden, every aggregate's own. */
static gboolean
read_groups (GroupRows *rows, const guint64 *ids, gsize n, gboolean hidden, PlBatch *batch, GError **error)
{
  const PlGroupConfig *config = rows->config;
  const guint n_keys = config->keys->len;
  PlBatch inner = *batch;
  inner.schema = config->inner;
  inner.n_rows = batch->n_rows = n;
  inner.columns = pl_arena_new_array (batch->arena, PlColumn *, config->inner->n_fields);
  const guint64 **keys = pl_arena_new_array (batch->arena, const guint64 *, n);
  for (gsize i = 0; i < n; i++)
    __builtin_prefetch (keys[i] = pl_group_table_key (part_of (rows, ids[i])->table, (guint32) ids[i]));
  for (guint k = 0; k < n_keys; k++)
    batch->columns[k] = inner.columns[k] = pl_keys_decode (config->layout, k, keys, n, batch->arena);
  for (guint c = 0; c < config->calls->len; c++)
    {
      PlColumn *column = finalize_call (rows, c, ids, n, batch, error);
      if (column == NULL)
        return FALSE;
      inner.columns[n_keys + c] = column;
      if (hidden)
        batch->columns[config->output->n_fields + c] = column;
    }
  for (guint o = 0; o < config->outputs->len; o++)
    {
      PlColumn *column = pl_expression_evaluate (config->outputs->pdata[o], &inner, error);
      if (column == NULL)
        {
          batch->failed_row = inner.failed_row;
          return FALSE;
        }
      batch->columns[n_keys + o] = column;
    }
  return TRUE;
}

static gboolean
group_rows_read (PlRows *self, guint64 first, gsize n, PlBatch *batch, GError **error)
{
  GroupRows *rows = (GroupRows *) self;
  batch->position = first;
  batch->offsets = NULL;
  return read_groups (rows, rows->ids + first, n, FALSE, batch, error);
}

static void
group_rows_free (PlRows *self)
{
  GroupRows *rows = (GroupRows *) self;
  for (guint p = 0; p < rows->n_parts; p++)
    pl_group_state_free (rows->parts[p]);
  for (guint s = 0; s < rows->n_sources; s++)
    pl_group_state_free (rows->sources[s]);
  g_free (rows->parts);
  g_free (rows->sources);
  g_free (rows->ids);
  pl_schema_unref (self->schema);
  g_free (rows);
}

/* ---- having ---- */

typedef struct
{
  GroupRows *rows;
  guint64 n_parts;
  PlStore **stores;
  GError **errors;
} Having;

static guint64
having_start (const Having *having, guint64 part)
{
  guint64 n_batches = (having->rows->rows.n_rows + PL_BATCH_ROWS - 1) / PL_BATCH_ROWS;
  return MIN (n_batches * part / having->n_parts * PL_BATCH_ROWS, having->rows->rows.n_rows);
}

static void
having_task (guint part, gpointer data)
{
  Having *having = data;
  GroupRows *rows = having->rows;
  const PlGroupConfig *config = rows->config;
  guint64 end = having_start (having, part + 1);
  having->stores[part] = pl_store_new (config->output);
  g_autoptr (PlArena) arena = pl_arena_new ();
  for (guint64 first = having_start (having, part); first < end; first += PL_BATCH_ROWS)
    {
      gsize n = MIN (end - first, PL_BATCH_ROWS), n_kept = 0;
      PlBatch batch;
      pl_arena_reset (arena);
      pl_batch_init (&batch, config->shown, arena);
      batch.position = first;
      guint32 *kept = pl_arena_new_array (arena, guint32, n);
      if (!read_groups (rows, rows->ids + first, n, TRUE, &batch, &having->errors[part])
          || !pl_expression_select (config->having, &batch, kept, &n_kept, &having->errors[part]))
        return;
      batch.schema = config->output;
      pl_store_append (having->stores[part], &batch, kept, n_kept, NULL);
    }
}

/* Keeps the groups that meet the condition, as stored rows in the same order. Takes @rows. */
static PlRows *
keep_having (GroupRows *rows, PlParallel *parallel, GError **error)
{
  Having having = {.rows = rows, .n_parts = parallel->n_workers * 4};
  having.stores = g_new0 (PlStore *, having.n_parts);
  having.errors = g_new0 (GError *, having.n_parts);
  parallel->run (parallel, (guint) having.n_parts, having_task, &having);
  guint64 n = 0;
  GError *first = NULL;
  for (guint p = 0; p < having.n_parts; p++)
    {
      n += pl_store_n_rows (having.stores[p]);
      if (first == NULL)
        first = having.errors[p];
      else
        g_clear_error (&having.errors[p]);
    }
  const PlRecord **records = g_new (const PlRecord *, MAX (n, 1));
  n = 0;
  for (guint p = 0; p < having.n_parts; p++)
    for (guint64 row = 0; row < pl_store_n_rows (having.stores[p]); row++)
      records[n++] = pl_store_record (having.stores[p], row);
  PlRows *kept = pl_store_rows (rows->config->output, having.stores, (guint) having.n_parts, records, n);
  g_free (having.errors);
  group_rows_free (&rows->rows);
  if (first == NULL)
    return kept;
  pl_rows_free (kept);
  g_propagate_error (error, first);
  return NULL;
}

PlRows *
pl_group_finish (const PlGroupConfig *config, PlGroupState **states, guint n_states, PlParallel *parallel,
                 GError **error)
{
  GroupRows *rows = g_new0 (GroupRows, 1);
  rows->rows.schema = pl_schema_ref (config->output);
  rows->rows.read = group_rows_read;
  rows->rows.free = group_rows_free;
  rows->config = config;
  rows->sources = g_memdup2 (states, sizeof *states * n_states);
  rows->n_sources = n_states;
  merge_states (rows, parallel);
  order_groups (rows, parallel);
  return config->having != NULL ? keep_having (rows, parallel, error) : &rows->rows;
}
