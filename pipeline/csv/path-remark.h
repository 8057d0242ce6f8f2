/* Why a column of paths has its type, told to people. */
#pragma once
#include "overlong.h"
#include "source.h"

G_BEGIN_DECLS

/** pl_path_remark: @text: (out) (transfer full) (nullable): a clause about column @column, if it is one of paths, which
 * names a value, its folder, and the type that helps: one that all values are of. @wanted, and Returns: as a
 * #PlTypeTeller */
PlTypeTold pl_path_remark (const PlSource *source, guint column, PlTypeKind wanted, char **text);
/** pl_path_overlong: Returns: whether column @column is one of paths, is compared or computed with, and has a value
 * that its type cannot hold.
 * @found: (out): the first of them; its text is to be freed, and it has no line */
gboolean pl_path_overlong (const PlSource *source, guint column, PlOverlong *found);

G_END_DECLS
