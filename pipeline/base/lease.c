/* What a thread has not told yet, and telling it: see lease.h. */
#include "lease.h"

/* What a thread keeps to itself at most. */
#define UNTOLD ((gint64) 64 << 10)
/* What a process is believed to have at most: sums of all do not overflow. */
#define MOST ((gint64) 1 << 50)

static __thread PlLease *current;
static __thread gint64 untold;
static __thread gint64 total;

static void
change (gint64 *held, gint64 *peak, gint64 bytes)
{
  gint64 now = __atomic_add_fetch (held, bytes, __ATOMIC_RELAXED);
  gint64 before = __atomic_load_n (peak, __ATOMIC_RELAXED);
  while (now > before && !__atomic_compare_exchange_n (peak, &before, now, TRUE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    ;
}

/* Tells the other processes what this one has. */
static void
publish (PlLease *all)
{
  if (all->members == NULL)
    return;
  const gint64 held = __atomic_load_n (&all->held, __ATOMIC_RELAXED);
  __atomic_store_n (&all->members[all->member], held - __atomic_load_n (&all->elsewhere, __ATOMIC_RELAXED),
                    __ATOMIC_RELAXED);
}

static void
tell (PlLease *lease, gint64 bytes)
{
  for (; lease != NULL; lease = lease->all)
    {
      change (&lease->held, &lease->peak, bytes);
      if (lease->all == NULL)
        publish (lease);
    }
}

gint64
pl_lease_of_members (const PlLease *all)
{
  gint64 sum = -__atomic_load_n (&all->elsewhere, __ATOMIC_RELAXED);
  for (guint i = 0; i < all->n_members; i++)
    if (i != all->member)
      sum += CLAMP (__atomic_load_n (&all->members[i], __ATOMIC_RELAXED), 0, MOST);
  return sum;
}

PlLease *
pl_lease_enter (PlLease *lease)
{
  PlLease *before = current;
  if (untold != 0 && before != lease)
    {
      tell (before, untold);
      untold = 0;
    }
  current = lease;
  return before;
}

gboolean
pl_lease_has_room (guint64 bytes)
{
  const PlLease *all = current != NULL ? current->all : NULL;
  if (all == NULL || all->low <= 0)
    return TRUE;
  const gint64 others = all->members != NULL ? pl_lease_of_members (all) : 0;
  const gint64 left = all->low / 2 * 5 - __atomic_load_n (&all->held, __ATOMIC_RELAXED) - others;
  return left > 0 && bytes <= (guint64) left;
}

PlLease *
pl_lease_current (void)
{
  return current;
}

static inline void
count (gint64 bytes)
{
  if (current == NULL)
    return;
  total += bytes;
  untold += bytes;
  if (untold < UNTOLD && untold > -UNTOLD)
    return;
  tell (current, untold);
  untold = 0;
}

gint64
pl_lease_total (void)
{
  return total;
}

void
pl_lease_take (gsize bytes)
{
  count ((gint64) bytes);
}

void
pl_lease_give (gsize bytes)
{
  count (-(gint64) bytes);
}

void
pl_lease_spill (gsize bytes)
{
  for (PlLease *lease = current; lease != NULL; lease = lease->all)
    __atomic_add_fetch (&lease->spilled, (gint64) bytes, __ATOMIC_RELAXED);
}

void
pl_lease_follow (PlLease *lease, gsize *noted, gsize bytes)
{
  if (lease == NULL || *noted == bytes)
    return;
  tell (lease, (gint64) bytes - (gint64) *noted);
  if (lease == current)
    total += (gint64) bytes - (gint64) *noted;
  *noted = bytes;
}

void
pl_lease_count_elsewhere (PlLease *lease, gint64 bytes)
{
  if (lease != NULL && lease->all != NULL)
    __atomic_add_fetch (&lease->all->elsewhere, bytes, __ATOMIC_RELAXED);
}
