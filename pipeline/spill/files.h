/* Where a state's sections are on disk: files without names, one in each folder of `temp-directory`, which sections go
 * round. Where one folder is full the others go on. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 offset; /* in its file */
  guint32 length;
  guint32 file;
} PlSpillPlace;

typedef struct PlSpillFiles PlSpillFiles;

PlSpillFiles *pl_spill_files_new (void);
/** pl_spill_files_free: @files: (nullable). */
void pl_spill_files_free (PlSpillFiles *files);
/** pl_spill_files_write: one thread at a time. @place: (out): where @data went.
 * Returns: %FALSE with @error: no folder has room for it. */
gboolean pl_spill_files_write (PlSpillFiles *files, gconstpointer data, guint32 length, PlSpillPlace *place,
                               GError **error);
/** pl_spill_files_forget: nobody reads what is at @place any more: its room on disk is given back where the file system
 * can. One thread at a time. */
void pl_spill_files_forget (PlSpillFiles *files, const PlSpillPlace *place);
/** pl_spill_files_expect: it is going to be read soon. Any thread. */
void pl_spill_files_expect (const PlSpillFiles *files, const PlSpillPlace *place);
/** pl_spill_files_read: @buffer: of place->length bytes. Any thread.
 * Returns: whether all of them came; %FALSE with @error. */
gboolean pl_spill_files_read (const PlSpillFiles *files, const PlSpillPlace *place, gpointer buffer, GError **error);
/** pl_spill_files_fail: sets @error to what is said where what is read at @place is not what was written.
 * Returns: %FALSE. */
gboolean pl_spill_files_fail (const PlSpillFiles *files, const PlSpillPlace *place, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSpillFiles, pl_spill_files_free)

G_END_DECLS
