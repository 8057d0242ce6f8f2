/* The leases of a run and what is told of them: see budget.h. */
#include "budget.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pthread.h>
#include <unistd.h>

#include "../base/child.h"
#include "../base/memory.h"
#include "../base/seed.h"

struct PlBudget
{
  pthread_mutex_t lock; /* of the leases */
  GPtrArray *leases;    /* of PlLease * */
  GHashTable *known;    /* the same by holder */
  PlLease all;
  guint64 base;
  guint64 programs; /* pl_child_memory() when it was made */
};

static void
lease_free (gpointer data)
{
  PlLease *lease = data;
  g_free ((char *) lease->holder);
  g_free (lease);
}

PlBudget *
pl_budget_new (void)
{
  PlBudget *budget = g_new0 (PlBudget, 1);
  guint64 most;
  pthread_mutex_init (&budget->lock, NULL);
  budget->leases = g_ptr_array_new_with_free_func (lease_free);
  budget->known = g_hash_table_new (pl_name_hash, g_str_equal);
  pl_memory_resident (getpid (), &budget->base, &most);
  budget->programs = pl_child_memory ();
  return budget;
}

void
pl_budget_free (PlBudget *budget)
{
  if (budget == NULL)
    return;
  g_hash_table_unref (budget->known);
  g_ptr_array_unref (budget->leases);
  pthread_mutex_destroy (&budget->lock);
  g_free (budget);
}

PlLease *
pl_budget_lease (PlBudget *budget, const char *holder)
{
  pthread_mutex_lock (&budget->lock);
  PlLease *lease = g_hash_table_lookup (budget->known, holder);
  if (lease == NULL)
    {
      lease = g_new0 (PlLease, 1);
      lease->holder = g_strdup (holder);
      lease->all = &budget->all;
      g_ptr_array_add (budget->leases, lease);
      g_hash_table_insert (budget->known, (gpointer) lease->holder, lease);
    }
  pthread_mutex_unlock (&budget->lock);
  return lease;
}

void
pl_budget_set_room (PlBudget *budget, guint64 bytes, guint n_states)
{
  /* What is there already is nobody's lease. */
  const guint64 room = MIN (bytes > budget->base ? bytes - budget->base : 0, G_MAXINT64);
  budget->all.low = (gint64) MAX (room / 5 * 2, 1);
  budget->all.n_states = n_states;
  budget->all.worth = n_states > 0 ? (gint64) MAX (room / (16 * (guint64) n_states), 1) : 0;
}

void
pl_budget_join (PlBudget *budget, gint64 *members, guint n, guint member)
{
  budget->all.members = members;
  budget->all.n_members = n;
  budget->all.member = member;
}

void
pl_budget_note_free (PlBudget *budget)
{
#ifdef __GLIBC__
  gsize noted = 0;
  PlLease *lease = pl_budget_lease (budget, "allocator");
  pl_lease_follow (lease, &noted, mallinfo2 ().fordblks);
  pl_lease_follow (lease, &noted, 0);
#else
  (void) budget;
#endif
}

/* ---- accounts ---- */

static void
holder_clear (gpointer data)
{
  g_free (((PlHolder *) data)->name);
}

PlMemoryAccount *
pl_memory_account_new (void)
{
  PlMemoryAccount *account = g_new0 (PlMemoryAccount, 1);
  account->holders = g_array_new (FALSE, TRUE, sizeof (PlHolder));
  g_array_set_clear_func (account->holders, holder_clear);
  account->known = g_hash_table_new (pl_name_hash, g_str_equal);
  return account;
}

void
pl_memory_account_free (PlMemoryAccount *account)
{
  if (account == NULL)
    return;
  g_hash_table_unref (account->known);
  g_array_unref (account->holders);
  g_free (account);
}

static PlHolder *
find_holder (PlMemoryAccount *account, const char *name)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (account->known, name));
  if (index == 0)
    {
      PlHolder fresh = {.name = g_strdup (name)};
      g_array_append_val (account->holders, fresh);
      index = account->holders->len;
      g_hash_table_insert (account->known, fresh.name, GUINT_TO_POINTER (index));
    }
  return &g_array_index (account->holders, PlHolder, index - 1);
}

void
pl_memory_account_add (PlMemoryAccount *account, const PlMemoryAccount *other)
{
  account->base += other->base;
  account->leased += other->leased;
  account->seen += other->seen;
  account->programs += other->programs;
  account->spilled += other->spilled;
  for (guint i = 0; i < other->holders->len; i++)
    {
      const PlHolder *holder = &g_array_index (other->holders, PlHolder, i);
      find_holder (account, holder->name)->peak += holder->peak;
    }
}

void
pl_memory_account_raise (PlMemoryAccount *account, const PlMemoryAccount *other)
{
  account->base = MAX (account->base, other->base);
  account->leased = MAX (account->leased, other->leased);
  account->seen = MAX (account->seen, other->seen);
  account->programs = MAX (account->programs, other->programs);
  account->spilled = MAX (account->spilled, other->spilled);
  for (guint i = 0; i < other->holders->len; i++)
    {
      const PlHolder *holder = &g_array_index (other->holders, PlHolder, i);
      PlHolder *own = find_holder (account, holder->name);
      own->peak = MAX (own->peak, holder->peak);
    }
}

PlMemoryAccount *
pl_budget_tell (PlBudget *budget)
{
  PlMemoryAccount *account = pl_memory_account_new ();
  guint64 now;
  account->base = budget->base;
  account->leased = (guint64) __atomic_load_n (&budget->all.peak, __ATOMIC_RELAXED);
  pl_memory_resident (getpid (), &now, &account->seen);
  account->programs = pl_child_memory () - budget->programs;
  account->spilled = (guint64) __atomic_load_n (&budget->all.spilled, __ATOMIC_RELAXED);
  pthread_mutex_lock (&budget->lock);
  for (guint i = 0; i < budget->leases->len; i++)
    {
      PlLease *lease = g_ptr_array_index (budget->leases, i);
      find_holder (account, lease->holder)->peak = (guint64) __atomic_load_n (&lease->peak, __ATOMIC_RELAXED);
    }
  pthread_mutex_unlock (&budget->lock);
  return account;
}

void
pl_memory_account_save (const PlMemoryAccount *account, PlBuffer *buffer)
{
  pl_buffer_put_u64 (buffer, account->base);
  pl_buffer_put_u64 (buffer, account->leased);
  pl_buffer_put_u64 (buffer, account->seen);
  pl_buffer_put_u64 (buffer, account->programs);
  pl_buffer_put_u64 (buffer, account->spilled);
  pl_buffer_put_u32 (buffer, account->holders->len);
  for (guint i = 0; i < account->holders->len; i++)
    {
      const PlHolder *holder = &g_array_index (account->holders, PlHolder, i);
      pl_buffer_put_string (buffer, holder->name);
      pl_buffer_put_u64 (buffer, holder->peak);
    }
}

PlMemoryAccount *
pl_memory_account_load (PlCursor *cursor)
{
  PlMemoryAccount *account = pl_memory_account_new ();
  account->base = pl_cursor_get_u64 (cursor);
  account->leased = pl_cursor_get_u64 (cursor);
  account->seen = pl_cursor_get_u64 (cursor);
  account->programs = pl_cursor_get_u64 (cursor);
  account->spilled = pl_cursor_get_u64 (cursor);
  guint n = pl_cursor_get_u32 (cursor);
  for (guint i = 0; i < n && !cursor->failed; i++)
    {
      g_autofree char *name = pl_cursor_get_string (cursor);
      guint64 peak = pl_cursor_get_u64 (cursor);
      cursor->failed = cursor->failed || name == NULL;
      if (!cursor->failed)
        find_holder (account, name)->peak = peak;
    }
  if (cursor->failed)
    g_clear_pointer (&account, pl_memory_account_free);
  return account;
}
