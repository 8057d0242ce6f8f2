/* How an input or output is compressed: the one list of what there is, what it is called and how it is recognised. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  PL_COMPRESSION_AUTO,
  PL_COMPRESSION_NONE,
  PL_COMPRESSION_GZIP,
  PL_COMPRESSION_ZSTD,
  PL_COMPRESSION_BZIP2,
  PL_COMPRESSION_XZ,
  PL_COMPRESSION_LZ4,
  PL_COMPRESSION_ZIP, /* of a whole source: its files are members of archives; of none of these, and of no output */
} PlCompression;

/* Bytes of a file that tell. */
#define PL_COMPRESSION_HEAD 10

/** pl_compression_names: Returns: (transfer none) (array zero-terminated=1): what they are called in job files, in the
 * order of the enumeration. */
const char *const *pl_compression_names (void);
/** pl_compression_names_written: Returns: (transfer none) (array zero-terminated=1): the same of those that an output
 * may have. */
const char *const *pl_compression_names_written (void);
/** pl_compression_by_path: Returns: what the ending of @path says, in any case: ".gz"; PL_COMPRESSION_NONE: nothing. */
PlCompression pl_compression_by_path (const char *path);
/** pl_compression_stem: Returns: how many bytes of @path stand before that ending; all of them without one. */
gsize pl_compression_stem (const char *path);
/** pl_compression_by_head: Returns: what the first bytes of a file show.
 * @length: how many there are: less than PL_COMPRESSION_HEAD only of a shorter file
 * @name: decides where a file is so short, or begins in such a way, that its bytes do not. */
PlCompression pl_compression_by_head (const guint8 *head, gsize length, const char *name);

G_END_DECLS
