/* Columns out of the folders that a file lies in, as …/year=2024/month=01/a.csv. Private to source-*.c. */
#pragma once
#include "source-private.h"

G_BEGIN_DECLS

/* One of `path-columns`. */
typedef struct
{
  char *name;
  PlType type;  /* PL_NULL: none is said */
  guint offset; /* where it stands in its setting, in characters */
} PlPathColumn;

/** pl_path_columns_read: what `path-columns` says, into options->path_columns; mistakes become issues. */
void pl_path_columns_read (PlSourceOptions *options);
/** pl_path_columns_find: Returns: (nullable): the one of that name. */
const PlPathColumn *pl_path_columns_find (const PlSourceOptions *options, const char *name);
/** pl_path_columns_open: takes the values out of the paths of all files, whose columns are those of the schema from
 * @first on, and gives the columns their types. Fails with PL_DATA_ERROR where a path lacks one, or a value is not of
 * its type. */
gboolean pl_path_columns_open (PlSource *source, const PlSourceOptions *options, guint first, GError **error);
/** pl_path_columns_tell: adds to @evidence what the values are of columns whose types are guessed. */
void pl_path_columns_tell (const PlSource *source, const PlSourceOptions *options, guint first, PlEvidence *evidence);
/** pl_path_columns_folder: Returns: (transfer full) (nullable): the folder in the path of @file, as messages show it,
 * that has the value of column @name. */
char *pl_path_columns_folder (const PlSourceFile *file, const char *name);

G_END_DECLS
