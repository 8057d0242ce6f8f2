/* Owner, mode and extended attributes of a file that is replaced. */
#pragma once
#include "output-private.h"

G_BEGIN_DECLS

/** pl_output_dress: gives the temporary the owner, attributes, access list and mode of the file that it will replace,
 * or those of a new file. */
gboolean pl_output_dress (PlOutput *output, GError **error);

G_END_DECLS
