/* What [source] says beyond what a PlSource keeps, and the steps of opening one. Private to source-*.c and header.c. */
#pragma once
#include "../io/input.h"
#include "source.h"

G_BEGIN_DECLS

typedef enum
{
  PL_SCHEMA_SAME,
  PL_SCHEMA_BY_NAME,
  PL_SCHEMA_UNION
} PlSchemaMode;

typedef struct
{
  const PlSettings *settings;
  PlIssues *issues;
  const char *folder;
  GPtrArray *paths;       /* of PlItem; none where there is a command */
  PlChildCommand command; /* its argv is %NULL where there are paths */
  gboolean header;
  GPtrArray *columns;     /* (nullable): of PlItem: names given by the user */
  GPtrArray *use, *types; /* (nullable): of PlItem */
  gboolean infer;
  PlCompression compression;
  guint64 skip_rows;
  const char *filename_column; /* (nullable) */
  PlSchemaMode schema_mode;
} PlSourceOptions;

/** pl_source_read_settings: fills @source (but schema and files) and @options; mistakes go to options->issues. */
void pl_source_read_settings (PlSource *source, PlSourceOptions *options);
/** pl_source_read_places: the same of where the bytes are: path, or command and what belongs to it. */
void pl_source_read_places (PlSourceOptions *options);
void pl_source_options_clear (PlSourceOptions *options);
/** pl_source_find_setting: the entry of @key, for issues about it. */
const PlSetting *pl_source_find_setting (const PlSourceOptions *options, const char *key);

/* The first bytes of a file, cut up. */
typedef struct
{
  PlSourceFile *file;
  GPtrArray *names;   /* (nullable): of char *: header or user names, unique; NULL: an empty file without header */
  GByteArray *sample; /* (nullable): whole records behind the header, and 64 bytes */
  gsize sample_length;
} PlHead;

void pl_head_clear (PlHead *head);
/** pl_head_read: reads the header of head->file, whose origin is open. @name: what it is called where it cannot be
 * read. @sample_size: bytes of records wanted besides. */
gboolean pl_head_read (PlHead *head, const PlSource *source, const PlSourceOptions *options, const char *name,
                       gsize sample_size, GError **error);
/** pl_source_open_files: opens all files of all places, into source->files, and reads their headers. @heads:
 * (element-type PlHead): of each, and of the one that @error is about. */
gboolean pl_source_open_files (PlSource *source, PlSourceOptions *options, GArray *heads, GError **error);

G_END_DECLS
