/* Fields of a round → one column of a batch. */
#pragma once
#include "converter.h"

G_BEGIN_DECLS

/** pl_convert_column:
 * @uses: PlUse; PL_USE_TEXT of a column that is not text gives `lexical`
 * @reading: of a pinned column, texts must be of its type even where only they are used; a guessed one holds only what
 * inference would have called so
 * @all: whether to go on behind the first misfit
 * @misfits: (element-type guint32): rows whose text is not of @type are appended; their values are 0
 */
PlColumn *pl_convert_column (const PlConverter *converter, guint field, PlType type, guint uses,
                             const PlReading *reading, gboolean all, PlArena *arena, GArray *misfits);

G_END_DECLS
