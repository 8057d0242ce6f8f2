/* What rows of the right input do. */
#pragma once
#include "../stage.h"

G_BEGIN_DECLS

/* Of PlBuildInput: keeps rows by key. */
extern const PlStage pl_stage_join_build;

G_END_DECLS
