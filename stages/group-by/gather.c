/* See gather.h. */
#include "gather.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/keys/comparable-decode.h"
#include "../../pipeline/keys/prefix.h"
#include "../../pipeline/keys/terms.h"
#include "../../pipeline/memory/leased.h"

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
  PlSpillMerge *merge;
  gboolean are_placed;
  PlArena *arena; /* of what follows */
  GArray *items;  /* of Item */
  guint n_layers;
  gsize n_cleared; /* of the items: whose states are to be freed */
  guint8 *states;  /* an item's payload behind the other */
  gsize capacity;  /* of states: bytes */
  PlGathered at_hand;
};

PlGroupGather *
pl_group_gather_new (const PlGroupConfig *config, PlSpillMerge *merge, gboolean are_placed)
{
  PlGroupGather *gather = g_new0 (PlGroupGather, 1);
  gather->config = config;
  gather->merge = merge;
  gather->are_placed = are_placed;
  gather->arena = pl_arena_new ();
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
  g_free (gather);
}

gboolean
pl_group_gather_is_done (const PlGroupGather *gather)
{
  return pl_spill_merge_peek (gather->merge) == NULL;
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

/* Takes groups, all that there are of each key. */
static gboolean
take_items (PlGroupGather *gather, GError **error)
{
  const PlSpillEntry *entry;
  const gsize own_bytes = sizeof (Item) + gather->config->n_payload * PL_WORD;
  Item item = {.layer = 0};
  gsize n_groups = 0, bytes = 0;
  gather->n_layers = 0;
  pl_arena_reset (gather->arena);
  g_array_set_size (gather->items, 0);
  while ((entry = pl_spill_merge_peek (gather->merge)) != NULL)
    {
      const gboolean is_same = n_groups > 0 && !gather->are_placed && has_key (entry, &item.key);
      if (!is_same && (n_groups == PL_BATCH_ROWS || bytes >= GATHERED_BYTES))
        return TRUE;
      item.data = keep (NULL, 0, entry->data, entry->data_length, gather->arena);
      bytes += own_bytes + entry->data_length + entry->rest_length;
      if (gather->are_placed && !split_data (&item))
        return fail_to_read (error);
      if (!is_same && !gather->are_placed)
        item.key = key_of (entry, gather->arena);
      item.group = (guint32) (is_same ? item.group : n_groups++);
      item.layer = is_same ? item.layer + 1 : 0;
      item.first = entry->place;
      gather->n_layers = MAX (gather->n_layers, item.layer + 1);
      g_array_append_val (gather->items, item);
      if (!pl_spill_merge_step (gather->merge, error))
        return FALSE;
    }
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
  return cursor.offset == cursor.length;
}

/* Those of one layer have different keys. */
static void
combine_layer (PlGroupGather *gather, guint32 layer, guint32 *into, guint32 *from)
{
  const PlGroupConfig *config = gather->config;
  gsize n = 0;
  for (guint i = 0; i < gather->items->len; i++)
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
  const gsize n = gather->items->len > 0 ? g_array_index (gather->items, Item, gather->items->len - 1).group + 1 : 0;
  PlText *keys = pl_arena_new_array (gather->arena, PlText, n);
  guint64 *firsts = pl_arena_new_array (gather->arena, guint64, n);
  guint32 *addresses = pl_arena_new_array (gather->arena, guint32, n);
  for (guint i = 0; i < gather->items->len; i++)
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
  const gsize n = gather->items->len;
  init_states (gather, n);
  list_groups (gather);
  for (gsize i = 0; i < n; i++)
    if (!load_item (gather, i))
      {
        fail_to_read (error);
        return NULL;
      }
  guint32 *into = pl_arena_new_array (gather->arena, guint32, gather->at_hand.n),
          *from = pl_arena_new_array (gather->arena, guint32, gather->at_hand.n);
  for (guint32 layer = 1; layer < gather->n_layers; layer++)
    combine_layer (gather, layer, into, from);
  return &gather->at_hand;
}

PlColumn **
pl_group_keys_read (const PlGroupConfig *config, const PlText *keys, gsize n, PlArena *arena, GError **error)
{
  const guint n_keys = config->keys->len;
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, n_keys);
  for (guint k = 0; k < n_keys; k++)
    columns[k] = pl_column_new (arena, pl_expression_type (((PlTerm *) config->keys->pdata[k])->expression), n);
  if (pl_sort_keys_decode (keys, n, columns, n_keys, arena))
    return columns;
  fail_to_read (error);
  return NULL;
}
