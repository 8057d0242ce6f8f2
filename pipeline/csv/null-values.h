/* What is null in all columns, and in one. */
#pragma once
#include "source-private.h"

G_BEGIN_DECLS

/** pl_null_values_check: issues about null-values of columns that are none of @names, of char *. */
void pl_null_values_check (const PlSourceOptions *options, const GPtrArray *names);
/** pl_null_values_apply: null-values into those of all columns and those of one. */
void pl_null_values_apply (PlSource *source, const PlSourceOptions *options);

G_END_DECLS
