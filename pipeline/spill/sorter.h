/* Entries that come in any order: as many at a time as there is room for become a run.
 *
 *   pl_spill_sorter_new ─► pl_spill_sorter_put … ─► pl_spill_sorter_end: a spill, whose runs are in order each */
#pragma once
#include "spill.h"

G_BEGIN_DECLS

typedef struct PlSpillSorter PlSpillSorter;

PlSpillSorter *pl_spill_sorter_new (void);
/** pl_spill_sorter_free: @sorter: (nullable): what it was given is forgotten. */
void pl_spill_sorter_free (PlSpillSorter *sorter);
/** pl_spill_sorter_put: takes a copy of @entry. */
gboolean pl_spill_sorter_put (PlSpillSorter *sorter, const PlSpillEntry *entry, GError **error);
/** pl_spill_sorter_end: @sorter: (transfer full). Returns: (transfer full) (nullable): all entries; %NULL with @error.
 */
PlSpill *pl_spill_sorter_end (PlSpillSorter *sorter, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSpillSorter, pl_spill_sorter_free)

G_END_DECLS
