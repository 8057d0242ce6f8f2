/* The memory of a group table: slots and records, and how it grows. */
#pragma once
#include "../base/parallel.h"
#include "../keys/layout.h"
#include "partitions.h"
#include <glib.h>

G_BEGIN_DECLS

/* What a stage says when a batch's rows might not find room in its table. */
#define PL_TOO_MANY_GROUPS                                                                                             \
  "more than 4294967294 groups on one worker; tell rows apart by fewer columns, or raise 'workers' in [run]"

/* The number of no group: of a row without a key, of a key that is in no record. */
#define PL_NO_GROUP G_MAXUINT32

/* Homes up to which a table is kept half empty. */
#define PL_GROUP_SLOTS_SPARSE ((gsize) 1 << 20)

typedef struct
{
  PlKeyLayout *layout; /* (owned) */
  guint64 *slots;
  gsize n_slots; /* a power of two: homes */
  gsize n_spare; /* behind them; the last one is always free */
  guint shift;   /* of a slot, to its home */
  guint64 *records;
  gsize stride;    /* words of a record, and of what is left free behind it */
  gsize n_payload; /* words of it that are payload */
  gsize n_groups;
  gsize capacity;          /* of records */
  PlArena *heap;           /* long texts; NULL while keys come whose texts are there already */
  PlGroupScatter *scatter; /* NULL: not scattered */
} PlGroupTable;

/** pl_group_table_home: Returns: where the search for @hash starts. */
static inline gsize
pl_group_table_home (const PlGroupTable *table, guint32 hash)
{
  return ((guint64) hash << 32) >> table->shift;
}

static inline const guint64 *
pl_group_table_key (const PlGroupTable *table, gsize group)
{
  return table->records + group * table->stride;
}

/** pl_group_table_payloads: Returns: (transfer none): where group 0's is; that of group g is g * stride words on. */
static inline guint64 *
pl_group_table_payloads (const PlGroupTable *table)
{
  return table->records + table->layout->n_words;
}

static inline gsize
pl_group_slot_bytes (const PlGroupTable *table)
{
  return (table->n_slots + table->n_spare) * sizeof (guint64);
}

static inline gsize
pl_group_record_bytes (const PlGroupTable *table, gsize n)
{
  return n * table->stride * sizeof (guint64);
}

/* Small tables are kept half empty: a search that ends where it starts is a branch that is foreseen. Large ones are
 * kept small. */
static inline gboolean
pl_group_slots_are_full (gsize n_groups, gsize n_slots)
{
  return n_slots <= PL_GROUP_SLOTS_SPARSE ? n_groups * 2 > n_slots : n_groups * 3 > n_slots * 2;
}

/** pl_group_table_is_far: whether there are too many records for the caches. */
gboolean pl_group_table_is_far (const PlGroupTable *table);
/** pl_group_table_is_cached: whether slots and records are few enough for the caches, so that prefetching would cost
 * more than it saves. */
gboolean pl_group_table_is_cached (const PlGroupTable *table);
/** pl_group_table_reserve: room for the records of @n more groups, and with @slots for their slots where the table is
 * large. */
void pl_group_table_reserve (PlGroupTable *table, gsize n, gboolean slots);
/** pl_group_table_complete: what is seldom to be done for the new @group, whose slot is at @at: slots move when they
 * have become too full. */
void pl_group_table_complete (PlGroupTable *table, guint32 group, gsize at);
/** pl_group_table_to_groups: makes group numbers of @addresses, which are words from the first record. */
void pl_group_table_to_groups (const PlGroupTable *table, guint32 *addresses, gsize n);
/** pl_group_records_resize: makes the records' memory larger. What is not in use is zero, as mappings are anyway. */
void pl_group_records_resize (PlGroupTable *table, gsize stride, gsize capacity);

G_END_DECLS
