/* Groups that go to disk.
 *
 *   state ─ in the order of keys ─► run of entries: comparable key, first position, states of all calls (small ones);
 *                                   behind it the values of large ones, in order                        (values.c)
 *   runs of all states, merged ─► some groups at a time, those of one key combined                      (gather.c)
 *                              ─► on disk again, where the output does not go by keys                   (placed.c)
 *                              ─► rows                                                                  (spilled.c)
 *
 * So aggregates need no more than save() and load(); and where states grow with their rows, PlAggregateValues. */
#pragma once
#include "state.h"

G_BEGIN_DECLS

/** pl_group_state_spill: all groups of @state become a run of its spill; it is empty then. */
gboolean pl_group_state_spill (PlGroupState *state, GError **error);

G_END_DECLS
