/* What an output format is: one const descriptor in one file, one line in registry.c.
 *
 * Rows are formatted by the workers, a batch at a time, into the block's buffer; the writer puts the buffers in order.
 * A format that must see every row before its first byte (aligned tables) writes cells in a private form and lays them
 * out at the end. */
#pragma once
#include "../base/buffer.h"
#include "../table/batch.h"
#include "../table/schema.h"

G_BEGIN_DECLS

typedef struct PlFormat PlFormat;

typedef struct
{
  const PlFormat *format;
  gboolean header;          /* default TRUE */
  char delimiter;           /* csv: ',', tsv: TAB */
  char *null_text;          /* "" */
  char *float_format;       /* (nullable): checked with pl_float_format_check() */
  gboolean decimal_comma;   /* floats and decimals have a comma in place of the point */
  char *date_format;        /* (nullable): of dates; checked with pl_print_format_check() */
  char *timestamp_format;   /* (nullable): the same of timestamps */
  gboolean crlf;            /* lines end so */
  gboolean has_mark;        /* a byte order mark comes first */
  gboolean escape_formulas; /* texts that spreadsheets would compute get an apostrophe in front */
  enum
  {
    PL_QUOTING_MINIMAL,
    PL_QUOTING_ALL,
    PL_QUOTING_NONE
  } quoting;
} PlFormatOptions;

struct PlFormat
{
  const char *name;
  const char *summary;
  const char *const *endings; /* ".csv", ended by NULL */
  const char *const
      *keys;      /* the [sink] keys of the options above that it heeds; others are errors beside it; ended by NULL */
  char delimiter; /* between fields, where the sink does not say; 0: the format has none */
  gboolean takes_slices; /* rows() knows PlColumn.slices; for others the engine has them settled */
  /* NULL, or: whether columns of these names can be written as the options say.
   * Returns: %FALSE, and the key that is to blame. */
  gboolean (*check) (const PlFormatOptions *options, const PlSchema *schema, const char **key, GError **error);
  /* What of a column this format wants, a PlUse. */
  PlUse (*use) (const PlFormatOptions *options, PlType type);
  /* Before the first row; @schema of the rows. */
  void (*begin) (const PlFormatOptions *options, const PlSchema *schema, PlBuffer *out);
  /* NULL, or: whether rows can be added to the file @name, whose text begins with @begun: as much of it as a header of
   * this schema may take, and more. */
  gboolean (*append) (const PlFormatOptions *options, const PlSchema *schema, const PlBuffer *begun, const char *name,
                      GError **error);
  /* On a worker; any number at once. */
  gboolean (*rows) (const PlFormatOptions *options, PlBatch *batch, PlBuffer *out, GError **error);
  /* NULL, or: what rows() wrote, joined in order, becomes the output; then begin() is not used. */
  gboolean (*layout) (const PlFormatOptions *options, const PlSchema *schema, const PlBuffer *rows, PlBuffer *out,
                      GError **error);
};

G_END_DECLS
