/* Gives batches to all steps of a segment: a part of a worker (worker.h), by whom alone it is used.
 *
 * Failures: a batch that fails at one row is tried again with the rows before it, until those pass, because another
 * branch of the segment may fail earlier; so what is reported is the smallest position of the batch in all of
 * them. Steps that took the whole batch already are left out of the new attempts: their states see each row once. */
#pragma once
#include "blocks.h"
#include "worker.h"

G_BEGIN_DECLS

/* How much of the batch that is being pushed a step has behind it: see push.c. */
typedef struct
{
  guint64 taken; /* rows of what it is given, by it and all behind it */
  guint64 given; /* growing stages: rows it has made of the block so far; */
  guint64 safe;  /* of them those of batches it has behind it; */
  PlArena *arena;
} PlProgress;

typedef struct
{
  const PlSegment *segment;
  PlPartial *partial;
  PlChain *chain;
  PlProgress *progress; /* per step */
  PlBlock *block;       /* at hand */
  guint64 failed_position;
  GError *error;
} PlPush;

void pl_push_init (PlPush *push, const PlSegment *segment, PlChain *chain);
void pl_push_clear (PlPush *push);
/** pl_push_begin: Batches from now on are those of @block. */
void pl_push_begin (PlPush *push, PlBlock *block);
/** pl_push_batch: gives @batch to every step, and gives back memory where that is low.
 *
 * Returns: %FALSE with @push->error and @push->failed_position set. */
gboolean pl_push_batch (PlPush *push, PlBatch *batch);

G_END_DECLS
