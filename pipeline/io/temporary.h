/* Small pieces of POSIX that inputs and outputs share. Private to io/. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_temporary_open: a file without a name in $TMPDIR (or /tmp), for reading and writing. Returns: its descriptor, or -1 with PL_IO_ERROR_CREATE. */
int pl_temporary_open (GError **error);
/** pl_write_all: goes on after short writes and signals. @offset: where, or -1 for the descriptor's own offset. Returns: 0 or an errno. */
int pl_write_all (int fd, const void *data, gsize length, gint64 offset);
/** pl_pread_all: Returns: bytes read, fewer than @length only at the end; -1 with errno set. */
gssize pl_pread_all (int fd, void *data, gsize length, guint64 offset);

G_END_DECLS
