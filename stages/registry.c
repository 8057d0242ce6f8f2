/* Every stage kind that exists, one line each, by name. */
#include "stage.h"
#include <string.h>

extern const PlStage pl_stage_derive, pl_stage_distinct, pl_stage_exec, pl_stage_filter, pl_stage_group_by,
    pl_stage_limit, pl_stage_plugin, pl_stage_select, pl_stage_sort, pl_stage_top_k;

static const PlStage *const stages[] = {
    &pl_stage_derive,
    &pl_stage_distinct,
    &pl_stage_exec,
    &pl_stage_filter,
    &pl_stage_group_by,
    &pl_stage_limit,
    &pl_stage_plugin,
    &pl_stage_select,
    &pl_stage_sort,
    &pl_stage_top_k,
    NULL,
};

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
