/* Rows of a batch that become several: how their batches are cut.
 *
 * The rows that are made of one are in one batch, or begin one where they are too many for it (stage.h says why). */
#pragma once
#include "stage.h"

G_BEGIN_DECLS

typedef struct PlGrowing PlGrowing;
struct PlGrowing
{
  guint32 rows[PL_BATCH_ROWS]; /* of the input: a row of the output each */
  gsize n;
  /* Gives on the n rows. Returns: what PlEmit.give() did. */
  gboolean (*give) (PlGrowing *growing);
};

static inline gboolean
pl_growing_flush (PlGrowing *growing)
{
  const gboolean more = growing->n == 0 || growing->give (growing);
  growing->n = 0;
  return more;
}

/** pl_growing_begin: @n rows that are made of one are to follow. Returns: %FALSE: no more are wanted. */
static inline gboolean
pl_growing_begin (PlGrowing *growing, gsize n)
{
  return growing->n + n <= PL_BATCH_ROWS || pl_growing_flush (growing);
}

/** pl_growing_add: makes one of row @row of the input. @at: (out): which of the output's batch it is, so that its
 * values can be put there. Returns: %FALSE: no more are wanted. */
static inline gboolean
pl_growing_add (PlGrowing *growing, guint32 row, gsize *at)
{
  if (growing->n == PL_BATCH_ROWS && !pl_growing_flush (growing))
    return FALSE;
  growing->rows[ *at = growing->n++] = row;
  return TRUE;
}

G_END_DECLS
