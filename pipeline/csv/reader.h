/* Whole records → batches of typed columns. One reader a worker.
 *
 *   span ──► structural index (SIMD; or libcsv where the block is irregular) ──► fields of needed columns
 *        ──► checks (field count, quotes, UTF-8) ──► conversion, a column at a time ──► batch
 *
 * libcsv decides what a record is; the structural scan gives the same fields or is not used. Texts point into the span
 * or, where quotes were undoubled, into the batch's arena. */
#pragma once
#include "../table/batch.h"
#include "boundary.h"
#include "source.h"

G_BEGIN_DECLS

typedef struct PlCsvReader PlCsvReader;

/* Whole records of one file: the unit a reader is given. */
typedef struct
{
  const char *data;     /* 64 readable bytes stand behind data + length */
  gsize length;         /* ends with the end of a record, or at the end of the file */
  guint64 offset;       /* of data[0] in the (decoded) file */
  guint64 line;         /* line number of data[0] */
  guint64 position;     /* of the block's first record: that of the next one is one more */
  guint64 first_record; /* number in the block of the record at data[0]; 0 unless the span is a part of a block */
  guint file;           /* index into source->files */
  gboolean final;       /* the file ends here */
} PlSpan;

PlCsvReader *pl_csv_reader_new (PlSource *source);
void pl_csv_reader_free (PlCsvReader *reader);
/** pl_csv_reader_survey: pl_csv_survey() of a block of file @file that will be opened next, as a span that begins
 * somewhere in it: in one go with finding its records, where nothing in it is quoted. @ahead: as many bytes of the file
 * stand behind @length, and 64 readable ones behind them. */
void pl_csv_reader_survey (PlCsvReader *reader, guint file, const char *data, gsize length, gsize ahead, gint before,
                           PlSurvey *survey);
/** pl_csv_reader_open: starts on @span, which must stay readable until the next open. */
void pl_csv_reader_open (PlCsvReader *reader, const PlSpan *span);
/** pl_csv_reader_read:
 * @batch: initialised with the source's schema and an arena
 *
 * Fills @batch with the next rows; 0 rows: the span is finished. Sets batch->locate, refuse and originate. Bad rows are
 * dropped by policy skip and quarantine and show in the counters below. On failure (policy fail, or a contradiction)
 * all rows before the bad one have been given and @position is the bad row's.
 */
gboolean pl_csv_reader_read (PlCsvReader *reader, PlBatch *batch, guint64 *position, GError **error);
/** pl_csv_reader_rejects: Returns: (transfer none) (element-type PlReject): of the span so far, by position; emptied by
 * the next open. */
const GArray *pl_csv_reader_rejects (const PlCsvReader *reader);
/** pl_csv_reader_overlong: Returns: (transfer none) (element-type PlOverlong): the first number of each pinned column
 * that is longer than a float, where it is wanted as it is written; whoever moves them on gets the first of what
 * follows. */
GArray *pl_csv_reader_overlong (PlCsvReader *reader);
/** pl_csv_reader_records: records of the span so far, bad ones included. */
guint64 pl_csv_reader_records (const PlCsvReader *reader);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlCsvReader, pl_csv_reader_free)

G_END_DECLS
