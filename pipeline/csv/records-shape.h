/* A span cut into records with the right number of fields, some thousand at a time, and the list of those that are not
 * right.
 *
 *   entries   [ end of field 0 | end of field 1 | … | line end ]  a row of n_fields for each good record
 *
 * In an edged round, a row has for each of its fields two entries side by side, the one before its first byte and its
 * end: of records that lack fields or have too many, and of dialects where nothing else tells where a field begins.
 *
 * Where only a few fields are wanted, a row has the ends of these, of the fields before them, and the line end.
 *
 * Field j of row i lies between the entry before it and its own; entries are offsets from `origin`. Where rows have
 * been left out (blank lines, bad rows) `starts` holds each row's first byte, because the entry before it is then not
 * its neighbour. */
#pragma once
#include "automaton.h"
#include "reader.h"
#include "scan.h"
#include "source.h"

G_BEGIN_DECLS

typedef enum
{
  PL_DEFECT_TOO_LONG,
  PL_DEFECT_UNCLOSED,
  PL_DEFECT_BEHIND_QUOTE,
  PL_DEFECT_NUL,
  PL_DEFECT_UTF8,
  PL_DEFECT_FIELDS,
} PlDefectKind;

/* A record that cannot be a row, whatever the types are. The kinds above are in order of precedence. */
typedef struct
{
  PlDefectKind kind;
  guint64 record;   /* number in the span */
  gsize start, end; /* in the span, line end left out */
  gsize n_fields;
} PlDefect;

/* Rows of wanted entries that a scan has found, given a round at a time. */
typedef struct
{
  const char *data; /* where the first begins */
  guint32 *entries; /* not valid where records are only counted */
  gsize rows, next; /* next: the first that has not been given */
  gsize length;     /* bytes of all of them */
  gboolean has_quote, has_cr;
  gboolean is_wide;  /* all entries of what follows are to be looked at */
  gboolean is_ahead; /* of a span that has not been opened */
} PlFound;

typedef struct
{
  const PlDialect *dialect;
  gboolean regular;        /* the dialect is one the scan can read */
  gboolean stop_at_defect; /* the first bad record ends the batch and the span */
  guint64 max_record_size;
  PlAutomaton automaton;
  guint n_fields;
  gboolean is_trailing; /* a delimiter may end a record */
  gsize max_rows;
  PlScanSelection selection; /* of the wanted fields */
  gint *slots;               /* by field: where in a row of selected entries its end is, -1: not wanted */
  gboolean selects;          /* rounds may hold the wanted entries only */
  PlFound found;
  gboolean is_wide; /* the last round met something irregular: all entries are looked at */

  const char *data;
  gsize length, position;
  guint64 n_records; /* so far in the span, bad ones included */

  /* The rows of this round. */
  gsize n_rows;
  gsize stride; /* entries a row: n_fields, twice as many, or the wanted ones only */
  gsize origin;
  guint32 *entries; /* entries[-1]: the entry before a round's first byte, or -1 */
  guint32 *starts;  /* valid when is_explicit */
  guint32 *numbers; /* record numbers less first_record; valid when is_explicit */
  guint32 *ends;    /* of the records, line end left out; valid when is_edged */
  gboolean is_explicit;
  gboolean is_edged;    /* then is_explicit, too */
  gboolean wants_edges; /* the next record cannot be taken in but in an edged round */
  guint64 first_record; /* number of the round's first record */
  gboolean has_quote;   /* some field may be quoted */
  gboolean has_cr;      /* some line may end in CR LF */
  gboolean has_stray;   /* some unquoted field may hold a quote */
  GArray *defects;      /* of PlDefect: this round's */
  guint32 *storage;     /* of entries */
  gsize entries_size;
  guint32 *ahead; /* (nullable): of the entries that a survey finds */
} PlRecords;

/** pl_records_number: the record number in the span of row @row of this round. */
static inline guint64
pl_records_number (const PlRecords *records, gsize row)
{
  return records->first_record + (records->is_explicit ? records->numbers[row] : row);
}

/** pl_records_start: the first byte of row @row, as an offset in the span. */
static inline gsize
pl_records_start (const PlRecords *records, gsize row)
{
  if (records->is_explicit)
    return records->origin + records->starts[row];
  return records->origin + (guint32) (records->entries[(gssize) (row * records->stride) - 1] + 1);
}

/** pl_without_cr: Returns: behind the last byte of a record whose last field ends at @end: the CR of CR LF does not
 * belong to it. */
static inline gsize
pl_without_cr (const char *data, gsize length, gsize start, gsize end)
{
  return end - (end > start && end < length && data[end] == '\n' && data[end - 1] == '\r');
}

void pl_records_init (PlRecords *records, const PlSource *source, gboolean stop_at_defect);
void pl_records_clear (PlRecords *records);
/** pl_records_open: @file: the span's. */
void pl_records_open (PlRecords *records, const PlSpan *span, const PlSourceFile *file);
/** pl_records_have_blank: whether one of @rows lines is blank and thereby no record, where records have one field and
 * nothing else tells.
 * @entries: as PlRecords.entries, from @data on */
gboolean pl_records_have_blank (const PlRecords *records, const char *data, const guint32 *entries, gsize rows);
/** pl_records_end: behind its last byte, line end left out. */
gsize pl_records_end (const PlRecords *records, gsize row);

G_END_DECLS
