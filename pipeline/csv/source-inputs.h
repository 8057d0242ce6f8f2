/* Where the values of a source stand in its files: globs, paths, and what a program is called. */
#pragma once
#include "source-private.h"

G_BEGIN_DECLS

/** pl_source_read_inputs: the same of where the bytes are: path, or command and what belongs to it. */
void pl_source_read_inputs (PlSourceOptions *options);
/** pl_source_open_files: opens all files of all inputs, into source->files, and reads their headers. @heads:
 * (element-type PlHead): of each, and of the one that @error is about. */
gboolean pl_source_open_files (PlSource *source, PlSourceOptions *options, GArray *heads, GError **error);

G_END_DECLS
