/* What other tools call the functions, stages and keys that there are here: SQL, pandas, Polars, dplyr and others. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_words_meaning: Returns: (transfer none) (nullable): which of @candidates, ended by %NULL, @name is elsewhere: of
 * avg, mean. Case, and - and _, do not count. */
const char *pl_words_meaning (const char *name, const char *const *candidates);
/** pl_words_advice: Returns: (nullable): what to do in place of calling a function @name, which is called so elsewhere
 * and has none here that is like it: half a sentence. */
const char *pl_words_advice (const char *name);

G_END_DECLS
