/* The runs of all states, read as one: in order, and in pieces that any workers read at once.
 *
 * Pieces are cut by the first keys of chunks, which are a sample of all keys that costs nothing; a place is part of the
 * key there, so that a piece is no larger where many entries have the same key. Within a piece a tree of losers
 * (Knuth, The Art of Computer Programming 3, 5.4.1) finds the next entry with as many comparisons as the number of runs
 * has binary digits. Neighbouring pieces, which are read at about the same time, share chunks (cache.h). */
#pragma once
#include "spill.h"

G_BEGIN_DECLS

/* Bytes of a piece: as a block's. */
#define PL_SPILL_PIECE ((guint64) 512 << 10)

typedef struct PlSpillOrder PlSpillOrder;
typedef struct PlSpillMerge PlSpillMerge;

/* Makes @bound, a copy of some entry without data, the first place of all that it belongs to. */
typedef void (*PlSpillCut) (PlSpillEntry *bound);
/** pl_spill_cut_place: entries with the same key belong together. */
void pl_spill_cut_place (PlSpillEntry *bound);

/** pl_spill_order_new: where there are so many runs that reading them all at once would take too much memory, some are
 * merged into larger ones first, the smallest.
 * @spills: (transfer full) (element-type PlSpill): of all states, all of whose runs have ended
 * @piece_bytes: about as many bytes of entries a piece has
 * @cut: (nullable): makes bounds of pieces so that what belongs together is in the same piece
 *
 * Returns: (transfer full) (nullable): %NULL with @error. */
PlSpillOrder *pl_spill_order_new (GPtrArray *spills, guint64 piece_bytes, PlSpillCut cut, GError **error);
/** pl_spill_order_look: @spills: (transfer full) (element-type PlSpill): which stay their owners', who add nothing
 * meanwhile
 *
 * Returns: (transfer full): all runs as they are, in one piece: to look for entries (window.h). */
PlSpillOrder *pl_spill_order_look (GPtrArray *spills);
/** pl_spill_order_free: @order: (nullable): no piece of it is open. */
void pl_spill_order_free (PlSpillOrder *order);
/** pl_spill_order_pieces: Returns: how many pieces there are. */
guint64 pl_spill_order_pieces (const PlSpillOrder *order);

/** pl_spill_order_entries: Returns: how many entries all pieces have. */
guint64 pl_spill_order_entries (const PlSpillOrder *order);

/** pl_spill_merge_open: Returns: (transfer full) (nullable): the entries of piece @index; %NULL with @error. */
PlSpillMerge *pl_spill_merge_open (const PlSpillOrder *order, guint64 index, GError **error);
/** pl_spill_merge_before: Returns: how many entries of all runs come before those of the piece. */
guint64 pl_spill_merge_before (const PlSpillMerge *merge);
/** pl_spill_merge_between: Returns: (transfer full) (nullable): the entries from @start to before @end, which are
 * nullable and stay the caller's until it is closed; %NULL with @error. */
PlSpillMerge *pl_spill_merge_between (const PlSpillOrder *order, const PlSpillEntry *start, const PlSpillEntry *end,
                                      GError **error);
/** pl_spill_merge_close: @merge: (nullable). */
void pl_spill_merge_close (PlSpillMerge *merge);
/** pl_spill_merge_peek: Returns: (transfer none) (nullable): the entry that comes next, until pl_spill_merge_step();
 * %NULL at the end. */
const PlSpillEntry *pl_spill_merge_peek (const PlSpillMerge *merge);
/** pl_spill_merge_step: passes over that entry. Returns: %FALSE with @error: then the piece must be closed. */
gboolean pl_spill_merge_step (PlSpillMerge *merge, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSpillOrder, pl_spill_order_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSpillMerge, pl_spill_merge_close)

G_END_DECLS
