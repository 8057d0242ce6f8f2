/* How an input or output is compressed. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  PL_COMPRESSION_AUTO,
  PL_COMPRESSION_NONE,
  PL_COMPRESSION_GZIP,
  PL_COMPRESSION_ZSTD
} PlCompression;

G_END_DECLS
