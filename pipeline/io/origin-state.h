/* States of a file: looking, comparing, and telling of a change. */
#pragma once
#include "origin-private.h"
#include "origin.h"

G_BEGIN_DECLS

/** pl_file_state: @info of a regular file as a state. */
PlFileState pl_file_state (const struct stat *info);
/** pl_origin_look: waits until @fd's state is one that a later change is sure to change. Sets state and is_live.
 * Returns: 0 or an errno. */
int pl_origin_look (PlOrigin *origin, int fd);
/** pl_origin_begin: nothing has been read yet; it is going to be from `start` on. */
void pl_origin_begin (PlOrigin *origin);
/** pl_origin_borrow: a descriptor, for pread() alone. @name: what messages call the file.
 * Returns: -1 with @error: PL_IO_ERROR_BUSY when it cannot be had because the file is another one now. */
int pl_origin_borrow (PlOrigin *origin, const char *name, GError **error);
void pl_origin_give_back (PlOrigin *origin, int fd);
/** pl_origin_cover: before anybody reads up to @end with a descriptor: if it is live, keeps in mind what stands there.
 * One thread at a time, as pl_origin_note(). */
gboolean pl_origin_cover (PlOrigin *origin, const char *name, guint64 end, GError **error);
/** pl_origin_note: @data has been read at @offset, in order. */
void pl_origin_note (PlOrigin *origin, guint64 offset, const void *data, gsize length);
/** pl_origin_check: behind all reading. @is_text: a row ends with a line end, so that one which had not ended yet can
 * be told. */
PlOriginNow pl_origin_check (PlOrigin *origin, const char *name, gboolean is_text, GError **error);
/** pl_origin_cut_short: sets PL_IO_ERROR_BUSY: the file ends at @end, which is not where it ended at the first look. */
void pl_origin_cut_short (const PlOrigin *origin, const char *name, guint64 end, GError **error);

G_END_DECLS
