/* The aggregates that exist: a line each, by name. */
#pragma once
#include "aggregate.h"

G_BEGIN_DECLS

#define PL_AGGREGATES(X)                                                                                               \
  X (all)                                                                                                              \
  X (any)                                                                                                              \
  X (arg_max)                                                                                                          \
  X (arg_min)                                                                                                          \
  X (corr)                                                                                                             \
  X (count)                                                                                                            \
  X (cov)                                                                                                              \
  X (first)                                                                                                            \
  X (harmonic_mean)                                                                                                    \
  X (kurtosis)                                                                                                         \
  X (last)                                                                                                             \
  X (list)                                                                                                             \
  X (max)                                                                                                              \
  X (mean)                                                                                                             \
  X (median)                                                                                                           \
  X (min)                                                                                                              \
  X (mode)                                                                                                             \
  X (nunique)                                                                                                          \
  X (product)                                                                                                          \
  X (quantile)                                                                                                         \
  X (sem)                                                                                                              \
  X (skew)                                                                                                             \
  X (std)                                                                                                              \
  X (sum)                                                                                                              \
  X (var)

#define PL_DECLARE_AGGREGATE(name) extern const PlAggregate pl_aggregate_##name;
PL_AGGREGATES (PL_DECLARE_AGGREGATE)

G_END_DECLS
