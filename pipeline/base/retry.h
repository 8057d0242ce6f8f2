/* Trying again what a process died of: how long to wait, and which of many rows is to blame.
 *
 *   rows       [ . . . . . . X . ]        the whole keeps failing, so its halves are tried, from the left;
 *   tried      [ . . . . ] ok             a half that fails is halved again, until one row is left
 *                        [ . . X . ]
 *                        [ . . ] ok
 *                              [ X ]      to blame
 *                                [ . ] ok
 *
 * Pure arithmetic: who runs the parts, and what a failure is, is the caller's. Every row is in exactly one part that
 * passed, or to blame. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_retry_delay: Returns: microseconds to wait before retry @retry (from 1): 10 ms, 20 ms, 40 ms … 5 s. */
guint64 pl_retry_delay (guint retry);

typedef struct
{
  struct
  {
    guint64 first, n;
  } parts[66]; /* a stack: the leftmost on top; halving 2^64 rows needs no more */
  guint n_parts;
} PlBisect;

/** pl_bisect_init: @n rows, 0 … @n - 1, failed together. @n > 0. */
void pl_bisect_init (PlBisect *bisect, guint64 n);
/** pl_bisect_next: Returns: %FALSE when every row has been in a part that passed or was given up; else the part to try,
 * rows *@first … *@first + *@n - 1. */
gboolean pl_bisect_next (const PlBisect *bisect, guint64 *first, guint64 *n);
/** pl_bisect_pass: the part pl_bisect_next() gave has passed, or its one row is to blame: on to the next one. */
void pl_bisect_pass (PlBisect *bisect);
/** pl_bisect_split: that part has failed.
 * Returns: %FALSE when it is a single row: it is to blame; no part has been passed. */
gboolean pl_bisect_split (PlBisect *bisect);

G_END_DECLS
