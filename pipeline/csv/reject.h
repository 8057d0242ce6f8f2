/* A record that was refused, and where it came from: also as bytes, which are kept beside a row that leaves its
 * reader. */
#pragma once
#include "../table/column.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 position;
  guint64 line, offset;
  guint file;       /* index into source->files */
  gint column;      /* source column, -1: the row as a whole */
  char *reason;     /* (owned) "value 'x' is not of type int" */
  const char *raw;  /* (unowned) the record without its line end */
  gsize raw_length; /* of that what is kept: at most 64 KiB, whole characters */
  gboolean is_cut;  /* the record is longer */
} PlReject;

/** pl_rejects_new: Returns: (transfer full) (element-type PlReject): which frees the reasons. */
GArray *pl_rejects_new (void);
/** pl_rejects_add: puts @reject into @rejects, which are in order of position.
 * Returns: %FALSE when there is one of its position already: then it stays the caller's. */
gboolean pl_rejects_add (GArray *rejects, const PlReject *reject);
/** pl_reject_set_raw: @length bytes of a record, with the line end that may close it. @most: no more of a record is
 * kept. @is_partial: it goes on behind them. */
void pl_reject_set_raw (PlReject *reject, const char *raw, gsize length, gsize most, gboolean is_partial);

/** pl_row_origin_save: Returns: the place of @reject and, if @keep_raw, its raw text, as bytes in @arena. */
PlText pl_row_origin_save (const PlReject *reject, gboolean keep_raw, PlArena *arena);
/** pl_row_origin_load: what pl_row_origin_save() was given: line, offset, file, raw; the raw text stays in @origin's
 * bytes. */
PlReject pl_row_origin_load (PlText origin);

G_END_DECLS
