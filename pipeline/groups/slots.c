/* Memory of a group table: slots, which are homes of hashes, and records; see table.h for the picture. */
#include "slots.h"
#include "../keys/row.h"
#include "../memory/big-array.h"
#include "../memory/leased.h"

#define SLOTS_MIN 1024
#define SPARE_MIN 64
#define CACHED ((gsize) 192 << 10) /* bytes of slots and records up to which prefetching costs more than it saves */
#define RECORDS_CACHED ((gsize) 256 << 10) /* the same of records alone */

/* The first free slot for @hash. */
static inline gsize
free_slot (const PlGroupTable *table, guint32 hash)
{
  gsize at = pl_group_table_home (table, hash);
  while (table->slots[at] != 0)
    at++;
  return at;
}

/* Makes room behind the slots, without a change of homes: many equal hashes are at the very end. */
static void
add_spare (PlGroupTable *table)
{
  const gsize old_bytes = pl_group_slot_bytes (table);
  table->n_spare *= 2;
  const gsize bytes = pl_group_slot_bytes (table);
  table->slots = pl_big_resize (table->slots, old_bytes, bytes);
  /* Mappings are zero behind what was used of them. */
  if (bytes < PL_BIG)
    memset ((guint8 *) table->slots + old_bytes, 0, bytes - old_bytes);
}

/* Puts @slots where they belong, in their order; a table's last slot stays free. */
static inline void
put_slots (PlGroupTable *table, const guint64 *slots, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const gsize at = free_slot (table, (guint32) (slots[i] >> 32));
      table->slots[at] = slots[i];
      if (G_UNLIKELY (at + 1 == table->n_slots + table->n_spare))
        add_spare (table);
    }
}

/* Slots move within their memory, which was made larger: stretches without a gap, from the last one to the first. A
 * slot's new home is never before the start of its stretch, so no stretch is overwritten that has not been moved. */
static void
spread_slots (PlGroupTable *table, gsize n_old)
{
  g_autofree guint64 *stretch = NULL;
  gsize capacity = 0, start;
  for (gsize end = n_old; end > 0; end = start)
    {
      start = end;
      while (start > 0 && table->slots[start - 1] != 0)
        start--;
      const gsize n = end - start;
      if (n == 0)
        {
          start--;
          continue;
        }
      if (n > capacity)
        stretch = g_renew (guint64, stretch, capacity = 2 * n);
      memcpy (stretch, table->slots + start, n * sizeof *stretch);
      memset (table->slots + start, 0, n * sizeof *stretch);
      put_slots (table, stretch, n);
    }
}

/* More homes. Large tables grow where they stand, as fresh memory costs more than the slots' moves. */
static void
grow_slots (PlGroupTable *table, gsize n_slots)
{
  guint64 *old = table->slots;
  const gsize n_old = old != NULL ? table->n_slots + table->n_spare : 0, old_bytes = n_old * sizeof *old;
  table->n_slots = n_slots;
  table->n_spare = MAX (table->n_spare, SPARE_MIN);
  for (table->shift = 64; n_slots >> (64 - table->shift) > 1;)
    table->shift--;
  if (old_bytes >= PL_BIG)
    {
      table->slots = pl_big_resize (old, old_bytes, pl_group_slot_bytes (table));
      spread_slots (table, n_old);
      return;
    }
  table->slots = pl_big_new0 (pl_group_slot_bytes (table));
  for (gsize i = 0; i < n_old; i++)
    if (old[i] != 0)
      put_slots (table, old + i, 1);
  pl_big_free (old, old_bytes);
}

gboolean
pl_group_table_is_far (const PlGroupTable *table)
{
  return pl_group_record_bytes (table, table->n_groups) > RECORDS_CACHED;
}

gboolean
pl_group_table_is_cached (const PlGroupTable *table)
{
  return pl_group_slot_bytes (table) + pl_group_record_bytes (table, table->n_groups) <= CACHED;
}

/* Makes the records' memory larger. What is not in use is zero, as mappings are anyway. */
void
pl_group_records_resize (PlGroupTable *table, gsize stride, gsize capacity)
{
  const gsize old_bytes = pl_group_record_bytes (table, table->capacity);
  table->stride = stride;
  table->capacity = capacity;
  const gsize bytes = pl_group_record_bytes (table, capacity);
  table->records = pl_big_resize (table->records, old_bytes, bytes);
  if (bytes < PL_BIG)
    memset ((guint8 *) table->records + old_bytes, 0, bytes - old_bytes);
}

/* Room for the records of @n more groups, and for their slots where the table is large. */
void
pl_group_table_reserve (PlGroupTable *table, gsize n, gboolean slots)
{
  gsize n_slots = MAX (table->n_slots, SLOTS_MIN);
  while (slots && pl_group_slots_are_full (table->n_groups + n, n_slots))
    n_slots *= 2;
  if (n_slots != table->n_slots)
    grow_slots (table, n_slots);
  if (table->n_groups + n > table->capacity)
    pl_group_records_resize (table, table->stride,
                             pl_leased_more (table->capacity, table->n_groups + n, pl_group_record_bytes (table, 1)));
}

/* What is seldom to be done for the new @group, whose slot is at @at: slots move when they have become too full. */
void
pl_group_table_complete (PlGroupTable *table, guint32 group, gsize at)
{
  if (table->layout->has_long && table->heap != NULL)
    pl_key_keep (table->layout, table->records + group * table->stride, table->heap);
  if (pl_group_slots_are_full (table->n_groups, table->n_slots))
    grow_slots (table, table->n_slots * 2);
  else if (at + 1 == table->n_slots + table->n_spare)
    add_spare (table);
}

/* Divisions without a rest: by the powers of two in the divisor, and multiplying by the inverse of what is odd, modulo
 * 2^32 (Hacker's Delight, 10-16). */
void
pl_group_table_to_groups (const PlGroupTable *table, guint32 *addresses, gsize n)
{
  if (table->stride == 0) /* keys of nothing: all are equal */
    return;
  const guint shift = (guint) __builtin_ctzll (table->stride);
  const guint32 odd = (guint32) (table->stride >> shift);
  guint32 inverse = odd;
  for (guint bits = 3; bits < 32; bits *= 2)
    inverse *= 2 - odd * inverse;
  for (gsize i = 0; i < n; i++)
    addresses[i] = (addresses[i] >> shift) * inverse;
}
