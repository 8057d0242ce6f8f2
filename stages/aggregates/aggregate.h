/* What an aggregate is: one const descriptor; one file a family; one line in families.h.
 *
 * States are plain memory of a fixed size, which stand where the caller has them: an address p (in words of PL_WORD
 * bytes) is the state at states + p * PL_WORD. So all states of a group stand together, with its key. They may be
 * moved with memcpy. All group-wise callbacks take many groups at once: there is no call per row. Every result depends
 * on the multiset of (position, values) alone, never on order of arrival. */
#pragma once
#include "../../pipeline/base/buffer.h"
#include "../../pipeline/expression/expression.h"
#include "../../pipeline/table/batch.h"

G_BEGIN_DECLS

#define PL_WORD 8
#define PL_JOINED_MAX 4 /* calls that update_joined() takes */

typedef struct PlAggregate PlAggregate;

/* One use of an aggregate in a job: `quantile(delay, 0.95)`; filled by bind(), const afterwards. */
typedef struct _PlAggregateCall
{
  const PlAggregate *aggregate;
  char *label;  /* (owned): as written, for messages */
  guint n_args; /* columns that update() is given */
  PlType arg_types[4];
  guint8 arg_uses[4]; /* PlUse of each, PL_USE_VALUE unless bind() says otherwise */
  PlType result;
  PlTypeOrigin origin; /* of that, where results are values of an argument */
  gsize state_size;    /* a multiple of 8, to which states are aligned */
  guint variant;       /* the family's own */
  guint parts;         /* the family's own: what the state consists of, where calls share one */
  const struct _PlAggregateCall
      *owner; /* (nullable) (unowned): the call whose states it reads; NULL: it has states of its own */
  double parameter;
  gpointer data;    /* (owned): freed by unbind() */
  gint64 min_count; /* sum, product: fewer values than this give null; default 1 */
} PlAggregateCall;

struct PlAggregate
{
  const char *name;
  const char *signature; /* "quantile(x, q)" */
  const char *summary;
  const char *example; /* "quantile(delay, 0.95)" */
  guint min_args, max_args;
  gboolean reads_positions; /* update() is to be given them */
  gboolean keeps_numbers;   /* its states are PlNumbers (numbers.h) … */
  gboolean reads_numbers;   /* … from which this one can be finalised, too, unless its argument is a decimal */

  /* Checks types and constants, sets result, state_size, arg_uses. @args are type-checked expressions; a parameter that
   * must be constant is read with pl_expression_constant() and not counted in n_args. */
  gboolean (*bind) (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error);
  void (*unbind) (PlAggregateCall *call);
  /* Whether what finalize() of @call needs can be read from states of @owner, which has the same arguments; these may
   * be made to hold more for it (parts, state_size). NULL: no. Asked before there are states, and only of calls that
   * have their own. */
  gboolean (*share) (PlAggregateCall *owner, const PlAggregateCall *call);
  /* Initialises @n states that are all zero; NULL: all zero is the empty state. */
  void (*init) (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n);
  /* Row rows[i] (or i when rows is NULL) of @args goes into the state at addresses[i], i < n. addresses == NULL: all
   * into the one at @states. @positions[i] is the position of that row; NULL unless reads_positions. Cannot fail: what
   * has no result is found by finalize(). */
  void (*update) (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows, gsize n,
                  PlColumn *const *args, const guint64 *positions);
  /* Several calls at once, so that the state of a row is asked for once (both may be NULL).
   * joins: whether @call may be updated with @before, whose states stand directly in front of its own.
   * update_joined: what update() does for each of the calls, of one argument; states of the first call, addresses
   * given, all rows. @are_cold: states are not in the caches yet. Returns: %FALSE when these columns have to be taken
   * one by one; nothing has changed then. */
  gboolean (*joins) (const PlAggregateCall *before, const PlAggregateCall *call);
  gboolean (*update_joined) (const PlAggregateCall *const *calls, guint n_calls, guint8 *states,
                             const guint32 *addresses, gsize n, PlColumn *const *args, gboolean are_cold);
  /* The state at address into[i] of @states takes in that at from[i] of @other, i < n; the other one is left cleared.
   */
  void (*combine) (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other, const guint32 *from,
                   gsize n);
  /* Results of the states at addresses[i] into rows [0, n) of @out, a column of call->result with nulls present.
   * @failed is the i of a failure. Does not change the states except for caches; called at most once per group. The
   * states are those of call->owner where there is one. */
  gboolean (*finalize) (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
                        PlArena *arena, gsize *failed, GError **error);
  /* (nullable): states grow with their rows, and can go to disk value by value (values.h); or this is so of those of
   * other calls, from which this one can be finalised. */
  const struct _PlAggregateValues *values;
  /* Wire form of one state; load() is given one that is empty. */
  void (*save) (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer);
  gboolean (*load) (const PlAggregateCall *call, guint8 *state, PlCursor *cursor);
  /* Frees what @n states own; NULL when they own nothing. */
  void (*clear) (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n);
};

G_END_DECLS
