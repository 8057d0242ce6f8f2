/* The job file's lines of a group-by. */
#pragma once
#include "config.h"
#include "../../pipeline/base/settings.h"

G_BEGIN_DECLS

/** pl_group_lines_read:
 * @keys: of the stage; every other setting is a column
 *
 * Returns: (transfer full) (nullable): %NULL when issues were added. */
PlGroupConfig *pl_group_lines_read (const PlSettings *settings, const PlSettingKey *keys, PlSchema *input,
                                    PlIssues *issues);

G_END_DECLS
