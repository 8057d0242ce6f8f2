/* See values.h. */
#include "values.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/keys/prefix.h"
#include "blocks.h"

#define BLOCK_BYTES 8192 /* of values, from which on a block is written */
#define PREFIX sizeof (guint64)
#define BEHIND_GROUP 0x01

/* What the keys of the values of one call of a group begin with. */
static void
start_key (PlBuffer *start, const PlText *key, guint owner)
{
  const guint64 number = GUINT64_TO_BE ((guint64) BEHIND_GROUP << 56 | owner);
  static const guint8 zeros[PREFIX];
  pl_buffer_append (start, key->data, key->length);
  if (key->length < PREFIX)
    pl_buffer_append (start, zeros, PREFIX - key->length);
  pl_buffer_append (start, &number, sizeof number);
}

void
pl_group_values_cut (PlSpillEntry *bound)
{
  if (bound->flag)
    bound->rest_length = (guint32) bound->place;
  pl_spill_cut_place (bound);
}

/* ---- to the disk ---- */

typedef struct
{
  PlSpill *spill;
  PlBuffer key; /* of the entry */
  gsize n_start;
  PlValueBlock block;
} Putting;

static gboolean
put_block (Putting *putting, GError **error)
{
  PlSpillEntry entry = {.place = putting->n_start - 2 * PREFIX,
                        .data = (const guint8 *) putting->block.bytes.data,
                        .data_length = (guint32) putting->block.bytes.length,
                        .flag = TRUE};
  pl_spill_entry_key (&entry, putting->key.data, (guint32) putting->key.length);
  const gboolean ok = putting->block.n == 0 || pl_spill_put (putting->spill, &entry, error);
  pl_value_block_reset (&putting->block);
  return ok;
}

static gboolean
put_value (const PlValue *value, gpointer data, GError **error)
{
  Putting *putting = data;
  if (putting->block.n == 0)
    {
      putting->key.length = putting->n_start;
      pl_buffer_append (&putting->key, value->key, value->key_length);
    }
  pl_value_block_add (&putting->block, value);
  return putting->block.bytes.length < BLOCK_BYTES || put_block (putting, error);
}

gboolean
pl_group_values_put (const PlGroupConfig *config, guint owner, const PlText *key, guint8 *state, PlSpill *spill,
                     GError **error)
{
  const PlAggregateCall *call = g_array_index (config->owners, PlGroupCall, owner).call;
  Putting putting = {.spill = spill};
  start_key (&putting.key, key, owner);
  putting.n_start = putting.key.length;
  const gboolean ok
      = call->aggregate->values->give (call, state, put_value, &putting, error) && put_block (&putting, error);
  pl_buffer_clear (&putting.key);
  pl_value_block_clear (&putting.block);
  return ok;
}

/* ---- and back ---- */

/* Results on their way. */
typedef struct
{
  const PlGroupConfig *config;
  const PlAggregateCall *owner;
  gpointer *known; /* per call that reads its states */
} Results;

static gboolean
reads (const Results *results, guint c)
{
  const PlAggregateCall *call = g_array_index (results->config->calls, PlGroupCall, c).call;
  return call == results->owner || call->owner == results->owner;
}

static gboolean
begin (const Results *results, const PlValueTotals *totals, PlArena *arena, GError **error)
{
  for (guint c = 0; c < results->config->calls->len; c++)
    {
      const PlAggregateCall *call = g_array_index (results->config->calls, PlGroupCall, c).call;
      if (reads (results, c)
          && (results->known[c] = call->aggregate->values->begin (call, totals, arena, error)) == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
take (const Results *results, const PlValue *value)
{
  for (guint c = 0; c < results->config->calls->len; c++)
    if (results->known[c] != NULL)
      {
        const PlAggregateCall *call = g_array_index (results->config->calls, PlGroupCall, c).call;
        call->aggregate->values->take (call, results->known[c], value);
      }
}

/* @columns: (nullable): not wanted any more. */
static void
end (const Results *results, PlColumn **columns, PlArena *arena)
{
  for (guint c = 0; c < results->config->calls->len; c++)
    if (results->known[c] != NULL)
      {
        const PlAggregateCall *call = g_array_index (results->config->calls, PlGroupCall, c).call;
        PlColumn *column = columns != NULL ? pl_column_new (arena, call->result, 1) : NULL;
        if (column != NULL)
          {
            pl_column_add_nulls (column, arena, 1);
            columns[c] = column;
          }
        call->aggregate->values->end (call, results->known[c], column, arena);
      }
}

static gboolean
fail_to_read (GError **error)
{
  g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL, "values that have been spilled cannot be read");
  return FALSE;
}

static gboolean
starts_with (const PlSpillEntry *entry, const PlBuffer *start)
{
  const gsize n = start->length - PREFIX;
  return entry->flag && entry->prefix == pl_key_prefix (start->data, start->length) && entry->rest_length >= n
         && memcmp (entry->rest, start->data + PREFIX, n) == 0;
}

/* Whether the first value of @entry may come before @value, or be the same. */
static gboolean
is_due (const PlSpillEntry *entry, const PlBuffer *start, const PlValue *value)
{
  const gsize n_start = start->length - PREFIX, length = entry->rest_length - n_start;
  const gsize n = MIN (length, value->key_length);
  const int order = n > 0 ? memcmp (entry->rest + n_start, value->key, n) : 0;
  return order != 0 ? order < 0 : length <= value->key_length;
}

/* Takes all blocks whose turn it is. */
static gboolean
take_blocks (PlSpillMerge *merge, const PlBuffer *start, PlValueHeap *heap, GError **error)
{
  const PlSpillEntry *entry;
  while ((entry = pl_spill_merge_peek (merge)) != NULL && starts_with (entry, start))
    {
      const PlValue *value = pl_value_heap_peek (heap);
      if (value != NULL && !is_due (entry, start, value))
        return TRUE;
      if (!pl_value_heap_add (heap, entry->data, entry->data_length))
        return fail_to_read (error);
      if (!pl_spill_merge_step (merge, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
take_all (const Results *results, PlSpillMerge *merge, const PlBuffer *start, PlValueHeap *heap, GError **error)
{
  while (take_blocks (merge, start, heap, error))
    {
      const PlValue *value = pl_value_heap_peek (heap);
      if (value == NULL)
        return TRUE;
      take (results, value);
      if (!pl_value_heap_step (heap))
        return fail_to_read (error);
    }
  return FALSE;
}

static gboolean
keep_value (const PlValue *value, gpointer data, G_GNUC_UNUSED GError **error)
{
  pl_value_block_add (data, value);
  return TRUE;
}

gboolean
pl_group_values_read (const PlGroupConfig *config, guint owner, const PlText *key, guint8 *state,
                      const PlValueTotals *totals, PlSpillMerge *merge, PlColumn **known, PlArena *arena,
                      GError **error)
{
  const PlAggregateCall *call = g_array_index (config->owners, PlGroupCall, owner).call;
  g_autofree gpointer *unfinished = g_new0 (gpointer, config->calls->len + 1);
  const Results results = {config, call, unfinished};
  g_autoptr (PlValueHeap) heap = pl_value_heap_new ();
  g_auto (PlBuffer) start = PL_BUFFER_INIT;
  g_auto (PlValueBlock) held = {PL_BUFFER_INIT, PL_BUFFER_INIT, 0};
  PlValueTotals all;
  call->aggregate->values->measure (call, state, &all);
  all.n += totals->n;
  all.bytes += totals->bytes;
  start_key (&start, key, owner);
  gboolean ok = call->aggregate->values->give (call, state, keep_value, &held, error);
  if (ok && held.n > 0 && !pl_value_heap_add (heap, (const guint8 *) held.bytes.data, held.bytes.length))
    ok = fail_to_read (error);
  pl_value_block_clear (&held);
  ok = ok && begin (&results, &all, arena, error) && take_all (&results, merge, &start, heap, error);
  end (&results, ok ? known : NULL, arena);
  return ok;
}
