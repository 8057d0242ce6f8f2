/* Where the bytes of an input come from: one state of a file, or what flows through a pipe or out of a program.
 *
 * A run reads one state of each file, whatever becomes of the file meanwhile:
 *
 *   first look    open once, note device, inode, size and time; the descriptor is kept
 *   reading       nothing behind the size at the first look; who has to open the file again (worker processes, files
 *                 beyond the limit of descriptors) compares
 *   check         before anything is published: is the path's file still that one, of that size and time?
 *
 * A file that has grown is no other state as long as what was there is there still. A time does not tell that, so the
 * bytes do: a digest of what was read is compared with one of now. Where workers read, that costs reading twice, so
 * only live files have one of more than their first bytes: those that somebody has open for writing, and those that
 * were seen to grow, which are then read anew. */
#pragma once
#include <glib.h>
#include "../base/child.h"

G_BEGIN_DECLS

typedef struct PlOrigin PlOrigin;

/* What tells one state of a file from another. */
typedef struct
{
  guint64 device, inode, size;
  gint64 seconds, nanoseconds; /* of the last change of its bytes */
} PlFileState;

typedef enum
{
  PL_ORIGIN_SAME,
  PL_ORIGIN_GREW,     /* what was there at the first look is there still */
  PL_ORIGIN_UNPROVEN, /* it grew; whether the rest is unchanged can be told when it is read anew: it is live from now on
                       */
  PL_ORIGIN_CHANGED,  /* or cannot be looked at any more; with an error */
} PlOriginNow;

/** pl_origin_open: @path: "-" is stdin; while there is an origin of that path it is shared, so that all see the same
 * state. Waits for the other end of a named pipe. Any thread, as all of these. */
PlOrigin *pl_origin_open (const char *path, GError **error);
/** pl_origin_start: a program's stdout. Started once, for the first of all origins whose commands have the same name.
 * @command: (transfer full): emptied */
PlOrigin *pl_origin_start (PlChildCommand *command, GError **error);
/** pl_origin_load: a file that another process has looked at first. */
PlOrigin *pl_origin_load (const char *path, const PlFileState *state);
PlOrigin *pl_origin_ref (PlOrigin *origin);
void pl_origin_unref (PlOrigin *origin);

/** pl_origin_state: Returns: (nullable): as at the first look; %NULL for what is no file. */
const PlFileState *pl_origin_state (const PlOrigin *origin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlOrigin, pl_origin_unref)

G_END_DECLS
