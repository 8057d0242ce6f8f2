/* From the workers' states to rows.
 *
 *   states ─► which groups are the same, all at once by ranges of hashes ─► combined in place ─► order ─► PlRows
 *
 * Nothing is moved: a group stays in the state of the first worker that has it, the others' are combined into it. Aggregates
 * are finalised when their rows are read, on whichever worker reads them; with `having`, before, because the number of rows must
 * be known. */
#include "../../pipeline/memory/big-array.h"
#include "group-by.h"
#include "../../pipeline/groups/merge.h"
#include "../../pipeline/groups/order.h"
#include "../../pipeline/keys/comparable.h"

#define CHUNK ((guint64) 16 * PL_BATCH_ROWS) /* groups that one task prepares for sorting */
#define AHEAD 8                              /* rows that keys are fetched ahead */
#define PREFETCH_MAX 32                      /* words of a group that are fetched ahead */
#define STEP 512                             /* groups that are combined at once: they stay in the cache */

typedef struct
{
  PlRows rows;
  const PlGroupConfig *config;
  PlGroupState **states;
  guint n_states;
  PlGroupIds ids; /* in the order of the output: state << 32 | group */
} GroupRows;

/* The ids of the rows [first, first + n). */
static guint64 *
ids_of (const GroupRows *rows, guint64 first, gsize n, PlArena *arena)
{
  guint64 *ids = pl_arena_new_array (arena, guint64, n);
  pl_group_ids_get (&rows->ids, first, n, ids);
  return ids;
}

static inline const guint64 *
key_of (const GroupRows *rows, guint64 id)
{
  return pl_group_table_key (rows->states[id >> 32]->table, (guint32) id);
}

/* Merged tables have one. */
static const PlKeyLayout *
layout_of (const GroupRows *rows)
{
  return rows->n_states > 0 ? rows->states[0]->table->layout : rows->config->layout;
}

static inline void
prefetch_record (const PlGroupTable *table, gsize group)
{
  const guint64 *record = pl_group_table_key (table, group);
  const gsize n = MIN (table->stride, PREFETCH_MAX);
  for (gsize word = 0; word < n; word += 8)
    __builtin_prefetch (record + word, 1);
}

/* ---- merging ---- */

static void
combine_groups (guint owner_index, guint source_index, const guint32 *into, const guint32 *from, gsize n, gpointer data)
{
  GroupRows *rows = data;
  const PlGroupConfig *config = rows->config;
  PlGroupState *owner = rows->states[owner_index], *source = rows->states[source_index];
  guint32 into_places[STEP], from_places[STEP];
  for (gsize start = 0, count; start < n; start += count)
    {
      count = MIN (n - start, STEP);
      for (gsize i = start; i < start + count; i++)
        {
          prefetch_record (owner->table, into[i]);
          prefetch_record (source->table, from[i]);
        }
      pl_group_places (owner, into + start, 0, count, into_places);
      pl_group_places (source, from + start, 0, count, from_places);
      for (guint c = 0; c < config->owners->len; c++)
        {
          const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
          use->call->aggregate->combine (use->call, pl_group_states (owner, use), into_places,
                                         pl_group_states (source, use), from_places, count);
        }
    }
  if (config->order == PL_GROUPS_BY_APPEARANCE)
    for (gsize i = 0; i < n; i++)
      owner->first[into[i]] = MIN (owner->first[into[i]], source->first[from[i]]);
}

/* Returns: (transfer container) */
static PlGroupTable **
tables_of (const GroupRows *rows)
{
  PlGroupTable **tables = g_new (PlGroupTable *, rows->n_states);
  for (guint s = 0; s < rows->n_states; s++)
    tables[s] = rows->states[s]->table;
  return tables;
}

static void
merge_states (GroupRows *rows, PlParallel *parallel)
{
  guint n_used = 0;
  /* States that saw nothing, out of the way. */
  for (guint s = 0; s < rows->n_states; s++)
    if (rows->states[s]->table->n_groups == 0)
      pl_group_state_free (rows->states[s]);
    else
      rows->states[n_used++] = rows->states[s];
  rows->n_states = n_used;
  if (n_used == 0)
    return;
  g_autofree PlGroupTable **tables = tables_of (rows);
  pl_group_table_unify (tables, n_used, parallel);
  pl_group_merge (tables, n_used, combine_groups, rows, parallel, &rows->ids);
  rows->rows.n_rows = rows->ids.n;
}

/* ---- ordering ---- */

typedef struct
{
  GroupRows *rows;
  PlSortItem *items;
  PlStore **stores; /* per chunk: key records; their position is the index into rows->ids */
  PlSchema *empty;
  guint64 *ids; /* all */
  guint64 *sorted;
} Ordering;

/* The keys of the groups [first, first + n). */
static PlColumn **
read_keys (const GroupRows *rows, const guint64 *ids, gsize n, PlArena *arena)
{
  const PlKeyLayout *layout = layout_of (rows);
  const guint64 **keys = pl_arena_new_array (arena, const guint64 *, n);
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, layout->n_fields);
  for (gsize i = 0; i < n; i++)
    __builtin_prefetch (keys[i] = key_of (rows, ids[i]));
  for (guint f = 0; f < layout->n_fields; f++)
    columns[f] = pl_keys_decode (layout, f, keys, n, arena);
  return columns;
}

/* Keys of the groups of a chunk as comparable records, a batch at a time. */
static void
key_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  GroupRows *rows = ordering->rows;
  PlStore *store = ordering->stores[chunk] = pl_store_new (ordering->empty);
  g_autoptr (PlArena) arena = pl_arena_new ();
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, rows->rows.n_rows);
  for (guint64 first = start; first < end; first += PL_BATCH_ROWS)
    {
      gsize n = MIN (end - first, PL_BATCH_ROWS);
      pl_arena_reset (arena);
      PlColumn **columns = read_keys (rows, ids_of (rows, first, n, arena), n, arena);
      PlText *sort_keys = pl_sort_keys (columns, NULL, layout_of (rows)->n_fields, NULL, n, 0, arena);
      PlBatch batch;
      pl_batch_init (&batch, ordering->empty, arena);
      batch.n_rows = n;
      batch.position = first;
      pl_store_append (store, &batch, NULL, n, sort_keys);
      for (gsize i = 0; i < n; i++)
        ordering->items[first + i].record = pl_store_record (store, first - start + i);
    }
}

static void
place_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  const PlSortItem *items = ordering->items;
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, ordering->rows->rows.n_rows);
  for (guint64 i = start; i < end; i++)
    if (ordering->ids == NULL)
      ordering->sorted[i] = items[i].id;
    else
      {
        __builtin_prefetch (items[MIN (i + AHEAD, end - 1)].record);
        ordering->sorted[i] = ordering->ids[items[i].record->position];
      }
}

static void
id_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  guint64 ids[PL_BATCH_ROWS];
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, ordering->rows->rows.n_rows);
  for (guint64 first = start; first < end; first += PL_BATCH_ROWS)
    {
      const gsize n = MIN (end - first, PL_BATCH_ROWS);
      pl_group_ids_get (&ordering->rows->ids, first, n, ids);
      for (gsize i = 0; i < n; i++)
        ordering->items[first + i].id = ids[i];
    }
}

/* By the keys as they stand in the tables. Returns: %FALSE where that cannot be. */
static gboolean
order_by_key (Ordering *ordering, guint n_chunks, PlParallel *parallel)
{
  const GroupRows *rows = ordering->rows;
  if (layout_of (rows)->has_long)
    return FALSE;
  g_autofree PlGroupTable **tables = tables_of (rows);
  parallel->run (parallel, n_chunks, id_task, ordering);
  pl_group_order (tables, ordering->items, rows->rows.n_rows, parallel);
  return TRUE;
}

/* Leaves records in the items; the stores hold them. */
static void
order_by_record (Ordering *ordering, guint n_chunks, PlParallel *parallel)
{
  GroupRows *rows = ordering->rows;
  const guint64 n = rows->rows.n_rows;
  ordering->empty = pl_schema_new ();
  ordering->stores = g_new0 (PlStore *, n_chunks);
  parallel->run (parallel, n_chunks, key_task, ordering);
  pl_sort_records (ordering->items, n, pl_store_key_offset (ordering->stores[0]), parallel);
  ordering->ids = pl_big_resize (NULL, 0, n * sizeof *ordering->ids);
  pl_group_ids_get (&rows->ids, 0, n, ordering->ids);
  pl_schema_unref (ordering->empty);
}

static void
first_task (guint chunk, gpointer data)
{
  Ordering *ordering = data;
  GroupRows *rows = ordering->rows;
  guint64 ids[PL_BATCH_ROWS];
  const guint64 start = chunk * CHUNK, end = MIN (start + CHUNK, rows->rows.n_rows);
  for (guint64 first = start; first < end; first += PL_BATCH_ROWS)
    {
      const gsize n = MIN (end - first, PL_BATCH_ROWS);
      pl_group_ids_get (&rows->ids, first, n, ids);
      for (gsize i = 0; i < n; i++)
        ordering->items[first + i]
            = (PlSortItem){.prefix = rows->states[ids[i] >> 32]->first[(guint32) ids[i]], .id = ids[i]};
    }
}

/* Groups come ordered by hash, then key: nobody's favourite, but the same on every run. */
static void
order_groups (GroupRows *rows, PlParallel *parallel)
{
  const guint64 n = rows->rows.n_rows;
  if (rows->config->order == PL_GROUPS_BY_HASH || n < 2)
    return;
  const gsize bytes = n * sizeof (PlSortItem);
  const guint n_chunks = (guint) ((n + CHUNK - 1) / CHUNK);
  Ordering ordering = {.rows = rows, .items = pl_big_resize (NULL, 0, bytes)};
  if (rows->config->order == PL_GROUPS_BY_APPEARANCE)
    {
      parallel->run (parallel, n_chunks, first_task, &ordering);
      pl_sort_prefixes (ordering.items, n, parallel);
    }
  else if (!order_by_key (&ordering, n_chunks, parallel))
    order_by_record (&ordering, n_chunks, parallel);
  ordering.sorted = pl_group_ids_join (&rows->ids);
  parallel->run (parallel, n_chunks, place_task, &ordering);
  for (guint c = 0; ordering.stores != NULL && c < n_chunks; c++)
    pl_store_free (ordering.stores[c]);
  g_free (ordering.stores);
  pl_big_free (ordering.ids, ordering.ids != NULL ? n * sizeof *ordering.ids : 0);
  pl_big_free (ordering.items, bytes);
}

/* ---- reading ---- */

/* The groups of a batch, those of one state together. */
typedef struct
{
  const guint64 *ids;
  gsize n;
  guint32 *places; /* state by state */
  guint32 *rows;   /* … and which rows of the batch they are */
  guint32 *order;  /* per row: where it is among @places; NULL: all are of one state, in order */
  gsize *ends;     /* per state */
} Picked;

static void
pick_groups (const GroupRows *rows, const guint64 *ids, gsize n, PlArena *arena, Picked *picked)
{
  gsize *next = pl_arena_alloc0 (arena, (rows->n_states + 1) * sizeof *next);
  *picked = (Picked){.ids = ids, .n = n, .ends = next};
  picked->places = pl_arena_new_array (arena, guint32, n);
  picked->rows = pl_arena_new_array (arena, guint32, n);
  picked->order = rows->n_states > 1 ? pl_arena_new_array (arena, guint32, n) : NULL;
  for (gsize i = 0; i < n; i++)
    next[(ids[i] >> 32) + 1]++;
  for (guint s = 0; s < rows->n_states; s++)
    next[s + 1] += next[s];
  for (gsize i = 0; i < n; i++)
    {
      const gsize at = next[ids[i] >> 32]++;
      picked->places[at] = (guint32) (ids[i] * rows->states[ids[i] >> 32]->table->stride);
      picked->rows[at] = (guint32) i;
      if (picked->order != NULL)
        picked->order[i] = (guint32) at;
    }
}

/* Finalises one aggregate, state by state; of several failures the first row's counts. */
static PlColumn *
finalize_call (GroupRows *rows, guint index, const Picked *picked, PlBatch *batch, GError **error)
{
  const PlGroupCall *use = &g_array_index (rows->config->calls, PlGroupCall, index);
  const PlAggregateCall *call = use->call;
  const gsize width = pl_type_width (call->result);
  PlColumn *column = pl_column_new (batch->arena, call->result, picked->n);
  GError *first = NULL;
  gsize failed_row = G_MAXSIZE, start = 0;
  pl_column_add_nulls (column, batch->arena, picked->n);
  for (guint s = 0; s < rows->n_states; s++)
    {
      guint8 *states = pl_group_states (rows->states[s], use);
      const guint32 *places = picked->places + start;
      const gsize n = picked->ends[s] - start;
      gsize failed = 0;
      GError *own = NULL;
      PlColumn part = *column;
      part.nulls += start;
      if (part.values != NULL)
        part.values = (guint8 *) part.values + start * width;
      if (n > 0 && !call->aggregate->finalize (call, states, places, n, &part, batch->arena, &failed, &own))
        {
          const gsize row = picked->rows[start + failed];
          GError *later = row < failed_row ? first : own;
          first = row < failed_row ? own : first;
          failed_row = MIN (failed_row, row);
          g_clear_error (&later);
        }
      start = picked->ends[s];
    }
  if (first == NULL)
    return picked->order == NULL ? column : pl_column_gather (column, picked->order, picked->n, batch->arena);
  pl_batch_fail (batch, failed_row, error, first->domain, first->code, "%s", first->message);
  g_error_free (first);
  return NULL;
}

/* Copies of the keys, one after the other: they come from all over the memory and are read field by field. */
static const guint64 **
copy_keys (const GroupRows *rows, const guint64 *ids, gsize n, PlArena *arena)
{
  const guint n_words = layout_of (rows)->n_words;
  const guint64 **keys = pl_arena_new_array (arena, const guint64 *, n);
  guint64 *copies = pl_arena_new_array (arena, guint64, n * MAX (n_words, 1));
  for (gsize i = 0; i < n; i++)
    {
      const guint64 ahead = ids[MIN (i + AHEAD, n - 1)], *key = key_of (rows, ids[i]);
      prefetch_record (rows->states[ahead >> 32]->table, (guint32) ahead);
      guint64 *copy = copies + i * n_words;
      for (guint word = 0; word < n_words; word++)
        copy[word] = key[word];
      keys[i] = copy;
    }
  return keys;
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
  Picked picked;
  pick_groups (rows, ids, n, batch->arena, &picked);
  const guint64 **keys = n_keys > 0 ? copy_keys (rows, ids, n, batch->arena) : NULL;
  for (guint k = 0; k < n_keys; k++)
    batch->columns[k] = inner.columns[k] = pl_keys_decode (layout_of (rows), k, keys, n, batch->arena);
  for (guint c = 0; c < config->calls->len; c++)
    {
      PlColumn *column = finalize_call (rows, c, &picked, batch, error);
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
  return read_groups (rows, ids_of (rows, first, n, batch->arena), n, FALSE, batch, error);
}

static void
group_rows_free (PlRows *self)
{
  GroupRows *rows = (GroupRows *) self;
  for (guint s = 0; s < rows->n_states; s++)
    pl_group_state_free (rows->states[s]);
  g_free (rows->states);
  pl_group_ids_clear (&rows->ids);
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
      if (!read_groups (rows, ids_of (rows, first, n, arena), n, TRUE, &batch, &having->errors[part])
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
  rows->states = g_memdup2 (states, sizeof *states * n_states);
  rows->n_states = n_states;
  merge_states (rows, parallel);
  order_groups (rows, parallel);
  return config->having != NULL ? keep_having (rows, parallel, error) : &rows->rows;
}
