/* The kernels over a column, built for each kind of processor. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** PlRoundedFunction: functions of one number. */
typedef enum
{
  PL_ROUNDED_EXP,
  PL_ROUNDED_LN,
  PL_ROUNDED_LOG10,
  PL_ROUNDED_LOG2,
  PL_N_ROUNDED_FUNCTIONS
} PlRoundedFunction;

/** PlRoundedMap: @out: (out caller-allocates): right where @unsure is 0; elsewhere any number.
 * Returns: the bits of all @unsure. */
typedef guint64 (*PlRoundedMap) (const double *x, double *out, guint64 *unsure, gsize n);
typedef guint64 (*PlRoundedMapTwo) (const double *x, const double *y, double *out, guint64 *unsure, gsize n);

/** PlRoundedLoops: of one kind of processor. All of them give the same. */
typedef struct
{
  const char *name;
  PlRoundedMap map[PL_N_ROUNDED_FUNCTIONS];
  PlRoundedMapTwo power;     /* x to the power of y */
  PlRoundedMapTwo logarithm; /* of x to base y */
} PlRoundedLoops;

/** pl_rounded_loops: Returns: (transfer none) (nullable): @i-th kind that this processor can run, the fastest one
 * first; NULL behind the last. */
const PlRoundedLoops *pl_rounded_loops (guint i);

G_END_DECLS
