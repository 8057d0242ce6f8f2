/* What [source] says beyond what a PlSource keeps, and the steps of opening one. Private to source-*.c and header.c. */
#pragma once
#include "../base/child.h"
#include "../base/settings.h"
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
  GPtrArray *members;     /* (nullable): of PlItem: patterns of what is read of zip archives; %NULL: all */
  gboolean header;
  GPtrArray *columns;     /* (nullable): of PlItem: names given by the user */
  GPtrArray *use, *types; /* (nullable): of PlItem */
  gboolean infer;
  PlCompression compression;
  guint64 skip_rows, skip_after_header;
  gboolean skips_empty;
  gboolean sniffs;             /* delimiter = auto, which no file has decided yet */
  GPtrArray *format_columns;   /* per date format of the dialect: (nullable): char *, the column it is of */
  GArray *format_offsets;      /* where it stands in its setting: of guint, characters */
  const char *filename_column; /* (nullable) */
  GArray *path_columns;        /* of PlPathColumn */
  PlSchemaMode schema_mode;
} PlSourceOptions;

/** pl_source_find_setting: the entry of @key, for issues about it. */
static inline const PlSetting *
pl_source_find_setting (const PlSourceOptions *options, const char *key)
{
  return pl_settings_find (options->settings, key);
}

/* The first bytes of a file, cut up. */
typedef struct
{
  PlSourceFile *file;
  GPtrArray *names;   /* (nullable): of char *: header or user names, unique; NULL: an empty file without header */
  char *other;        /* (nullable): another delimiter that gives several columns, and how many */
  GByteArray *sample; /* (nullable): whole records behind the header, and 64 bytes */
  gsize sample_length;
  gboolean is_all; /* the sample is all records of the file */
} PlHead;

G_END_DECLS
