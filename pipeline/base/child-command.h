/* The keys of a job file that say which program a child is, and what it gets to see. */
#pragma once
#include "child.h"
#include "settings.h"

G_BEGIN_DECLS

/** pl_child_command_read: the keys command, environment and folder of @settings.
 * Returns: %FALSE when @issues got an error. */
gboolean pl_child_command_read (PlChildCommand *command, const PlSettings *settings, PlIssues *issues);
void pl_child_command_clear (PlChildCommand *command);

G_END_DECLS
