/* What is said of bytes that are no text. Private to csv/. */
#pragma once
#include "source.h"

G_BEGIN_DECLS

/** pl_undecoded_advice: Returns: (transfer full): of data[0 .. length), which is no UTF-8, what is wrong and what
 * helps: "row is not valid UTF-8; …". @what: "row", "the header". */
char *pl_undecoded_advice (const PlSource *source, const char *what, const char *data, gsize length);

G_END_DECLS
