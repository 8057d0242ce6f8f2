/* How runs are held, for the files that make them and that write them as bytes: runs.c and runs-wire.c. */
#pragma once
#include "../memory/chunks.h"
#include "runs.h"

G_BEGIN_DECLS

/* As the length byte in front of a rest: a u32 stands before it. */
#define PL_SORT_LONG_REST 255

struct PlSortRuns
{
  const PlSortShape *shape;
  GArray *list; /* of PlSortRun; the last one may be open */
  gboolean open;
  guint64 next_position; /* of a row that would go on with the open run */
  PlChunk *lines, *items;
  const char *lines_end; /* of the open run */
  PlSortItem *scratch;
  gsize scratch_size;
  PlStore *store; /* NULL before the first record */
  gboolean has_rests;
};

/* Bytes of a rest in front of its line, its length's included. */
static inline gsize
pl_sort_rest_size (gsize length)
{
  return length + 1 + (length >= PL_SORT_LONG_REST ? sizeof (guint32) : 0);
}

/** pl_sort_runs_close_open: puts the open run in order: no row goes on with it. */
void pl_sort_runs_close_open (PlSortRuns *runs);

G_END_DECLS
