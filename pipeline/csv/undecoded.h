/* What is said of bytes that are no text. Of csv/, and of what writes rejects. */
#pragma once
#include "source.h"

G_BEGIN_DECLS

/** pl_undecoded_advice: Returns: (transfer full): of data[0 .. length), which is no UTF-8, what is wrong and what
 * helps: "row is not valid UTF-8; …". @what: "row", "the header". */
char *pl_undecoded_advice (const PlSource *source, const char *what, const char *data, gsize length);
/** pl_undecoded_mark: Returns: how long the mark is that @data begins with, for bytes that the encoding of @source
 * lacks; their hexadecimal digits are between its first byte and its last. 0: it begins with none. */
gsize pl_undecoded_mark (const PlSource *source, const char *data, gsize length);

G_END_DECLS
