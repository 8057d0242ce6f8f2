/* The publish journal: what makes several renames one. Private to io/.
 *
 *   .pipeline-PID-XXXXXX.journal in the first target's folder lists temporary → target, for all outputs of the run
 *   .pipeline-PID-XXXXXX.journal in every other target's folder names the first one
 *
 * The run counts as published from the moment the first one stands, whole and synced; it goes when all is in place. A
 * run that finds one whose writer is gone (its lock is free) does the renames that are still to do. A pointer without
 * its journal means nothing: not published yet, or published wholly. */
#pragma once
#include "../base/cleanup.h"
#include "folder.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct PlPublishJournal PlPublishJournal;

/** pl_publish_journal_prepare: writes all of it, the list under a temporary name. @files: (element-type PlOutput): with
 * finished temporaries. */
PlPublishJournal *pl_publish_journal_prepare (const GPtrArray *files, GError **error);
/** pl_publish_journal_commit: from here on the run counts as published. On failure it does not. */
gboolean pl_publish_journal_commit (PlPublishJournal *journal, GError **error);
/** pl_publish_journal_end: everything is in place, or nothing is. @journal: (nullable) (transfer full) */
void pl_publish_journal_end (PlPublishJournal *journal);
/** pl_publish_journal_leave: to the next run. @journal: (transfer full) */
void pl_publish_journal_leave (PlPublishJournal *journal);
/** pl_publish_journal_resolve: finishes or drops what the journal @name in @folder stands for, unless its writer is
 * alive. */
gboolean pl_publish_journal_resolve (PlFolder *folder, const char *name, GError **error);
gboolean pl_publish_journal_is_name (const char *name);

G_END_DECLS
