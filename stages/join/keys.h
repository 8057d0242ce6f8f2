/* The left input's rows when they are read for the first time, where the right input is on disk: their keys are
 * gathered, and answered all at once (disk.h). */
#pragma once
#include "../stage.h"

G_BEGIN_DECLS

/* Of PlBuildInput: gathers the keys of rows. */
extern const PlStage pl_stage_join_keys;

/** pl_join_keys_answer: PlBuildInput.answer(). */
gboolean pl_join_keys_answer (PlRows *index, gpointer const *states, guint n_states, guint64 bound,
                              const GError *failure, PlParallel *parallel, GError **error);

G_END_DECLS
