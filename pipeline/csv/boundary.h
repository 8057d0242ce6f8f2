/* Where records begin in a block that starts anywhere, exactly, also inside quotes, with blocks surveyed in parallel.
 *
 *   worker A  block 0  survey ──► resolve(start of file) ──► end point ─┐
 *   worker B  block 1  survey (at the same time) ────► resolve(◄────────┘) ──► end point ─┐
 *   worker A  block 2  survey …
 *
 * A lex point says what libcsv would be in the middle of, between two bytes. The survey is the parallel part: it
 * counts quotes and lines and checks, for both possible quote parities at its start, that every quote opens
 * at a field's start and closes at a field's end; then the end point follows from the start point in O(1), because
 * quote parity is an XOR. Where the check fails (stray quotes) or the dialect is not regular, resolve walks the
 * block with the exact automaton, and the blocks behind it wait. Nothing is guessed, so nothing is redone. */
#pragma once
#include "dialect.h"

G_BEGIN_DECLS

typedef enum
{
  PL_LEX_RECORD,  /* at the start of a record */
  PL_LEX_FIELD,   /* at the start of a field that is not the record's first */
  PL_LEX_PLAIN,   /* in an unquoted field */
  PL_LEX_QUOTED,  /* in a quoted field */
  PL_LEX_CLOSED,  /* behind a quote in a quoted field: its end, or the first half of "" */
  PL_LEX_ESCAPED, /* in a quoted field behind the escape character */
  PL_LEX_COMMENT, /* in a comment line */
  PL_LEX_INDENT,  /* in blanks that begin a record; with trim, comments or blanks as the delimiter */
  PL_LEX_MARGIN,  /* in blanks that begin another field; with trim */
  PL_LEX_BEHIND,  /* in blanks behind a closing quote; with trim */
  PL_LEX_GAP,     /* in blanks that delimit, unless the line ends */
  /* Behind a CR that ends no line unless an LF follows: */
  PL_LEX_CR_RECORD,  /* in nothing but blanks */
  PL_LEX_CR_PLAIN,   /* in an unquoted field */
  PL_LEX_CR_CLOSED,  /* behind a closing quote */
  PL_LEX_CR_GAP,     /* in blanks that delimit */
  PL_LEX_CR_COMMENT, /* in a comment line */
  PL_LEX_PARTS, /* from here on: within a delimiter of several bytes, or within what may begin a comment: automaton.c */
} PlLexState;

typedef struct
{
  guint8 state;    /* PlLexState, or one of the automaton's from PL_LEX_PARTS on */
  guint8 after_cr; /* the byte before was a CR, which has been counted as a line end: an LF now belongs to it */
  guint64 line;    /* 1-based number of the line the point is in */
} PlLexPoint;

typedef struct
{
  gboolean regular[2]; /* by quote parity at the start: 0 outside, 1 inside quotes */
  guint8 parity;       /* XOR of all quotes */
  guint64 lines;       /* line ends in the block, a leading LF counted */
  gboolean leading_lf;
  gint before, last; /* bytes: before the block (-1: none), and its last */
} PlSurvey;

/** pl_csv_survey: @before: the byte before the block, -1 at the start of the file. @data needs 64 readable bytes behind
 * @length. */
void pl_csv_survey (const PlDialect *dialect, const char *data, gsize length, gint before, PlSurvey *survey);
/** pl_csv_resolve: the lex point behind the block, from the one before it. */
PlLexPoint pl_csv_resolve (const PlDialect *dialect, const PlSurvey *survey, const char *data, gsize length,
                           PlLexPoint start);
/** pl_csv_first_record: where the first record starting in [0, length) begins, and its point.
 * Returns: @length when none does. */
gsize pl_csv_first_record (const PlDialect *dialect, const char *data, gsize length, PlLexPoint start,
                           PlLexPoint *point);
/** pl_csv_record_end: from @start at data[0], the offset just behind the end of the record that is open there (its line
 * end included; 0 when @start is PL_LEX_RECORD).
 * Returns: %FALSE when it does not end within @length; @start is then moved there, for the next piece. */
gboolean pl_csv_record_end (const PlDialect *dialect, const char *data, gsize length, PlLexPoint *start, gsize *end);
/** pl_csv_last_record: for inputs read in sequence: the offset behind the last whole record of @data, which starts at a
 * record. 0: none. A CR that ends @data is not the end of a record yet, because an LF may follow. @point: (inout): of
 * data[0]; moved to the offset returned. @data needs 64 readable bytes behind @length. */
gsize pl_csv_last_record (const PlDialect *dialect, const char *data, gsize length, PlLexPoint *point);

G_END_DECLS
