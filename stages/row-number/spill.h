/* Rows of row-number that go to disk.
 *
 *   without groups   state ─ in the order of the input ─► runs, merged ─► rows: a row's number is its place
 *   with groups      state ─ in the order of keys ─► runs, merged ─► rows are counted, each key's ─► runs in the order
 *                    of the input, with the numbers ─► rows */
#pragma once
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/rows/rows.h"
#include "state.h"

G_BEGIN_DECLS

/** pl_number_spill: the rows of @state become a run of its spill. */
gboolean pl_number_spill (PlNumberState *state, GError **error);
/** pl_number_rows_spilled: @states: of which some have spilled: the others do now
 * Returns: (transfer full) (nullable): their rows with their numbers; %NULL with @error. */
PlRows *pl_number_rows_spilled (const PlNumbering *config, PlNumberState *const *states, guint n_states,
                                PlParallel *parallel, GError **error);

G_END_DECLS
