/* Rows that are kept as they came and are still rows of their source: each with what its reader says of where it
 * comes from (PlBatch.originate), so that behind the stage it still has a place for messages and a policy for when
 * it is refused.
 *
 * That is one more column of the store, which only the engine sees, as PlBatch.origins. It takes a bit a row where
 * nobody wants to know. */
#pragma once
#include "store.h"

G_BEGIN_DECLS

/* Part of a stage's configuration. */
typedef struct
{
  PlSchema *schema; /* of the rows */
  PlSchema *stored; /* and the column of origins: of text, or null */
  guint8 *uses;     /* of @stored: what is kept of a row */
} PlSourced;

void pl_sourced_init (PlSourced *sourced, PlSchema *schema);
void pl_sourced_clear (PlSourced *sourced);
/** pl_sourced_require: what a stage's require() is asked: of a row is kept what is wanted of it. */
void pl_sourced_require (PlSourced *sourced, const guint8 *output_uses, guint8 *input_uses);
/** pl_sourced_store: Returns: (transfer full): an empty store for such rows. */
PlStore *pl_sourced_store (const PlSourced *sourced);
/** pl_sourced_append: keeps rows [first, first + n) of @batch, whose texts may stand in slices: those of other rows
 * stay there. */
void pl_sourced_append (const PlSourced *sourced, PlStore *store, const PlBatch *batch, gsize first, gsize n);
/** pl_sourced_split: @wide: rows of such stores: they become those of @batch, which has their columns and perhaps
 * more, their origins apart. */
void pl_sourced_split (const PlBatch *wide, PlBatch *batch);
/** pl_sourced_rows: @kept: (transfer full): rows of such stores. Returns: (transfer full): the same as they came,
 * their origins apart. */
PlRows *pl_sourced_rows (const PlSourced *sourced, PlRows *kept);

G_END_DECLS
