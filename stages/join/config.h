/* What the files of join share: the configuration, which is one for both inputs, and its three parts.
 *
 *   right ─► PL_JOIN_BUILDS (build.c) ─► index (index.c) ◄─asks─ PL_JOIN_ASKS (ask.c) ◄─ left
 *                                          └─ rows that nobody has found ─► PL_JOIN_RESTS (rest.c)
 *
 * Where the index is on disk, disk.h has the picture. */
#pragma once
#include "../../pipeline/keys/layout.h"
#include "../../pipeline/rows/store.h"

G_BEGIN_DECLS

typedef enum
{
  PL_JOIN_INNER,
  PL_JOIN_LEFT,
  PL_JOIN_RIGHT,
  PL_JOIN_FULL,
  PL_JOIN_SEMI,
  PL_JOIN_ANTI,
  PL_JOIN_CROSS,
} PlJoinHow;

typedef struct
{
  guint references;
  char *name;      /* "join with-airports": for messages */
  char *inputs[2]; /* names of the left and the right one */
  PlJoinHow how;
  gboolean matches_nulls;
  gboolean is_unique[2]; /* whether keys of the left, the right input must be */
  const char *validate;  /* "m:1": as written */
  PlSchema *left, *right, *output;
  PlSchema *places;   /* of rows that are nothing but a place and a key in words */
  GPtrArray *keys[2]; /* of PlTerm: of the left, the right input; as many of each; none of a cross join */
  PlType *types;      /* per key: in which both are compared */
  PlKeyLayout *layout;
  guint *taken; /* columns of the right input, which come behind those of the left one in the output */
  guint n_taken;
  gint *filled;   /* per column of the left input: the key that stands there in rows of the right one alone; -1: null */
  guint n_copies; /* of the index, in worker processes: set by prepare() */
  /* Set by require(): */
  PlSchema *stored;  /* rows of the index: those of the right input and, where keys must be unique, their places */
  guint8 *uses;      /* of @stored */
  guint8 *asks_uses; /* of the output, for rows of the left input; */
  guint8 *rest_uses; /* and for those of the right one alone */
} PlJoin;

/* A configuration is a part of a join. */
typedef enum
{
  PL_JOIN_ASKS,
  PL_JOIN_RESTS,
  PL_JOIN_BUILDS,
} PlJoinRole;

typedef struct
{
  PlJoin *join; /* (owned): a reference */
  PlJoinRole role;
} PlJoinPart;

/** pl_join_has_rest: Returns: whether rows of the right input that match nothing go on. */
static inline gboolean
pl_join_has_rest (const PlJoin *join)
{
  return join->how == PL_JOIN_RIGHT || join->how == PL_JOIN_FULL;
}

/** pl_join_is_test: Returns: whether a row of the left input goes on once or not at all, with nothing beside it. */
static inline gboolean
pl_join_is_test (const PlJoin *join)
{
  return join->how == PL_JOIN_SEMI || join->how == PL_JOIN_ANTI;
}

void pl_join_unref (PlJoin *join);
/** pl_join_part_new: Returns: (transfer full): a part of @join. */
PlJoinPart *pl_join_part_new (PlJoin *join, PlJoinRole role);
void pl_join_part_free (gpointer part);

/** pl_join_keys: the keys of a batch's rows of the input number @side, in the types of both.
 * @usable: (out): one a row: whether it has a key
 *
 * Returns: (transfer none) (nullable): one column a key; %NULL with @batch->failed_row set. */
PlColumn **pl_join_keys (const PlJoin *join, guint side, PlBatch *batch, guint8 **usable, GError **error);
/** pl_join_store: Returns: (transfer full): an empty store for rows of the right input. */
PlStore *pl_join_store (const PlJoin *join);
/** pl_join_add_places: puts into words where rows of the input number @side stand, and what keys they have.
 * @stored: (out): the first columns of @batch, and these two behind: the columns of @schema
 *
 * Returns: %FALSE with @batch->failed_row set. */
gboolean pl_join_add_places (const PlJoin *join, guint side, PlBatch *stored, PlBatch *batch, PlSchema *schema,
                             GError **error);

G_END_DECLS
