/* What can be said of a stage whose columns are not known. */
#pragma once
#include "../base/settings.h"

G_BEGIN_DECLS

/** pl_stage_check_syntax: reports what is wrong with a stage whatever the columns of its input are. */
void pl_stage_check_syntax (const PlSettings *settings, PlIssues *issues);

G_END_DECLS
