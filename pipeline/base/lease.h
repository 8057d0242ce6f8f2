/* For whom a thread allocates. Every large allocation of a run is leased in the name of a holder: a step by its label
 * ("sort by-date"), "blocks", "messages".
 *
 *   thread ─ pl_lease_enter (of the step) ─ pl_lease_take (bytes) … pl_lease_give (bytes) ─ pl_lease_enter (before) ─
 *
 * Who allocates does not know for whom: a table serves group-by and distinct alike. So a thread has a *current holder*,
 * which whoever calls a stage sets around the call, and what is allocated meanwhile is that holder's; it must be given
 * back in the same name. A thread counts for itself and tells the lease when it has 64 KiB to tell, or changes holders:
 * no lock and no atomic a row.
 *
 * Leases come from memory/budget.h. What they do not do: refuse anything, or count what is small: stacks, plans, what
 * the allocator keeps. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct PlLease PlLease;

struct PlLease
{
  const char *holder; /* whose it is */
  PlLease *all;       /* (nullable): of all holders together */
  gint64 held, peak;  /* atomic: bytes now, and the most there were */
  gint64 low;         /* of all together: from so many bytes on, memory is low; 0: it never is */
  guint n_states;     /* of all together: as many workers have states that may go to disk */
  gint64 elsewhere;   /* of all together: atomic: bytes held that another process has counted, too */
  gint64 *members;    /* (nullable) of all together: shared, atomic: what each process of the run holds that no other
                         has counted */
  guint n_members, member; /* how many these are, and which of them is this process's */
  gint64 spilled;          /* atomic: bytes that went to disk so far */
  gint64 worth;            /* of all together: a state of fewer bytes is not worth going to disk; 0: none is */
};

/** pl_lease_of_members: Returns: what is to be added to the bytes that are held here for those of all processes: what
 * the others have, less what they have counted, too. @all: of all holders, with members. */
gint64 pl_lease_of_members (const PlLease *all);

/** pl_lease_is_low: @lease: (nullable). Returns: whether all holders together, of all processes of the run, have so
 * much that those who can are to give some back. A load for each process: for a look with every batch. */
static inline gboolean
pl_lease_is_low (const PlLease *lease)
{
  return lease != NULL && lease->all != NULL && lease->all->low > 0
         && __atomic_load_n (&lease->all->held, __ATOMIC_RELAXED)
                    + (lease->all->members != NULL ? pl_lease_of_members (lease->all) : 0)
                >= lease->all->low;
}

/** pl_lease_has_room: Returns: whether this thread's holder may have @bytes more: all together then hold no more than
 * two and a half times what is called low: all there is. */
gboolean pl_lease_has_room (guint64 bytes);
/** pl_lease_enter: from now on this thread allocates for @lease: (nullable): nobody, nothing is counted.
 * Returns: (nullable): who was it before, to be entered again. */
PlLease *pl_lease_enter (PlLease *lease);
/** pl_lease_current: Returns: (nullable): for whom this thread allocates: for threads that go on in the same name. */
PlLease *pl_lease_current (void);
/** pl_lease_take: this thread's holder has @bytes more. */
void pl_lease_take (gsize bytes);
/** pl_lease_give: it has @bytes less. */
void pl_lease_give (gsize bytes);
/** pl_lease_total: Returns: how many bytes more than it has given back this thread has taken, for whomever: so who
 * calls somebody learns what that took. */
gint64 pl_lease_total (void);
/** pl_lease_spill: @bytes of what this thread's holder had went to disk. */
void pl_lease_spill (gsize bytes);
/** pl_lease_follow: for memory that counts itself: @lease: (nullable): has @bytes of it now; @noted: (inout): what it
 * had the last time, 0 at first. Any thread. */
void pl_lease_follow (PlLease *lease, gsize *noted, gsize bytes);
/** pl_lease_count_elsewhere: of what is held in the name of @lease (nullable), so much more is counted by another
 * process, too. Before it is taken. */
void pl_lease_count_elsewhere (PlLease *lease, gint64 bytes);

G_END_DECLS
