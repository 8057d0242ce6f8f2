/* The blocks that a run owns, and the queues they go round in.
 *
 * Their number is the bound of what is in flight. Where blocks together have more in memory than they may
 * (pl_pool_set_room()), because records or outputs are long, fewer of them go round: the producer sets aside those that
 * have nothing in memory yet, and those that come back give back what they can. */
#pragma once
#include "blocks.h"
#include "queue.h"

G_BEGIN_DECLS

typedef struct
{
  PlShared shared;
  PlBlock *blocks;
  PlQueue *free, *filled, *done;
  PlBunch released; /* the writer's, on their way into the free queue */
  guint64 room;     /* bytes that all of them may have; G_MAXUINT64: any */
  guint depth;      /* with a room: how many go round, if not more are kept */
  GPtrArray *spare; /* (unowned): the producer's: those it has set aside */
} PlPool;

/** pl_pool_region: Returns: bytes a region needs for @sources (element-type PlSource); 0 when workers read all of them;
 * %FALSE when beyond the address space. */
gboolean pl_pool_region (const GPtrArray *sources, guint64 block_size, gsize *region, GError **error);
/** pl_pool_parcel: Returns: bytes a region needs for the parcels of most pieces. */
gsize pl_pool_parcel (void);
/** pl_pool_new: @n_outputs: sinks of the plan; @outbox: bytes of each outbox that worker processes shall have, with 0
 * there will be none that map the shared part. All blocks are in the free queue. */
PlPool *pl_pool_new (guint n_blocks, guint n_outputs, gsize region, gsize outbox, GError **error);
/** pl_pool_set_room: @bytes: that regions, outboxes and buffers of all blocks are to have, while one at a time does not
 * have more; before the run begins. @depth: how many blocks nobody keeps (pl_pool_hold()) for longer than it takes. */
void pl_pool_set_room (PlPool *pool, guint64 bytes, guint depth);
/** pl_pool_next: for the producer. @filled: its blocks on their way, flushed before it waits. Returns: (transfer full):
 * a free block. */
PlBlock *pl_pool_next (PlPool *pool, PlBunch *filled);
/** pl_pool_rest: the producer is done: @block, and those it has set aside, are free. */
void pl_pool_rest (PlPool *pool, PlBlock *block);
/** pl_pool_outbox: Returns: how large an outbox for blocks of @block_size is to be. */
gsize pl_pool_outbox (guint64 block_size);
void pl_pool_free (PlPool *pool);
/** pl_pool_bunch: Returns: how many blocks each of @n_workers may keep back without the others having to wait. */
guint pl_pool_bunch (const PlPool *pool, guint n_workers);
/** pl_pool_hold: the block's region may be read again: the block is not free before pl_pool_unhold() either. Any
 * thread. */
void pl_pool_hold (PlBlock *block);
void pl_pool_unhold (PlPool *pool, PlBlock *block);
/** pl_pool_release: empties @block, when nobody holds it, and puts it into the free queue, in bunches. For the writer's
 * thread. */
void pl_pool_release (PlPool *pool, PlBlock *block);

G_END_DECLS
