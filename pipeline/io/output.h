/* Bytes out: all outputs of a run appear together, whole, or not at all, also after any kill at any moment.
 *
 * A file is written as a private temporary beside its target, and becomes it by a rename once the run has succeeded; of
 * several files a journal tells the next run what is still to be renamed. stdout is withheld (in memory, then in an
 * unlinked file) until then. A symbolic link stays: the file it leads to is replaced. */
#pragma once
#include "compression.h"

G_BEGIN_DECLS

typedef struct PlOutputSet PlOutputSet;
typedef struct PlOutput PlOutput;
typedef enum
{
  PL_OUTPUT_REPLACE,
  PL_OUTPUT_APPEND,
  PL_OUTPUT_FAIL_IF_EXISTS
} PlOutputMode;

PlOutputSet *pl_output_set_new (void);
/** pl_output_set_free: discards what was not published. */
void pl_output_set_free (PlOutputSet *set);
/** pl_output_set_heed: what waits (for another run that appends, or for the reader of a named pipe) ends with
 * PL_WORKER_ERROR_CANCELLED once @cancelled is not 0.
 * @waits: where another run appends to one of the files, wait until it is done; %FALSE: PL_IO_ERROR_BUSY. A set that
 * was told nothing waits.
 * @cancelled: (nullable) */
void pl_output_set_heed (PlOutputSet *set, gboolean waits, const gint *cancelled);
/** pl_output_set_add: "-" is stdout. Folders that are missing are created, and go with the set if it was not published.
 * Returns: (transfer none): or NULL with PL_IO_ERROR_CREATE. */
PlOutput *pl_output_set_add (PlOutputSet *set, const char *path, PlOutputMode mode, PlCompression compression,
                             GError **error);
/** pl_output_keep_private: a file that is not there yet gets mode 0600 whatever the umask allows: it holds raw data. */
void pl_output_keep_private (PlOutput *output);
/** pl_output_is_new: behind pl_output_set_begin(): FALSE in append mode when the target holds something: no header is
 * due then. */
gboolean pl_output_is_new (const PlOutput *output);
/** pl_output_replaces: Returns: whether a file that holds something is there, whose place @output takes. */
gboolean pl_output_replaces (const PlOutput *output);
gboolean pl_output_write (PlOutput *output, const void *data, gsize length, GError **error);
/** pl_output_drop: takes @output out of the set: it will not be published (a rejects file without rejects). */
void pl_output_drop (PlOutput *output);
/** pl_output_bytes: bytes of the finished file, after compression. */
guint64 pl_output_bytes (const PlOutput *output);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlOutputSet, pl_output_set_free)

G_END_DECLS
