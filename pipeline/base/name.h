/* Names of columns as headers have them, where characters in them are not seen. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_name_clean: Returns: (transfer full): @name without blanks and what is not seen around it; line ends in it, with
 * the blanks there, become one blank. */
char *pl_name_clean (const char *name);
/** pl_name_nearest: Returns: (transfer none) (nullable): the name among @names, which %NULL ends, that is @name but for
 * blanks and what is not seen, or else the one that pl_suggest() gives. */
const char *pl_name_nearest (const char *name, const char *const *names);
/** pl_name_list: Returns: (transfer full): @names, which %NULL ends, behind commas; in quotes, where what is not seen
 * begins or ends one, or a comma is in it. */
char *pl_name_list (const char *const *names);
/** pl_name_suggest: Returns: (transfer full): "did you mean 'NAME'?" of the column @nearest; where something in its
 * name is not seen, what that is and which key helps. */
char *pl_name_suggest (const char *nearest);

G_END_DECLS
