/* Values that a pinned column cannot hold as they are written: numbers in a column of floats, where somebody wants them
 * so, for sums; times finer than a microsecond in one of timestamps. The first of each column, which a run tells of. */
#pragma once
#include "../base/buffer.h"

G_BEGIN_DECLS

typedef struct
{
  guint column;
  guint64 position; /* of its row */
  guint file;       /* index into source->files */
  guint64 line;
  guint scale; /* of a number: digits behind the point that a decimal needs for it; G_MAXUINT: no decimal has room */
  char *text;  /* as much of it as a message shows */
} PlOverlong;

/* In a round of rows: what is found of one column. */
typedef struct
{
  gsize row; /* G_MAXSIZE: none */
  guint scale;
} PlOverlongRow;

/** pl_is_overlong: Returns: whether the number in @data, whose double is @value, is another one than that is printed
 * as.
 * @scale: (out): as in #PlOverlong */
gboolean pl_is_overlong (const char *data, gsize length, double value, guint *scale);
/** pl_overlong_new: Returns: (transfer full) (element-type PlOverlong): of each column one at most. */
GArray *pl_overlong_new (void);
/** pl_overlong_find: Returns: (nullable): that of @column. */
const PlOverlong *pl_overlong_find (const GArray *list, guint column);
/** pl_overlong_add: keeps @found, (transfer full), if it is the first one of its column. */
void pl_overlong_add (GArray *list, PlOverlong found);
/** pl_overlong_move: moves what @from has, up to position @last, to @into, and drops the rest. */
void pl_overlong_move (GArray *into, GArray *from, guint64 last);
void pl_overlong_put (const GArray *list, PlBuffer *buffer);
/** pl_overlong_get: adds to @list; cursor->failed where it cannot be read. */
void pl_overlong_get (GArray *list, PlCursor *cursor);

G_END_DECLS
