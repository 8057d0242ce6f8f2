/* What reads a text as a number: a style of the source, or an expression. Private to csv/. */
#pragma once
#include "cure.h"

G_BEGIN_DECLS

/** pl_cure_by_style: a style of numbers, where others keep theirs. Returns: whether there is one, which is added to
 * @text then. */
gboolean pl_cure_by_style (GString *text, PlCure *it);
/** pl_cure_by_expression: an expression that makes a number of one with a unit, a sign of money, a minus that is none,
 * or of a style that the others do not have. Returns: as pl_cure_by_style() */
gboolean pl_cure_by_expression (GString *text, PlCure *it);

G_END_DECLS
