/* What the bytes of one source mean: separators, quotes, nulls, number and date habits. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char delimiter; /* default ',' */
  char quote;     /* default '"'; 0: quotes mean nothing */
  char escape;    /* default: the quote, doubled; another character stands before a quote or itself inside quotes */
  char comment;   /* 0: none; else a record whose first byte it is, is skipped to the line's end */
  gboolean lax_quotes; /* text behind a closing quote is kept as libcsv reads it, instead of making a bad row */
  gboolean blank_rows; /* blank-lines = row: an empty line is a record with one empty field */
  gboolean trim;       /* outer spaces and tabs of unquoted fields are dropped */
  gboolean decimal_comma;
  char thousands;    /* 0: none; dropped from numbers where it groups three digits */
  char *date_format; /* (nullable): see pl_parse_formatted(); replaces ISO for inference and for pinned dates and
                        timestamps */
  GStrv null_values; /* texts that are null besides the empty unquoted field; "" among them makes quoted empties null
                        too */
} PlDialect;

/** pl_dialect_is_regular: whether the structural scan may read it: quote doubled or none, no comment character. */
gboolean pl_dialect_is_regular (const PlDialect *dialect);
/** pl_dialect_writes_plain: whether an unquoted field of this dialect without a quote in it earns PL_TEXT_PLAIN. */
gboolean pl_dialect_writes_plain (const PlDialect *dialect);
/** pl_dialect_keeps_text: FALSE where numbers or dates must be rewritten to be understood elsewhere (decimal-comma,
 * thousands, date-format). */
gboolean pl_dialect_keeps_text (const PlDialect *dialect);

G_END_DECLS
