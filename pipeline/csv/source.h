/* A source as the plan knows it: its files, where their records begin, its columns and their types.
 *
 * pl_source_open() looks at every file's header and at a sample of the first rows; nothing else is read. The types it
 * guesses are only a start: a reader that meets a value they do not hold reports PL_DATA_ERROR_CONTRADICTION, the
 * engine then classifies the whole input and starts again. */
#pragma once
#include "../io/compression.h"
#include "../io/input.h"
#include "../io/origin.h"
#include "../io/zip.h"
#include "../table/schema.h"
#include "dialect.h"
#include "evidence.h"
#include "reading.h"

G_BEGIN_DECLS

typedef enum
{
  PL_BAD_ROW_FAIL,
  PL_BAD_ROW_SKIP,
  PL_BAD_ROW_QUARANTINE
} PlBadRowPolicy;

#define PL_FIELD_OF_PATH (-3)

typedef struct
{
  char *path;          /* as opened; "-" for stdin, and for a program's output */
  char *display;       /* as shown in messages: as the user wrote it, or as the glob gave it; the program's name */
  PlOrigin *origin;    /* where its bytes come from; %NULL in a worker process where not ranged */
  PlZipMember *member; /* (nullable): of which of its members, where it is a zip archive; not in a worker process */
  PlCompression compression; /* never AUTO once opened; of a member: of its text */
  gboolean ranged;           /* a regular, uncompressed UTF-8 file: workers read ranges of it themselves */
  guint64 size;              /* bytes, where ranged */
  guint64 data_start;        /* offset of the first record behind BOM, skip-rows and header, in decoded bytes */
  guint64 data_line;         /* its line number, from 1 */
  guint n_fields;            /* fields a record must have */
  gboolean is_trailing;      /* records may have one more, which is empty: a delimiter ends each */
  gint *fields; /* per source column: index of the field in this file's records; -1: missing (union), -2: the file's
                   name, PL_FIELD_OF_PATH - i: path_values[i] */
  char **path_values; /* (nullable): n_path_columns of the source: what the file's path says; %NULL for null */
} PlSourceFile;

typedef struct
{
  PlTypeTeller teller; /* who says where its columns' types come from; not in a worker process */
  char *name;          /* the group's name */
  PlDialect dialect;
  char *encoding;      /* "utf-8", or what iconv calls it */
  PlInputText text;    /* how bytes become text, in that encoding */
  PlSchema *schema;    /* every column of the source, `use` applied */
  PlReading *readings; /* per column; of a pinned one (or where infer is off) a misfit is a bad row, no contradiction */
  PlEvidence *evidence; /* (nullable): per column: what its guess is from; %NULL in a worker process */
  guint64 sampled;      /* rows that a sample looked at */
  char *doubt;          /* (nullable): that another delimiter divides its rows, where the job says this one; not in a
                           worker process */
  gboolean is_doubted;  /* and it is not the one that a job need not say */
  GArray *overlong;     /* (nullable): of PlOverlong: what a run has found */
  GStrv *null_values;   /* (nullable): per column: all texts that are null in it; %NULL: those of the dialect */
  guint n_null_values;  /* as many columns have an entry there */
  guint n_path_columns; /* columns out of the paths of files */
  guint8 *uses;         /* per column: PlUse, filled in by the plan */
  GPtrArray *files;     /* of PlSourceFile *, in the order read */
  PlBadRowPolicy on_bad_row;
  char *rejects;        /* (nullable): path of the quarantine file */
  guint64 max_bad_rows; /* G_MAXUINT64: no limit */
  double max_bad_share; /* 1: no limit */
  guint64 max_record_size;
  guint64 limit; /* rows; G_MAXUINT64: all */
} PlSource;

void pl_source_free (PlSource *source);
/** pl_source_is_sampled: Returns: whether rows that a sample has not looked at may change the type of column @column.
 */
gboolean pl_source_is_sampled (const PlSource *source, guint column);
/** pl_source_is_of_paths: Returns: whether column @column is one of path-columns. */
gboolean pl_source_is_of_paths (const PlSource *source, guint column);
/** pl_source_take_types: gives the columns that @evidence is of the types that follow from it, and keeps it.
 * @evidence: (transfer full): of all columns; those that are closed, and those of pinned columns, change nothing
 * @is_certain: whether it is of all rows */
void pl_source_take_types (PlSource *source, PlEvidence *evidence, gboolean is_certain);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSource, pl_source_free)

G_END_DECLS
