/* What the bytes of one source mean: separators, quotes, nulls, number and date habits. */
#pragma once
#include "../table/parse.h"

G_BEGIN_DECLS

/* The most bytes that a delimiter and that a comment's beginning may have. */
#define PL_DELIMITER_MOST 12
#define PL_COMMENT_MOST 8

typedef enum
{
  PL_LINE_END_ANY,  /* LF, CR LF, or CR */
  PL_LINE_END_LF,   /* LF or CR LF; another CR is text */
  PL_LINE_END_CRLF, /* CR LF alone; other LFs and CRs are text */
} PlLineEnd;

typedef struct
{
  char *text; /* see pl_parse_formatted() */
  PlFormatShape shape;
} PlDateFormat;

typedef struct
{
  char delimiter; /* default ','; the first byte where there are several; ' ' where runs of blanks delimit */
  char quote;     /* default '"'; 0: quotes mean nothing */
  char escape;    /* default: the quote, doubled; another character stands before a quote or itself inside quotes */
  char separator[PL_DELIMITER_MOST + 1]; /* the whole delimiter where it has several bytes; else "" */
  char comment[PL_COMMENT_MOST + 1]; /* "": none; else a record that begins with it, blanks before it aside, is skipped
                                        to the line's end */
  gboolean blanks;      /* runs of spaces and tabs delimit; those at the ends of a record mean nothing; implies trim */
  PlLineEnd line_end;   /* what ends a record outside quotes */
  gboolean lax_quotes;  /* text behind a closing quote belongs to the field, up to its delimiter, as it stands; instead
                           of making a bad row */
  gboolean blank_rows;  /* blank-lines = row: an empty line is a record with one empty field */
  gboolean trim;        /* spaces and tabs around fields are dropped, quoted or not; a line of nothing else is blank */
  gboolean fills_short; /* short-rows = null: fields that a record lacks are empty */
  gboolean cuts_long;   /* long-rows = cut: fields that a record has too many are dropped */
  gboolean decimal_comma;
  char thousands;             /* 0: none; dropped from numbers where it groups three digits */
  PlDateFormat *date_formats; /* in the order of the job; which of them a column has is its PlReading's affair */
  guint n_date_formats;
  GStrv true_values, false_values; /* (nullable): texts of bools, besides true and false */
  GStrv null_values; /* texts that are null besides the empty unquoted field; "" among them makes quoted empties null
                        in columns of texts, too */
} PlDialect;

/** pl_dialect_is_regular: whether the structural scan may read it: a delimiter of one byte, quote doubled or none, any
 * line end, no comments. */
gboolean pl_dialect_is_regular (const PlDialect *dialect);
/** pl_dialect_is_space: whether @byte is a blank that trim drops. */
static inline gboolean
pl_dialect_is_space (const PlDialect *dialect, char byte)
{
  return (byte == ' ' || byte == '\t') && (byte != dialect->delimiter || dialect->blanks);
}

/** pl_dialect_is_blank: whether a line of data[0 .. length), line end left out, is blank and thereby no record. */
gboolean pl_dialect_is_blank (const PlDialect *dialect, const char *data, gsize length);
/** pl_dialect_writes_plain: whether an unquoted field of this dialect without a quote in it earns PL_TEXT_PLAIN. */
gboolean pl_dialect_writes_plain (const PlDialect *dialect);

G_END_DECLS
