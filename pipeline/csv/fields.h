/* One field of a round of records: where it lies, whether it is null, and its text without quotes. */
#pragma once
#include "../table/batch.h"
#include "records-shape.h"

G_BEGIN_DECLS

/* Readable bytes behind every text, which the number parsers load blindly. */
#define PL_FIELD_PADDING 24

/* What makes a text null, with a filter in front: most texts are of no null text's length. */
typedef struct
{
  PlText *texts; /* shorter ones first, and by their bytes */
  guint n;
  guint64 lengths; /* bit i: one is i bytes long; bit 63: one is 63 or longer */
} PlNullTexts;

/** pl_null_texts_init: @texts: (nullable): must outlive @nulls. */
void pl_null_texts_init (PlNullTexts *nulls, char *const *texts);
void pl_null_texts_clear (PlNullTexts *nulls);
/* By halving. */
gboolean pl_null_texts_find (const PlNullTexts *nulls, const char *data, gsize length);

static inline gboolean
pl_null_texts_have (const PlNullTexts *nulls, const char *data, gsize length)
{
  if (G_LIKELY ((nulls->lengths >> MIN (length, 63) & 1) == 0))
    return FALSE;
  return pl_null_texts_find (nulls, data, length);
}

/* Field @field of all rows: field i begins behind starts[i * step] and ends at ends[i * n]. */
typedef struct
{
  const char *data;
  const guint32 *starts, *ends;
  gsize step, n;
  guint32 skip;      /* 1 where starts are the entries before, 0 where they are first bytes */
  gboolean cut_cr;   /* the last field, and there may be CR LF */
  const char *limit; /* the end of the span */
} PlFieldView;

/** pl_field_view: of field @field. */
PlFieldView pl_field_view (const PlRecords *records, guint field);

/** pl_field_cut: makes @view one whose fields of @n_rows rows end before CR LF and begin behind entries; those are kept
 * in @arena. */
void pl_field_cut (PlFieldView *view, gsize n_rows, PlArena *arena);

static inline const char *
pl_field_raw (const PlFieldView *view, gsize row, gsize *length)
{
  const char *start = view->data + (guint32) (view->starts[row * view->step] + view->skip);
  const char *end = view->data + view->ends[row * view->n];
  if (view->cut_cr && end > start && end < view->limit && *end == '\n' && end[-1] == '\r')
    end--;
  *length = (gsize) (end - start);
  return start;
}

/** pl_field_unquote: the text of a field that opens with a quote: libcsv's, and behind the closing quote what stands
 * there. */
PlText pl_field_unquote (const PlDialect *dialect, const char *raw, gsize length, PlArena *arena);
/** pl_field_text: the text of one field: quotes, doubled quotes, escapes and (trim) outer spaces removed; copied to
 * @arena only where it must change. Returns: %FALSE when it is null. */
gboolean pl_field_text (const PlRecords *records, const PlNullTexts *nulls, const PlFieldView *view, gsize row,
                        PlArena *arena, PlText *text);

G_END_DECLS
