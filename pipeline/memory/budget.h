/* Whose memory it is: a run's leases (base/lease.h), one a holder, and what is known of all of them: what each has now
 * and the most it has had, and the same of all together. Beside that stands what the system saw, and the difference is
 * what nobody has accounted for.
 *
 * Each process of a run has a budget of its own; worker processes tell theirs when they hand over what they have last,
 * and the run adds them up. */
#pragma once
#include "../base/buffer.h"
#include "../base/lease.h"

G_BEGIN_DECLS

typedef struct PlBudget PlBudget;

/** pl_budget_new: what is resident now is its base: code, libraries, the plan. */
PlBudget *pl_budget_new (void);
/** pl_budget_free: @budget: (nullable): its leases must not be in use any more. */
void pl_budget_free (PlBudget *budget);
/** pl_budget_lease: Returns: (transfer none): the lease of @holder, the same for the same name. Any thread. */
PlLease *pl_budget_lease (PlBudget *budget, const char *holder);

/** pl_budget_set_room: @bytes: that this process may have in memory: from two fifths of it on, memory is low
 * (pl_lease_is_low()), because who then puts its rows in order, to write them, takes as much again. Before leases are
 * in use.
 * @n_states: 0: no state goes to disk; else the states of as many workers may */
void pl_budget_set_room (PlBudget *budget, guint64 bytes, guint n_states);

/** pl_budget_join: several processes have one budget: what all of them have is what memory is low by. Before leases are
 * in use.
 * @members: shared: what each process has; its own number it writes, and those of others it only half believes
 * @n: how many there are
 * @member: which of them this process is */
void pl_budget_join (PlBudget *budget, gint64 *members, guint n, guint member);

/** pl_budget_note_free: notes, for holder "allocator", what has been given back and the C library keeps: of arrays that
 * grow all at once nobody can use what the smaller ones were. For a moment at which much is held: it takes a look at
 * each free piece. */
void pl_budget_note_free (PlBudget *budget);

typedef struct
{
  char *name;
  guint64 peak; /* bytes: the most it held at a time */
} PlHolder;

/* What a process used, or several of them: then each number is the sum of theirs. Bytes. */
typedef struct
{
  guint64 base;   /* resident when the budget was made */
  guint64 leased; /* the most all holders together had at a time */
  guint64 seen; /* the most that was resident, as the system says (VmHWM); shared pages count in each process that uses
                   them */
  guint64 spilled;   /* what went to disk because it was too much, a byte as often as it did */
  guint64 programs;  /* the same of programs that it has started, pl_child_memory() */
  GArray *holders;   /* of PlHolder, in the order of their leases */
  GHashTable *known; /* name → index of a holder, from 1: private to budget.c */
} PlMemoryAccount;

PlMemoryAccount *pl_memory_account_new (void);
/** pl_memory_account_free: @account: (nullable). */
void pl_memory_account_free (PlMemoryAccount *account);
/** pl_memory_account_add: @account becomes the sum of both. For processes that are there at the same time. */
void pl_memory_account_add (PlMemoryAccount *account, const PlMemoryAccount *other);
/** pl_memory_account_raise: each number becomes the larger of the two. For a process and its successor. */
void pl_memory_account_raise (PlMemoryAccount *account, const PlMemoryAccount *other);
/** pl_budget_tell: Returns: (transfer full): this process's account up to now. Other threads may be at work; what they
 * have not told yet is missing. */
PlMemoryAccount *pl_budget_tell (PlBudget *budget);
void pl_memory_account_save (const PlMemoryAccount *account, PlBuffer *buffer);
/** pl_memory_account_load: Returns: (transfer full) (nullable): %NULL with @cursor->failed. */
PlMemoryAccount *pl_memory_account_load (PlCursor *cursor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlMemoryAccount, pl_memory_account_free)

G_END_DECLS
