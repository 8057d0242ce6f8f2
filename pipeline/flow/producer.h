/* Cuts the input of a segment into blocks, one at a time, in order. Used by one thread. */
#pragma once
#include "blocks.h"
#include "../csv/source.h"
#include "../table/batch.h"

G_BEGIN_DECLS

typedef struct PlProducer PlProducer;

/** pl_producer_new: of @source, or of @n_pieces pieces of rows when it is %NULL. @n_before: blocks of the segments
 * before: positions go on behind theirs. */
PlProducer *pl_producer_new (const PlSource *source, guint64 n_pieces, const PlShared *shared, guint64 block_size,
                             guint64 n_before);
void pl_producer_free (PlProducer *producer);
/** pl_producer_fill: makes @block the next one.
 * Returns: %FALSE at the end of the input, when what follows is not needed, and on failure: @error, at *@position. */
gboolean pl_producer_fill (PlProducer *producer, PlBlock *block, guint64 *position, GError **error);
/** pl_producer_sequence: blocks so far. */
guint64 pl_producer_sequence (const PlProducer *producer);
/** pl_producer_bytes: read by the producer itself. */
guint64 pl_producer_bytes (const PlProducer *producer);

G_END_DECLS
