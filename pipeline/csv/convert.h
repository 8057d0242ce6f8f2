/* Fields of a round → one column of a batch. */
#pragma once
#include "fields.h"

G_BEGIN_DECLS

typedef struct
{
  const PlRecords *records;
  const PlDialect *dialect;
  PlNullTexts nulls;
  gboolean restyles; /* numbers are written with thousands separators or decimal commas */
  gboolean keeps_text;
} PlConverter;

void pl_converter_init (PlConverter *converter, const PlRecords *records, const PlDialect *dialect);
void pl_converter_clear (PlConverter *converter);

/** pl_convert_column:
 * @uses: PlUse; PL_USE_TEXT of a column that is not text gives `lexical`
 * @pinned: the type is the user's: texts must be of it even where only they are used; a guessed one (not pinned) holds only what
 * inference would have called so
 * @all: whether to go on behind the first misfit
 * @misfits: (element-type guint32): rows whose text is not of @type are appended; their values are 0
 */
PlColumn *pl_convert_column (const PlConverter *converter, guint field, PlType type, guint uses, gboolean pinned,
                             gboolean all, PlArena *arena, GArray *misfits);
/** pl_convert_fits: whether @text is of @type by this dialect: the definition the converters keep to. */
gboolean pl_convert_fits (const PlConverter *converter, PlText text, PlType type);
/** pl_convert_classify: the narrowest type of @text by this dialect. */
PlType pl_convert_classify (const PlConverter *converter, PlText text);

G_END_DECLS
