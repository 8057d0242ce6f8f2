/* How a table keeps groups that hardly ever come twice: a row is not looked up but made a record at once, in the
 * partition of its hash.
 *
 *   partition (top bits of the hash)  ─► chunk ─► older chunk ─► …      a chunk is CHUNK records of the table;
 *                                                                       the newest is not full
 *
 * That takes no slots, and no miss of a cache: records are written one behind the other in as many places as there are
 * partitions. What a key's records hold is put together when tables are merged (merge.c), a partition at a time, which
 * stays in the cache.
 *
 * Two things keep records from becoming many more than groups. A key that comes all the time is found among those seen
 * lately. And of a sample of all keys it is known whether they came before: when too many did, the table's user goes
 * back to looking up. */
#pragma once
#include "../table/batch.h"
#include <glib.h>

G_BEGIN_DECLS

#define PL_SCATTER_BITS 10
#define PL_SCATTER_PARTS (1u << PL_SCATTER_BITS)
#define PL_SCATTER_CHUNK 256u

typedef struct
{
  guint32 part;
  guint32 older; /* 1 + the chunk before it in its partition; 0: none */
} PlScatterChunk;

typedef struct
{
  guint64 secret;   /* factor of hashes: the highest bits tell the sample, the next ones a place in @recent */
  guint64 *initial; /* payload that a new record gets */
  guint32 *next;    /* per partition: its next record, and the one behind its newest chunk: the same without room */
  guint32 *end;
  GArray *chunks;   /* of PlScatterChunk: that of record r is r / PL_SCATTER_CHUNK */
  guint64 *recent;  /* hash << 32 | group + 1 of keys seen lately */
  guint32 *sampled; /* hashes of the sample; open addressing, 0 is free */
  gsize n_sampled, sampled_size;
  guint64 n_rows; /* of the sample's keys */
} PlGroupScatter;

/** pl_group_scatter_new: @initial: @n_payload words. */
PlGroupScatter *pl_group_scatter_new (const guint64 *initial, gsize n_payload);
void pl_group_scatter_free (PlGroupScatter *scatter);
/** pl_group_scatter_count: takes note of a record with @hash. */
void pl_group_scatter_count (PlGroupScatter *scatter, guint32 hash);
/** pl_group_scatter_repeats: Returns: whether about half of all records are of keys that have another one. */
gboolean pl_group_scatter_repeats (const PlGroupScatter *scatter);
/** pl_group_scatter_add_chunk: the table has PL_SCATTER_CHUNK more records, which are for partition @part. */
void pl_group_scatter_add_chunk (PlGroupScatter *scatter, guint part);
/** pl_group_scatter_chunk_end: Returns: the record behind the last one that is in use of chunk @chunk. */
gsize pl_group_scatter_chunk_end (const PlGroupScatter *scatter, guint chunk);

static inline guint
pl_group_scatter_part (guint32 hash)
{
  return hash >> (32 - PL_SCATTER_BITS);
}

#define PL_SCATTER_SAMPLE_BITS 7 /* one key in 128 */

/* Which keys these are nobody can know who writes the keys. */
static inline gboolean
pl_group_scatter_is_sampled (const PlGroupScatter *scatter, guint32 hash)
{
  return hash * scatter->secret >> (64 - PL_SCATTER_SAMPLE_BITS) == 0;
}

/** pl_group_scatter_recent: Returns: where a key of @hash stands among those seen lately, if at all. */
static inline guint64 *
pl_group_scatter_recent (const PlGroupScatter *scatter, guint32 hash)
{
  return &scatter->recent[hash * scatter->secret << PL_SCATTER_SAMPLE_BITS >> (64 - PL_SCATTER_BITS)];
}

G_END_DECLS
