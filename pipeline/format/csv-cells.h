/* How the columns of a batch are written as CSV: planned in csv-cells.c, carried out in csv.c. Private to these two. */
#pragma once
#include "format.h"

G_BEGIN_DECLS

typedef enum
{
  PL_CSV_NULL,
  PL_CSV_TEXT,
  PL_CSV_BOOL,
  PL_CSV_INT,
  PL_CSV_FLOAT,
  PL_CSV_DECIMAL,
  PL_CSV_DATE,
  PL_CSV_TIMESTAMP,
  PL_CSV_RUN,
  PL_CSV_SLICES,   /* a stretch whose texts are still slices */
  PL_CSV_INDIRECT, /* printed apart, then written as text: float formats, quoting = all, delimiters that numbers contain
                    */
} PlCsvCellKind;

/* How one column of this batch is written. */
typedef struct
{
  PlCsvCellKind kind;
  const guint8 *nulls;
  const PlText *texts; /* PL_CSV_TEXT: strings, or values as they stood */
  PlColumn *column;
  guint field; /* of the batch; of a stretch the first */
  /* PL_CSV_RUN and PL_CSV_SLICES: columns that are raw fields side by side in every record: their bytes, commas and
   * all, are what is to be written. The last one, and its texts. */
  PlColumn *last;
  const PlText *stretch_ends;
  PlSlices from, to; /* of the first and of the last one */
} PlCsvCell;

typedef struct
{
  const PlFormatOptions *options;
  PlBatch *batch;
  PlCsvCell *cells;
  guint n_cells;
  char delimiter;
  gboolean trust_plain;   /* PL_TEXT_PLAIN is about commas */
  gboolean refuses_nulls; /* a null would be a blank line */
  const char *bare_null;  /* the null text as given */
  gsize bare_null_length;
  const char *null; /* as it is written */
  gsize null_length;
  char *scratch; /* room for one printed value */
  gsize scratch_size;
} PlCsvWriter;

/** pl_csv_prepare: plans the cells of @batch. */
void pl_csv_prepare (PlCsvWriter *self, const PlFormatOptions *options, PlBatch *batch);
/** pl_csv_bound: Returns: how many bytes the batch takes at most. */
gsize pl_csv_bound (const PlCsvWriter *self);
/** pl_csv_lines: Returns: (nullable): the lines that are, as they stand, what is to be written. */
const PlLines *pl_csv_lines (const PlCsvWriter *self);
/** pl_csv_delimiter: Returns: the one given, or the format's own. */
char pl_csv_delimiter (const PlFormatOptions *options);

static inline gsize
pl_csv_stretch_length (const PlCsvCell *cell, gsize row)
{
  return (gsize) (cell->stretch_ends[row].data - cell->texts[row].data) + cell->stretch_ends[row].length;
}

static inline const char *
pl_csv_slice (const PlCsvCell *cell, gsize row, gsize *length)
{
  guint32 start = cell->from.edges[row * cell->from.stride] + 1;
  *length = cell->to.edges[row * cell->to.stride + 1] - start;
  return cell->from.data + start;
}

/* Writes @data between quotes. Returns: behind it. */
static inline char *
pl_csv_put_quoted (char *out, const char *data, gsize length)
{
  *out++ = '"';
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '"')
        *out++ = '"';
      *out++ = data[i];
    }
  *out++ = '"';
  return out;
}

/* Whether @data needs quotes, whatever it means. */
static inline gboolean
pl_csv_has_special (const char *data, gsize length, char delimiter)
{
  guint found = 0;

  /* No early exit: this vectorises. */
  for (gsize i = 0; i < length; i++)
    found |= (data[i] == delimiter) | (data[i] == '"') | (data[i] == '\n') | (data[i] == '\r');
  return found != 0;
}

/* Bytes pl_csv_put_quoted() may need at most. */
static inline gsize
pl_csv_quoted_bound (gsize length)
{
  return 2 * length + 2;
}

G_END_DECLS
