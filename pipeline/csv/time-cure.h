/* What reads a text as a date. Private to csv/. */
#pragma once
#include "cure.h"

G_BEGIN_DECLS

/** pl_cure_by_format: formats of dates. Returns: whether there is one, which is added to @text then. */
gboolean pl_cure_by_format (GString *text, PlCure *it);
/** pl_cure_by_digits: the same for digits alone, which are years, or seconds since 1970. */
gboolean pl_cure_by_digits (GString *text, PlCure *it);

G_END_DECLS
