/* Why a column of paths has its type, told to people. */
#pragma once
#include "source.h"

G_BEGIN_DECLS

/** pl_path_remark: @text: (out) (transfer full) (nullable): a clause about column @column, if it is one of paths, which
 * names a value, its folder, and the type that helps. Returns: as a #PlTypeTeller */
PlTypeTold pl_path_remark (const PlSource *source, guint column, char **text);

G_END_DECLS
