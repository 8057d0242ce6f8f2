/* See gather.h. */
#include "gather.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/keys/comparable-decode.h"
#include "../../pipeline/keys/prefix.h"
#include "../../pipeline/keys/terms.h"
#include "../../pipeline/memory/leased.h"
#include "results.h"
#include "values.h"

#define GATHERED_BYTES ((gsize) 4 << 20) /* of states, from which on no more groups are read at once */

/* A group of one run. */
typedef struct
{
  PlText key, data;
  guint64 first;
  guint32 group; /* which of those at hand */
  guint32 layer; /* how many runs before this one have the same key */
} Item;

struct PlGroupGather
{
  const PlGroupConfig *config;
  const PlKeyLayout *layout;
  PlSpillMerge *merge;
  gboolean are_placed;
  PlArena *arena;    /* of what follows */
  GArray *items;     /* of Item */
  guint n_taken;     /* of them: those at hand; the others are a group that is to be alone */
  gboolean is_alone; /* one group is at hand, of which some results are known, or states on disk */
  PlArena *spare;
  PlValueTotals *totals; /* per owner: of what is on disk of the group that is alone */
  gboolean *are_on_disk; /* per owner: whether there is any */
  PlText rest;           /* of the data of a placed entry: what stands behind the states */
  gsize n_cleared;       /* of the items: whose states are to be freed */
  guint8 *states;        /* an item's payload behind the other */
  gsize capacity;        /* of states: bytes */
  PlGathered at_hand;
};

PlGroupGather *
pl_group_gather_new (const PlGroupConfig *config, const PlKeyLayout *layout, PlSpillMerge *merge, gboolean are_placed)
{
  PlGroupGather *gather = g_new0 (PlGroupGather, 1);
  gather->config = config;
  gather->layout = layout;
  gather->merge = merge;
  gather->are_placed = are_placed;
  gather->arena = pl_arena_new ();
  gather->spare = pl_arena_new ();
  gather->totals = g_new0 (PlValueTotals, config->owners->len + 1);
  gather->are_on_disk = g_new0 (gboolean, config->owners->len + 1);
  gather->items = g_array_new (FALSE, FALSE, sizeof (Item));
  return gather;
}

static guint32
address_of (const PlGroupGather *gather, gsize item)
{
  return (guint32) (item * gather->config->n_payload);
}

/* Frees what the states at hand own. */
static void
clear_states (PlGroupGather *gather)
{
  guint32 addresses[256];
  for (guint c = 0; c < gather->config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (gather->config->owners, PlGroupCall, c);
      for (gsize first = 0, n; first < gather->n_cleared && use->call->aggregate->clear != NULL; first += n)
        {
          n = MIN (gather->n_cleared - first, G_N_ELEMENTS (addresses));
          for (gsize i = 0; i < n; i++)
            addresses[i] = address_of (gather, first + i);
          use->call->aggregate->clear (use->call, gather->states + use->offset, addresses, n);
        }
    }
  gather->n_cleared = 0;
}

void
pl_group_gather_free (PlGroupGather *gather)
{
  if (gather == NULL)
    return;
  clear_states (gather);
  pl_leased_free (gather->states);
  pl_spill_merge_close (gather->merge);
  g_array_unref (gather->items);
  pl_arena_free (gather->arena);
  pl_arena_free (gather->spare);
  g_free (gather->totals);
  g_free (gather->are_on_disk);
  g_free (gather);
}

gboolean
pl_group_gather_is_done (const PlGroupGather *gather)
{
  return gather->n_taken == gather->items->len && pl_spill_merge_peek (gather->merge) == NULL;
}

/* ---- entries ---- */

static gboolean
fail_to_read (GError **error)
{
  g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL, "groups that have been spilled cannot be read");
  return FALSE;
}

static PlText
keep (const guint8 *head, gsize n_head, const guint8 *data, gsize n, PlArena *arena)
{
  char *copy = pl_arena_alloc (arena, n_head + n + 1);
  if (n_head > 0)
    memcpy (copy, head, n_head);
  if (n > 0)
    memcpy (copy + n_head, data, n);
  return (PlText){.data = copy, .length = (guint32) (n_head + n)};
}

/* Behind a key of less than eight bytes stand zeros, which do not matter. */
static gboolean
has_key (const PlSpillEntry *entry, const PlText *key)
{
  return key->length == sizeof entry->prefix + entry->rest_length
         && pl_key_prefix (key->data, key->length) == entry->prefix
         && (entry->rest_length == 0
             || memcmp (key->data + sizeof entry->prefix, entry->rest, entry->rest_length) == 0);
}

static PlText
key_of (const PlSpillEntry *entry, PlArena *arena)
{
  guint8 prefix[sizeof entry->prefix];
  pl_key_prefix_put (entry->prefix, prefix);
  return keep (prefix, sizeof prefix, entry->rest, entry->rest_length, arena);
}

/* The key of a placed entry stands in its data. Returns: %FALSE where it does not. */
static gboolean
split_data (Item *item)
{
  guint32 length;
  if (item->data.length < sizeof length)
    return FALSE;
  memcpy (&length, item->data.data, sizeof length);
  if (length > item->data.length - sizeof length)
    return FALSE;
  item->key = (PlText){.data = item->data.data + sizeof length, .length = length};
  item->data.data += sizeof length + length;
  item->data.length -= (guint32) sizeof length + length;
  return TRUE;
}

/* What has been read of the group that is to be alone. */
static void
move_rest (PlGroupGather *gather)
{
  PlArena *arena = gather->spare;
  pl_arena_reset (arena);
  g_array_remove_range (gather->items, 0, gather->n_taken);
  for (guint i = 0; i < gather->items->len; i++)
    {
      Item *item = &g_array_index (gather->items, Item, i);
      item->key = keep ((const guint8 *) item->key.data, item->key.length, NULL, 0, arena);
      item->data = keep ((const guint8 *) item->data.data, item->data.length, NULL, 0, arena);
      item->group = 0;
    }
  gather->spare = gather->arena;
  gather->arena = arena;
}

/* Values come: the last group is alone, now or the next time. */
static void
set_apart (PlGroupGather *gather)
{
  const guint32 last = g_array_index (gather->items, Item, gather->items->len - 1).group;
  guint n = gather->items->len;
  gather->is_alone = last == 0;
  while (last > 0 && g_array_index (gather->items, Item, n - 1).group == last)
    n--;
  gather->n_taken = n;
}

static gboolean
take_item (PlGroupGather *gather, const PlSpillEntry *entry, gboolean is_same, Item *item, GError **error)
{
  item->data = keep (NULL, 0, entry->data, entry->data_length, gather->arena);
  if (gather->are_placed && !split_data (item))
    return fail_to_read (error);
  if (!is_same && !gather->are_placed)
    item->key = key_of (entry, gather->arena);
  item->layer = is_same ? item->layer + 1 : 0;
  item->first = entry->place;
  g_array_append_val (gather->items, *item);
  return pl_spill_merge_step (gather->merge, error);
}

/* Takes groups, all that there are of each key. */
static gboolean
take_items (PlGroupGather *gather, GError **error)
{
  const PlSpillEntry *entry;
  const gsize own_bytes = sizeof (Item) + gather->config->n_payload * PL_WORD;
  Item item = {.layer = 0};
  gsize n_groups = 0, bytes = 0;
  move_rest (gather);
  gather->is_alone = FALSE;
  if (gather->items->len > 0)
    {
      item = g_array_index (gather->items, Item, gather->items->len - 1);
      n_groups = 1;
    }
  while (!gather->is_alone && (entry = pl_spill_merge_peek (gather->merge)) != NULL)
    {
      if (entry->flag && !gather->are_placed && n_groups == 0)
        return fail_to_read (error);
      if (entry->flag && !gather->are_placed)
        {
          set_apart (gather);
          return TRUE;
        }
      const gboolean is_same = n_groups > 0 && !gather->are_placed && has_key (entry, &item.key);
      if (!is_same && n_groups > 0 && (n_groups == PL_BATCH_ROWS || bytes >= GATHERED_BYTES || entry->flag))
        break;
      gather->is_alone = entry->flag;
      bytes += own_bytes + entry->data_length + entry->rest_length;
      item.group = (guint32) (is_same ? item.group : n_groups++);
      if (!take_item (gather, entry, is_same, &item, error))
        return FALSE;
    }
  gather->n_taken = gather->items->len;
  return TRUE;
}

/* ---- states ---- */

static void
init_states (PlGroupGather *gather, gsize n)
{
  const PlGroupConfig *config = gather->config;
  const gsize bytes = (n * config->n_payload + 1) * PL_WORD;
  guint32 addresses[256];
  if (bytes > gather->capacity)
    {
      pl_leased_free (gather->states);
      gather->states = pl_leased_resize (NULL, bytes);
      gather->capacity = bytes;
    }
  memset (gather->states, 0, bytes);
  for (guint c = 0; c < config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      for (gsize first = 0, count; first < n && use->call->aggregate->init != NULL; first += count)
        {
          count = MIN (n - first, G_N_ELEMENTS (addresses));
          for (gsize i = 0; i < count; i++)
            addresses[i] = address_of (gather, first + i);
          use->call->aggregate->init (use->call, gather->states + use->offset, addresses, count);
        }
    }
  gather->n_cleared = n;
}

/* What stands behind the states of a group that is alone. */
static gboolean
take_rest (PlGroupGather *gather, PlCursor *cursor)
{
  if (!gather->is_alone)
    return cursor->offset == cursor->length;
  if (gather->are_placed)
    {
      gather->rest = (PlText){.data = (const char *) cursor->data + cursor->offset,
                              .length = (guint32) (cursor->length - cursor->offset)};
      return TRUE;
    }
  while (cursor->offset < cursor->length && !cursor->failed)
    {
      const guint32 owner = pl_cursor_get_u32 (cursor);
      if (owner >= gather->config->owners->len)
        return FALSE;
      gather->are_on_disk[owner] = TRUE;
      gather->totals[owner].n += pl_cursor_get_u64 (cursor);
      gather->totals[owner].bytes += pl_cursor_get_u64 (cursor);
    }
  return !cursor->failed;
}

static gboolean
load_item (PlGroupGather *gather, gsize index)
{
  const PlGroupConfig *config = gather->config;
  const PlText *data = &g_array_index (gather->items, Item, index).data;
  guint8 *payload = gather->states + (gsize) address_of (gather, index) * PL_WORD;
  PlCursor cursor = {(const guint8 *) data->data, data->length, 0, FALSE};
  for (guint c = 0; c < config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      if (!use->call->aggregate->load (use->call, payload + use->offset, &cursor) || cursor.failed)
        return FALSE;
    }
  return take_rest (gather, &cursor);
}

/* Those of one layer have different keys. */
static void
combine_layer (PlGroupGather *gather, guint32 layer, guint32 *into, guint32 *from)
{
  const PlGroupConfig *config = gather->config;
  gsize n = 0;
  for (guint i = 0; i < gather->n_taken; i++)
    {
      const Item *item = &g_array_index (gather->items, Item, i);
      if (item->layer != layer)
        continue;
      into[n] = gather->at_hand.addresses[item->group];
      from[n++] = address_of (gather, i);
    }
  for (guint c = 0; c < config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      use->call->aggregate->combine (use->call, gather->states + use->offset, into, gather->states + use->offset, from,
                                     n);
    }
}

/* Each group is at its first item. */
static void
list_groups (PlGroupGather *gather)
{
  const gsize n = gather->n_taken > 0 ? g_array_index (gather->items, Item, gather->n_taken - 1).group + 1 : 0;
  PlText *keys = pl_arena_new_array (gather->arena, PlText, n);
  guint64 *firsts = pl_arena_new_array (gather->arena, guint64, n);
  guint32 *addresses = pl_arena_new_array (gather->arena, guint32, n);
  for (guint i = 0; i < gather->n_taken; i++)
    {
      const Item *item = &g_array_index (gather->items, Item, i);
      if (item->layer > 0)
        continue;
      keys[item->group] = item->key;
      firsts[item->group] = item->first;
      addresses[item->group] = address_of (gather, i);
    }
  gather->at_hand = (PlGathered){n, keys, firsts, gather->states, addresses};
}

const PlGathered *
pl_group_gather_next (PlGroupGather *gather, GError **error)
{
  clear_states (gather);
  if (!take_items (gather, error))
    return NULL;
  const gsize n = gather->n_taken;
  guint32 n_layers = 0;
  memset (gather->totals, 0, gather->config->owners->len * sizeof *gather->totals);
  memset (gather->are_on_disk, 0, gather->config->owners->len * sizeof *gather->are_on_disk);
  init_states (gather, n);
  list_groups (gather);
  for (gsize i = 0; i < n; i++)
    if (!load_item (gather, i))
      {
        fail_to_read (error);
        return NULL;
      }
  for (gsize i = 0; i < n; i++)
    n_layers = MAX (n_layers, g_array_index (gather->items, Item, i).layer + 1);
  guint32 *into = pl_arena_new_array (gather->arena, guint32, gather->at_hand.n),
          *from = pl_arena_new_array (gather->arena, guint32, gather->at_hand.n);
  for (guint32 layer = 1; layer < n_layers; layer++)
    combine_layer (gather, layer, into, from);
  return &gather->at_hand;
}

/* Texts that are known to be plain are printed without a look at them. */
static void
mark_plain (PlColumn *column, gsize n)
{
  for (gsize i = 0; i < n; i++)
    column->texts[i].flags = PL_TEXT_PLAIN;
}

PlColumn **
pl_group_gather_keys (const PlGroupGather *gather, gsize first, gsize n, PlArena *arena, GError **error)
{
  const GPtrArray *terms = gather->config->keys;
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, terms->len);
  for (guint k = 0; k < terms->len; k++)
    columns[k] = pl_column_new (arena, pl_expression_type (((PlTerm *) terms->pdata[k])->expression), n);
  if (!pl_sort_keys_decode (gather->at_hand.keys + first, n, columns, terms->len, arena))
    {
      fail_to_read (error);
      return NULL;
    }
  for (guint k = 0; k < terms->len; k++)
    if (gather->layout->fields[k].plain && columns[k]->type.kind == PL_STRING)
      mark_plain (columns[k], n);
  return columns;
}

/* ---- results that are known ---- */

void
pl_group_known_put (const PlGroupConfig *config, PlColumn *const *known, PlBuffer *buffer)
{
  for (guint32 c = 0; c < config->calls->len; c++)
    {
      const PlColumn *column = known[c];
      if (column == NULL)
        continue;
      pl_buffer_put_u32 (buffer, c);
      pl_buffer_put_u8 (buffer, column->nulls[0]);
      if (column->type.kind == PL_STRING)
        pl_buffer_put_bytes (buffer, column->texts[0].data, column->texts[0].length);
      else
        pl_buffer_append (buffer, column->values, pl_type_width (column->type));
    }
}

static gboolean
get_known (const PlGroupGather *gather, PlColumn **known, PlArena *arena)
{
  const PlGroupConfig *config = gather->config;
  PlCursor cursor = {(const guint8 *) gather->rest.data, gather->rest.length, 0, FALSE};
  while (cursor.offset < cursor.length && !cursor.failed)
    {
      const guint32 c = pl_cursor_get_u32 (&cursor);
      if (c >= config->calls->len)
        return FALSE;
      const PlType type = g_array_index (config->calls, PlGroupCall, c).call->result;
      PlColumn *column = known[c] = pl_column_new (arena, type, 1);
      pl_column_add_nulls (column, arena, 1);
      column->nulls[0] = pl_cursor_get_u8 (&cursor);
      gsize length = pl_type_width (type);
      const void *bytes
          = type.kind == PL_STRING ? pl_cursor_get_bytes (&cursor, &length) : pl_cursor_get_raw (&cursor, length);
      if (cursor.failed)
        return FALSE;
      if (type.kind == PL_STRING)
        column->texts[0]
            = (PlText){.data = length > 0 ? pl_arena_copy (arena, bytes, length) : "", .length = (guint32) length};
      else
        memcpy (column->values, bytes, length);
    }
  return !cursor.failed;
}

/* Says which group it is whose result cannot be made. */
static void
name_failure (const PlGroupGather *gather, PlArena *arena, GError **error)
{
  PlColumn **keys = pl_group_gather_keys (gather, 0, 1, arena, NULL);
  if (keys == NULL || error == NULL || ((*error)->domain != PL_JOB_ERROR && (*error)->domain != PL_DATA_ERROR))
    return;
  g_autofree char *name = pl_group_name (gather->config, keys, 0);
  g_prefix_error (error, "%s: ", name);
}

gboolean
pl_group_gather_known (PlGroupGather *gather, PlColumn ***known, PlArena *arena, GError **error)
{
  const PlGroupConfig *config = gather->config;
  *known = NULL;
  if (!gather->is_alone)
    return TRUE;
  *known = pl_arena_alloc0 (arena, config->calls->len * sizeof **known + 1);
  if (gather->are_placed)
    return get_known (gather, *known, arena) || fail_to_read (error);
  for (guint c = 0; c < config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->owners, PlGroupCall, c);
      if (gather->are_on_disk[c]
          && !pl_group_values_read (config, c, &gather->at_hand.keys[0], gather->states + use->offset,
                                    &gather->totals[c], gather->merge, *known, arena, error))
        {
          name_failure (gather, arena, error);
          return FALSE;
        }
    }
  return TRUE;
}
