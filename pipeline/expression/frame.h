/* Frames of rows that an expression is evaluated in: the batch, and inside it the rows that reach a guarded operand.
 * Private to this folder. */
#pragma once
#include "../base/arena.h"
#include "../table/column.h"
#include <glib.h>

G_BEGIN_DECLS

/* The first row, in rows of the batch, at which something is wrong, and what. */
typedef struct
{
  gsize row;
  GError *error;
} PlFailure;

/* A column of an inner frame: few of the batch's are asked for there. */
typedef struct
{
  guint field;
  PlColumn *column; /* NULL: an empty slot */
} PlGathered;

typedef struct PlFrame PlFrame;
struct PlFrame
{
  PlFrame *parent;     /* NULL: the batch itself */
  const guint32 *rows; /* of the parent */
  gsize n;
  PlColumn **columns;   /* of the batch itself */
  PlGathered *gathered; /* of an inner frame: a hash table of a power of two slots */
  guint n_slots, n_gathered;
  PlArena *arena;
  PlFailure *failure;
};

/** pl_frame_init: @rows[0 .. n) of @parent; both must stay. */
void pl_frame_init (PlFrame *frame, PlFrame *parent, const guint32 *rows, gsize n);
/** pl_frame_column: Returns: (transfer none): column @field of the batch, for the rows of @frame. */
PlColumn *pl_frame_column (PlFrame *frame, guint field);
/** pl_frame_fail: takes @error (transfer full) as what is wrong with @row of @frame, unless something before it is. */
void pl_frame_fail (PlFrame *frame, gsize row, GError *error);

G_END_DECLS
