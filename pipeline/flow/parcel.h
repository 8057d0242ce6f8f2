/* Rows of a reduce stage on their way to a worker process: a piece of them as bytes, each row with where it comes from.
 *
 *   main process    piece ─► batches ─► store ─► bytes in the block's region, or behind the task where they do not fit
 *   worker process  bytes ─► store ─► rows, which its worker reads as it would have read the piece
 *
 * Both have the same plan, and so the same layout. */
#pragma once
#include "../rows/sourced.h"
#include "kept.h"
#include "segment.h"

G_BEGIN_DECLS

/* What all threads that pack the pieces of a segment's input share. */
typedef struct PlParcels PlParcels;

/* One thread's part of it. */
typedef struct
{
  PlParcels *parcels;
  PlKept kept;
  PlArena *arena;
} PlPacker;

/** pl_parcel_init: @sourced: (out): how the rows of @segment's input are kept on their way; to be cleared with
 * pl_sourced_clear(). */
void pl_parcel_init (PlSourced *sourced, const PlSegment *segment);
/** pl_parcel_rows: @n rows of a parcel, from its row @first on.
 * Returns: (transfer full) (nullable): %NULL when @bytes are no parcel of that layout. */
PlRows *pl_parcel_rows (const PlSourced *sourced, const PlBuffer *bytes, guint64 first, guint64 n);

/** pl_parcels_new: @rows: (unowned): of @segment's input. */
PlParcels *pl_parcels_new (const PlSegment *segment, PlRows *rows);
void pl_parcels_free (PlParcels *parcels);
void pl_packer_init (PlPacker *packer, PlParcels *parcels);
void pl_packer_clear (PlPacker *packer);
/** pl_packer_pack: appends piece @index to @out. @n_rows: (out): how many rows that is.
 * Returns: %FALSE when the row behind those cannot be read. */
gboolean pl_packer_pack (PlPacker *packer, guint64 index, PlBuffer *out, guint64 *n_rows, GError **error);
/** pl_packer_before: @before: (out): how many rows the pieces before @index have. Where nobody knows that, it waits for
 * those who pack them: so piece @index must have been packed.
 * Returns: %FALSE when they are not all packed within @microseconds. */
gboolean pl_packer_before (PlPacker *packer, guint64 index, guint64 microseconds, guint64 *before);
/** pl_packer_place: Returns: (transfer full): where row @row of piece @index comes from: "in.csv:17" or "row 3 of [sort
 * worst]". @before: rows of the pieces before it. @origin: (nullable) (out): what its reader said of it; empty:
 * nothing; in the packer's arena, until it packs again. */
char *pl_packer_place (PlPacker *packer, guint64 index, guint64 row, guint64 before, PlText *origin);

G_END_DECLS
