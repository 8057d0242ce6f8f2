/* The book-keeping of scattered tables; adding rows is in table.c. */
#include "partitions.h"
#include "../base/seed.h"
#include "../keys/field.h"

#define SAMPLED_MIN 4096
#define ROWS_MIN 1024 /* of the sample: what less of them say means nothing */

PlGroupScatter *
pl_group_scatter_new (const guint64 *initial, gsize n_payload)
{
  PlGroupScatter *scatter = g_new0 (PlGroupScatter, 1);
  scatter->secret = pl_key_mix (pl_hash_seed + PL_KEY_FACTOR, PL_KEY_FACTOR) | 1;
  scatter->initial = g_memdup2 (initial, n_payload * sizeof *initial);
  scatter->next = g_new0 (guint32, PL_SCATTER_PARTS);
  scatter->end = g_new0 (guint32, PL_SCATTER_PARTS);
  scatter->recent = g_new0 (guint64, PL_SCATTER_PARTS);
  scatter->chunks = g_array_new (FALSE, FALSE, sizeof (PlScatterChunk));
  scatter->sampled_size = SAMPLED_MIN;
  scatter->sampled = g_new0 (guint32, SAMPLED_MIN);
  return scatter;
}

void
pl_group_scatter_free (PlGroupScatter *scatter)
{
  if (scatter == NULL)
    return;
  g_free (scatter->initial);
  g_free (scatter->next);
  g_free (scatter->end);
  g_free (scatter->recent);
  g_free (scatter->sampled);
  g_array_unref (scatter->chunks);
  g_free (scatter);
}

/* Returns: whether @hash is new. Two hashes count as one, as none is stored as 0. */
static gboolean
add_hash (guint32 *sampled, gsize size, guint32 hash)
{
  hash |= 1;
  gsize at = hash / 2 & (size - 1);
  while (sampled[at] != 0 && sampled[at] != hash)
    at = (at + 1) & (size - 1);
  if (sampled[at] == hash)
    return FALSE;
  sampled[at] = hash;
  return TRUE;
}

void
pl_group_scatter_count (PlGroupScatter *scatter, guint32 hash)
{
  scatter->n_rows++;
  if (!add_hash (scatter->sampled, scatter->sampled_size, hash) || ++scatter->n_sampled * 2 <= scatter->sampled_size)
    return;
  const gsize size = scatter->sampled_size * 2;
  guint32 *larger = g_new0 (guint32, size);
  for (gsize i = 0; i < scatter->sampled_size; i++)
    if (scatter->sampled[i] != 0)
      add_hash (larger, size, scatter->sampled[i]);
  g_free (scatter->sampled);
  scatter->sampled = larger;
  scatter->sampled_size = size;
}

gboolean
pl_group_scatter_repeats (const PlGroupScatter *scatter)
{
  return scatter->n_rows >= ROWS_MIN && scatter->n_rows > 2 * (guint64) scatter->n_sampled;
}

void
pl_group_scatter_add_chunk (PlGroupScatter *scatter, guint part)
{
  const guint32 end = scatter->end[part];
  const PlScatterChunk chunk = {part, end / PL_SCATTER_CHUNK};
  scatter->next[part] = scatter->chunks->len * PL_SCATTER_CHUNK;
  scatter->end[part] = scatter->next[part] + PL_SCATTER_CHUNK;
  g_array_append_val (scatter->chunks, chunk);
}

gsize
pl_group_scatter_chunk_end (const PlGroupScatter *scatter, guint chunk)
{
  const guint part = g_array_index (scatter->chunks, PlScatterChunk, chunk).part;
  const gsize end = ((gsize) chunk + 1) * PL_SCATTER_CHUNK;
  return scatter->end[part] == end ? scatter->next[part] : end;
}
