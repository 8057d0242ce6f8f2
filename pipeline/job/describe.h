/* A plan as text, for people. */
#pragma once
#include "plan.h"

G_BEGIN_DECLS

/** pl_plan_describe: Returns: (transfer full): the text `pipeline plan` prints. */
char *pl_plan_describe (const PlPlan *plan);

G_END_DECLS
