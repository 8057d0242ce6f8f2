/* Values packed into bytes, and packed ones that are merged. */
#pragma once
#include "../../pipeline/base/buffer.h"
#include "../aggregates/values.h"

G_BEGIN_DECLS

/* A block on its way. */
typedef struct
{
  PlBuffer bytes;
  PlBuffer key; /* of the last value */
  guint64 n;
} PlValueBlock;

/** pl_value_block_add: puts @value behind those before. */
void pl_value_block_add (PlValueBlock *block, const PlValue *value);
/** pl_value_block_reset: makes it empty. */
void pl_value_block_reset (PlValueBlock *block);
void pl_value_block_clear (PlValueBlock *block);

/* Blocks that are merged: which come by and by, none before the first value of the one before. */
typedef struct PlValueHeap PlValueHeap;

PlValueHeap *pl_value_heap_new (void);
void pl_value_heap_free (PlValueHeap *heap);
/** pl_value_heap_add: takes a copy of a block. Returns: %FALSE where it is none. */
gboolean pl_value_heap_add (PlValueHeap *heap, const guint8 *bytes, gsize length);
/** pl_value_heap_peek: Returns: (transfer none) (nullable): the value that comes next; %NULL: there is none. */
const PlValue *pl_value_heap_peek (PlValueHeap *heap);
/** pl_value_heap_step: passes over it. Returns: %FALSE where its block is broken. */
gboolean pl_value_heap_step (PlValueHeap *heap);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlValueBlock, pl_value_block_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlValueHeap, pl_value_heap_free)

G_END_DECLS
