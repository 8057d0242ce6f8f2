/* Plans whose types are those of all rows where it matters. */
#pragma once
#include "../job/plan.h"
#include "../memory/budget.h"

G_BEGIN_DECLS

/** pl_replan: builds the plan. Where types keep it from being built that are those of samples only, all rows of these
 * sources are classified, and it is built anew: no sample decides that a job is wrong.
 * @budget, @cancelled: (nullable): as of pl_infer()
 *
 * Returns: (transfer full) (nullable): as of pl_plan_build(); also %NULL with @error, where rows cannot be read. */
PlPlan *pl_replan (const PlJob *job, GPtrArray *sources, gboolean to_terminal, PlBudget *budget, gint *cancelled,
                   PlIssues *issues, GError **error);

G_END_DECLS
