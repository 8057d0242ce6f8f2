/* What reader.c and classify.c share: both read a span's records in rounds. Private to them. */
#pragma once
#include "converter.h"
#include "reader.h"

G_BEGIN_DECLS

/* A text that is not of its column's type. */
typedef struct
{
  gsize row;
  guint column;
} Misfit;

/* A place in the span: record @number, or what stands before it, begins at @next. */
typedef struct
{
  guint64 number;
  gsize next;
  PlLexPoint point;
} Walk;

struct PlCsvReader
{
  PlSource *source;
  PlRecords records;
  PlConverter converter;
  PlSpan span;
  const PlSourceFile *file;
  PlNullTexts *nulls;            /* (nullable): per column, and of all others: see pl_csv_reader_choose_nulls() */
  const PlSourceFile *wanted_of; /* (nullable): whose fields the scan selects */
  PlArena *scratch;
  GArray *rejects;     /* of PlReject */
  GArray *misfit_rows; /* of guint32: one column's */
  GArray *misfits;     /* of Misfit: the round's */
  gsize line_offset;   /* where line counting has come to */
  guint64 line;
  Walk walk;        /* where the search for records has come to */
  GArray *overlong; /* of PlOverlong */
  GError *pending;  /* (nullable): comes after the rows given */
  guint64 pending_position;
};

/** pl_csv_reader_choose_nulls: before the texts of @column are read: those that are null in it. */
void pl_csv_reader_choose_nulls (PlCsvReader *reader, guint column);
/** pl_csv_reader_line: Returns: the line number of the record at @offset of the span; cheap for ascending offsets. */
guint64 pl_csv_reader_line (PlCsvReader *reader, gsize offset);

G_END_DECLS
