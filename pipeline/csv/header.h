/* Names of columns, from the first record of a file. */
#pragma once
#include "source-private.h"

G_BEGIN_DECLS

void pl_head_clear (PlHead *head);
/** pl_head_read: reads the header of head->file, whose origin is open. @name: what it is called where it cannot be
 * read. @sample_size: bytes of records wanted besides. */
gboolean pl_head_read (PlHead *head, PlSource *source, PlSourceOptions *options, const char *name, gsize sample_size,
                       GError **error);

G_END_DECLS
