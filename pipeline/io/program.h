/* A program whose stdout is read. Private to io/. */
#pragma once
#include "../base/child.h"

G_BEGIN_DECLS

typedef struct PlProgram PlProgram;

/** pl_program_start: @command: (transfer full): emptied.
 * Returns: (transfer full) (nullable): NULL with PL_IO_ERROR_OPEN. */
PlProgram *pl_program_start (PlChildCommand *command, GError **error);
/** pl_program_read: waits for something to read.
 * Returns: bytes; 0 at the end of a program that ended well; -1 with PL_IO_ERROR_READ for one that did not. Not to be
 * called again behind either. One thread at a time. */
gssize pl_program_read (PlProgram *program, void *data, gsize length, GError **error);
/** pl_program_free: @program: (nullable): ends it, and what it has started, if it is still there; which is no failure
 * of it. */
void pl_program_free (PlProgram *program);

G_END_DECLS
