/* Cures are tried before they are named: what a value would be in a column that is read another way. Private to csv/.
 */
#pragma once
#include "converter.h"
#include "source.h"

G_BEGIN_DECLS

/** pl_trial_pin: Returns: whether column @column of @source takes @data where it is pinned to @type.
 * @dialect: (nullable): in place of that of @source
 * @value: (out): what it is then */
gboolean pl_trial_pin (const PlSource *source, guint column, const PlDialect *dialect, PlType type, const char *data,
                       gsize length, PlCellValue *value);
/** pl_trial_guess: Returns: what @data is in column @column, where nobody says. */
PlGuess pl_trial_guess (const PlSource *source, guint column, const char *data, gsize length);

G_END_DECLS
