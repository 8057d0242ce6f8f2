/* Rows of an input that have been kept by their keys, on their way to disk.
 *
 *   keyed rows ─ in the order of keys ─► a run     key, position │ record
 *              ─ those without a key  ─► a run     position │ record
 *
 * Keys only have to meet: their order is of no use but that. */
#pragma once
#include "../../pipeline/groups/keyed-rows.h"
#include "../../pipeline/spill/spill.h"

G_BEGIN_DECLS

/* What is told of a row beside its key. */
typedef enum
{
  PL_JOIN_ROWS,      /* place: its position; data: its record */
  PL_JOIN_POSITIONS, /* place: its position and this mark, so that it comes behind rows; no data */
} PlJoinTold;

#define PL_JOIN_BEHIND ((guint64) 1 << 63)

/** pl_join_spill: the rows of @rows that have a key become a run of @spill (inout), which is made where there is none.
 * A key without a row is told as well, at place 0. @rows stays as it is. */
gboolean pl_join_spill (const PlKeyedRows *rows, PlJoinTold told, PlSpill **spill, GError **error);
/** pl_join_spill_loose: the same of the rows that have none, by position: for @flag see disk.h. */
gboolean pl_join_spill_loose (const PlKeyedRows *rows, gboolean flag, PlSpill **spill, GError **error);

G_END_DECLS
