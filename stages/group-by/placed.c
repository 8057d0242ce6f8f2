/* See placed.h. */
#include "placed.h"
#include "../../pipeline/keys/encode.h"
#include "../../pipeline/keys/row.h"
#include "../../pipeline/spill/sorter.h"
#include "gather.h"

typedef struct
{
  const PlGroupConfig *config;
  const PlKeyLayout *layout;
  const PlSpillOrder *by_key;
  PlSpill **spills; /* a piece */
  GError **errors;
} Placing;

/* A piece on its way. */
typedef struct
{
  const PlGroupConfig *config;
  PlKeyLayout *layout;
  PlSpillSorter *sorter;
  PlArena *arena;
  guint64 *words; /* of the keys at hand, in @layout */
  guint32 *hashes;
  PlBuffer key, data;
} Piece;

static void
hash_groups (Piece *piece, PlColumn *const *columns, gsize n)
{
  piece->words = pl_arena_new_array (piece->arena, guint64, n * MAX (piece->layout->n_words, 1));
  piece->hashes = pl_arena_new_array (piece->arena, guint32, n);
  gboolean fit = pl_keys_encode (piece->layout, columns, n, piece->words);
  g_assert (fit);
  pl_keys_hash (piece->layout, piece->words, n, piece->hashes);
}

static void
save_group (Piece *piece, const PlGathered *groups, gsize i)
{
  PlBuffer *buffer = &piece->data;
  const PlText *key = &groups->keys[i];
  buffer->length = 0;
  pl_buffer_append (buffer, &key->length, sizeof key->length);
  pl_buffer_append (buffer, key->data, key->length);
  for (guint c = 0; c < piece->config->owners->len; c++)
    {
      const PlGroupCall *use = &g_array_index (piece->config->owners, PlGroupCall, c);
      use->call->aggregate->save (use->call, groups->payloads + (gsize) groups->addresses[i] * PL_WORD + use->offset,
                                  buffer);
    }
}

/* Of hashes that are equal, keys decide, as in groups/merge.c. */
static void
place_group (Piece *piece, const PlGathered *groups, gsize i, PlColumn *const *known, PlSpillEntry *entry)
{
  *entry = (PlSpillEntry){.prefix = groups->firsts[i], .flag = known != NULL};
  if (piece->config->order == PL_GROUPS_BY_HASH)
    {
      piece->key.length = 0;
      pl_key_put_order (piece->layout, piece->words + i * piece->layout->n_words, &piece->key);
      entry->prefix = (guint64) piece->hashes[i] << 32;
      entry->rest = (const guint8 *) piece->key.data;
      entry->rest_length = (guint32) piece->key.length;
    }
  save_group (piece, groups, i);
  if (known != NULL)
    pl_group_known_put (piece->config, known, &piece->data);
  entry->data = (const guint8 *) piece->data.data;
  entry->data_length = (guint32) piece->data.length;
}

static gboolean
put_groups (Piece *piece, PlGroupGather *gather, const PlGathered *groups, GError **error)
{
  PlColumn **known;
  pl_arena_reset (piece->arena);
  if (!pl_group_gather_known (gather, &known, piece->arena, error))
    return FALSE;
  if (piece->config->order == PL_GROUPS_BY_HASH)
    {
      PlColumn **columns = pl_group_gather_keys (gather, 0, groups->n, piece->arena, error);
      if (columns == NULL)
        return FALSE;
      hash_groups (piece, columns, groups->n);
    }
  for (gsize i = 0; i < groups->n; i++)
    {
      PlSpillEntry entry;
      place_group (piece, groups, i, known, &entry);
      if (!pl_spill_sorter_put (piece->sorter, &entry, error))
        return FALSE;
    }
  return TRUE;
}

static PlSpill *
place_piece (Piece *piece, PlGroupGather *gather, GError **error)
{
  while (!pl_group_gather_is_done (gather))
    {
      const PlGathered *groups = pl_group_gather_next (gather, error);
      if (groups == NULL || !put_groups (piece, gather, groups, error))
        return NULL;
    }
  return pl_spill_sorter_end (g_steal_pointer (&piece->sorter), error);
}

static void
place_task (guint index, gpointer data)
{
  const Placing *placing = data;
  PlSpillMerge *merge = pl_spill_merge_open (placing->by_key, index, &placing->errors[index]);
  if (merge == NULL)
    return;
  Piece piece = {.config = placing->config,
                 .layout = pl_key_layout_copy (placing->layout),
                 .sorter = pl_spill_sorter_new (),
                 .arena = pl_arena_new ()};
  g_autoptr (PlGroupGather) gather = pl_group_gather_new (placing->config, placing->layout, merge, FALSE);
  placing->spills[index] = place_piece (&piece, gather, &placing->errors[index]);
  pl_spill_sorter_free (piece.sorter);
  pl_key_layout_free (piece.layout);
  pl_arena_free (piece.arena);
  pl_buffer_clear (&piece.key);
  pl_buffer_clear (&piece.data);
}

PlSpillOrder *
pl_group_order_by_place (const PlGroupConfig *config, const PlKeyLayout *layout, const PlSpillOrder *by_key,
                         PlParallel *parallel, GError **error)
{
  const guint n = (guint) pl_spill_order_pieces (by_key);
  g_autofree GError **errors = g_new0 (GError *, n + 1);
  g_autofree PlSpill **spills = g_new0 (PlSpill *, n + 1);
  Placing placing = {config, layout, by_key, spills, errors};
  parallel->run (parallel, n, place_task, &placing);
  GPtrArray *all = pl_spill_collect (spills, errors, n, error);
  return all != NULL ? pl_spill_order_new (all, PL_SPILL_PIECE, NULL, error) : NULL;
}
