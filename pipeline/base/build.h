/* Which build of the program this is: what another one has written it does not read. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_build_hash: Returns: a number of this very executable: a hash of the linker's build id (NT_GNU_BUILD_ID), or of
 * the version where it has none. The same in all processes of a run. Any thread. */
guint64 pl_build_hash (void);

G_END_DECLS
