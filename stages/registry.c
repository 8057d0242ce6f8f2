/* The stage kinds that exist. */
#include "stage.h"
#include <string.h>

/* A line each, by name. */
#define STAGES(X)                                                                                                      \
  X (derive)                                                                                                           \
  X (distinct)                                                                                                         \
  X (drop_null)                                                                                                        \
  X (exec)                                                                                                             \
  X (explode)                                                                                                          \
  X (filter)                                                                                                           \
  X (group_by)                                                                                                         \
  X (join)                                                                                                             \
  X (limit)                                                                                                            \
  X (plugin)                                                                                                           \
  X (row_number)                                                                                                       \
  X (select)                                                                                                           \
  X (sort)                                                                                                             \
  X (tail)                                                                                                             \
  X (top_k)                                                                                                            \
  X (union)                                                                                                            \
  X (unpivot)

#define DECLARE(name) extern const PlStage pl_stage_##name;
STAGES (DECLARE)

#define ADDRESS(name) &pl_stage_##name,
static const PlStage *const stages[] = {STAGES (ADDRESS) NULL};

const PlStage *const *
pl_stages (void)
{
  return stages;
}

const PlStage *
pl_stage_find (const char *name)
{
  for (guint i = 0; stages[i] != NULL; i++)
    if (strcmp (stages[i]->name, name) == 0)
      return stages[i];
  return NULL;
}
