/* A join whose right input is on disk: it cannot be asked row by row, so the rows of the left input are read twice.
 *
 *   right ─► rows by key ─┐
 *   left, first ─► keys ──┴─ merged ─► answers: what stands beside each row, by its position
 *                              ├─────► many: rows of keys that have too many of them, once
 *                              └─────► rest: rows that match nothing, by their position
 *   left, again ─ each row reads on in the answers ─► output
 *
 * The second reading is the segment as it always is: order, places, failures, limits and all that follows know nothing
 * of the disk. It can be read again, because pipes are kept (io/spool.h), and what code of others makes is, too
 * (job/plan.c). Of a cross join all rows are many, and there are no answers. */
#pragma once
#include "../../pipeline/spill/merge.h"
#include "config.h"

G_BEGIN_DECLS

/* Bytes of a key's rows that are written beside each row of the left input; of more than that, where they are. */
#define PL_JOIN_FEW ((gsize) 16 << 10)

typedef struct
{
  const PlJoin *join;  /* (unowned) */
  GPtrArray *rows;     /* of PlSpill: those of the right input, by key; of a cross join by position */
  GPtrArray *rest;     /* of PlSpill, by position: rows that have no key (flag), and each row as often as a segment's
                          rows have been answered and none of them had its key */
  PlSpillOrder *alone; /* (nullable): the rest, once it is read */
  guint n_answered;    /* segments whose rows have been answered */
  /* Of the segment whose rows ask: */
  PlSpillOrder *answers; /* (nullable): key: a row's position; data: a record; or (flag) PlJoinMany */
  PlSpillOrder *many;    /* (nullable): key: PlJoinMany.id, and of a cross join a position; data: a record */
  guint64 bound;         /* rows from this position on have not been read the first time, because of */
  GError *failure;       /* (nullable) */
} PlJoinDisk;

/* In place of a key's rows. */
typedef struct
{
  guint64 id, n;
} PlJoinMany;

/** pl_join_disk_new: @rows, @rest: (transfer full).
 * Returns: (transfer full) (nullable): %NULL with @error: keys are not unique, or the disk fails. */
PlJoinDisk *pl_join_disk_new (const PlJoin *join, GPtrArray *rows, GPtrArray *rest, PlParallel *parallel,
                              GError **error);
/** pl_join_disk_free: @disk: (nullable). */
void pl_join_disk_free (PlJoinDisk *disk);
/** pl_join_disk_wants_keys: Returns: whether rows must be answered before they ask. */
gboolean pl_join_disk_wants_keys (const PlJoinDisk *disk);
/** pl_join_disk_forget: what rows of an earlier segment have been answered. */
void pl_join_disk_forget (PlJoinDisk *disk);
/* The rest, as PlRows has it. */
/** pl_join_disk_rest: readies it: no more rows ask. */
gboolean pl_join_disk_rest (PlJoinDisk *disk, PlRows *rows, GError **error);
gboolean pl_join_disk_open (const PlJoinDisk *disk, PlPiece *piece, GError **error);
void pl_join_disk_close (PlPiece *piece);
/** pl_join_disk_next: @records: (out): room for @n of them
 * Returns: %FALSE with @error. */
gboolean pl_join_disk_next (const PlJoinDisk *disk, PlPiece *piece, gsize n, const PlRecord **records, gsize *n_records,
                            PlArena *arena, GError **error);

G_END_DECLS
