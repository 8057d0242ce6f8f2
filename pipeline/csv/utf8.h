/* Whether bytes are UTF-8 without NULs. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  PL_UTF8_VALID,
  PL_UTF8_NUL,
  PL_UTF8_INVALID
} PlUtf8;

/** pl_utf8_check: by Unicode table 3-7 (no overlong forms, surrogates, or code points beyond U+10FFFF).
 * Returns: what is wrong first, if anything. */
PlUtf8 pl_utf8_check (const char *data, gsize length);

G_END_DECLS
