/* What a pipe or a program gives, kept so that it can be read more than once. */
#pragma once
#include "decoder.h"

G_BEGIN_DECLS

/** pl_decoder_spool_new: @spool: (transfer full): reads it from its start. */
PlDecoder *pl_decoder_spool_new (PlSpool *spool, const char *name);
/** pl_spool_get: the spool of the pipe (or device) @fd is open on; the first call for a pipe takes ownership of @fd,
 * later calls close it. Returns: (transfer full): */
PlSpool *pl_spool_get (int fd, dev_t device, ino_t inode);
/** pl_spool_find: Returns: (transfer full) (nullable): the spool of a pipe that has been opened before. */
PlSpool *pl_spool_find (dev_t device, ino_t inode);
/** pl_spool_start: the spool of what @command's program writes to its stdout; started unless a command of that name has
 * been before.
 * @command: (transfer full): emptied
 * Returns: (transfer full) (nullable): NULL with PL_IO_ERROR_OPEN. */
PlSpool *pl_spool_start (PlChildCommand *command, GError **error);
PlSpool *pl_spool_ref (PlSpool *spool);
void pl_spool_unref (PlSpool *spool);
/** pl_input_release_spools: forgets spooled stdin, and ends the programs that are read from; at the end of a run. */
void pl_input_release_spools (void);

G_END_DECLS
