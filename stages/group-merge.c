/* A partition is the top bits of the hash; slots hold the hash, so keys are touched once, by the task that needs them. */
#include "group-merge.h"

#define PARTITION_BITS 6
#define PARTITIONS (1u << PARTITION_BITS)
#define PARTITION_MIN 10000 /* groups; fewer are merged by one worker */

typedef struct
{
  PlGroupTable *const *sources;
  guint n_sources;
  PlGroupTable *const *parts;
  guint shift;     /* of a slot, to its partition */
  guint64 **slots; /* per source: its slots, partition by partition */
  gsize (*starts)[PARTITIONS + 1];
  PlGroupMerged merged;
  gpointer data;
} Merge;

guint
pl_group_partitions (gsize n_groups)
{
  return n_groups < PARTITION_MIN ? 1 : PARTITIONS;
}

static inline guint
partition_of (const Merge *merge, guint64 slot)
{
  return merge->shift == 64 ? 0 : (guint) (slot >> merge->shift);
}

static void
partition_task (guint source, gpointer data)
{
  Merge *merge = data;
  const PlGroupTable *table = merge->sources[source];
  gsize *starts = merge->starts[source], next[PARTITIONS];
  memset (starts, 0, sizeof merge->starts[source]);
  for (gsize i = 0; i < table->n_slots; i++)
    if (table->slots[i] != 0)
      starts[partition_of (merge, table->slots[i]) + 1]++;
  for (guint p = 0; p < PARTITIONS; p++)
    {
      starts[p + 1] += starts[p];
      next[p] = starts[p];
    }
  guint64 *slots = merge->slots[source] = g_new (guint64, MAX (table->n_groups, 1));
  for (gsize i = 0; i < table->n_slots; i++)
    if (table->slots[i] != 0)
      slots[next[partition_of (merge, table->slots[i])]++] = table->slots[i];
}

static void
merge_source (Merge *merge, guint part, guint source, guint64 *rows)
{
  PlGroupTable *table = merge->parts[part];
  const PlGroupTable *from_table = merge->sources[source];
  const guint64 *slots = merge->slots[source];
  const guint n_words = table->layout->n_words;
  const gsize end = merge->starts[source][part + 1];
  guint32 hashes[PL_BATCH_ROWS], from[PL_BATCH_ROWS], into[PL_BATCH_ROWS];
  for (gsize start = merge->starts[source][part]; start < end; start += PL_BATCH_ROWS)
    {
      gsize n = MIN (end - start, PL_BATCH_ROWS);
      for (gsize i = 0; i < n; i++)
        {
          hashes[i] = (guint32) (slots[start + i] >> 32);
          from[i] = (guint32) slots[start + i] - 1;
          __builtin_prefetch (pl_group_table_key (from_table, from[i]));
        }
      for (gsize i = 0; i < n; i++)
        memcpy (rows + i * n_words, pl_group_table_key (from_table, from[i]), n_words * sizeof *rows);
      pl_group_table_find (table, rows, hashes, n, into);
      merge->merged (part, source, into, from, n, merge->data);
    }
}

static void
merge_task (guint part, gpointer data)
{
  Merge *merge = data;
  g_autofree guint64 *rows = g_new (guint64, PL_BATCH_ROWS * MAX (merge->parts[part]->layout->n_words, 1));
  for (guint source = 0; source < merge->n_sources; source++)
    merge_source (merge, part, source, rows);
}

void
pl_group_merge (PlGroupTable *const *sources, guint n_sources, PlGroupTable *const *parts, guint n_parts,
                PlGroupMerged merged, gpointer data, PlParallel *parallel)
{
  Merge merge = {.sources = sources, .n_sources = n_sources, .parts = parts, .merged = merged, .data = data};
  merge.shift = n_parts == 1 ? 64 : 64 - PARTITION_BITS;
  merge.slots = g_new0 (guint64 *, n_sources);
  merge.starts = g_malloc (sizeof *merge.starts * n_sources);
  parallel->run (parallel, n_sources, partition_task, &merge);
  parallel->run (parallel, n_parts, merge_task, &merge);
  for (guint s = 0; s < n_sources; s++)
    g_free (merge.slots[s]);
  g_free (merge.slots);
  g_free (merge.starts);
}
