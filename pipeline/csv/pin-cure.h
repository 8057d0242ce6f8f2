/* Which key of a source helps against a value that a pin does not take, by what the value looks like. */
#pragma once
#include "source.h"

G_BEGIN_DECLS

/** pl_pin_cure: Returns: (transfer full): what to do about @value, which the pin of @column does not take: half a
 * sentence that begins with ";" or ":". */
char *pl_pin_cure (const PlSource *source, guint column, const char *value);

G_END_DECLS
