/* The exact automaton of records and fields: libcsv's (no space function, CR and LF end records), and beyond it what
 * else a dialect may say: an escape character, comment lines, no quote character, delimiters of several bytes, runs of
 * blanks, blanks around quotes, one kind of line end. Text behind a closing quote: see automaton.c. About 1.5 ns a
 * byte: for irregular stretches and for what the scan cannot do. */
#pragma once
#include "boundary.h"
#include <string.h>

G_BEGIN_DECLS

typedef enum
{
  PL_CLASS_OTHER,
  PL_CLASS_DELIMITER, /* of one byte */
  PL_CLASS_QUOTE,
  PL_CLASS_ESCAPE, /* where it is not the quote */
  PL_CLASS_BLANK,  /* where blanks mean anything */
  PL_CLASS_RETURN, /* a CR that ends no line by itself */
  PL_CLASS_PARTS,  /* from here on, one for each byte of a delimiter of several and of what begins a comment */
  PL_CLASS_LF = 30,
  PL_CLASS_CR,
} PlByteClass;

/* A power of two, so that a state's row is found by a shift. */
#define PL_N_CLASSES 32

/* Within a delimiter, in plain text and behind a quote, and within what begins a comment. */
#define PL_N_LEX_STATES (PL_LEX_PARTS + 2 * (PL_DELIMITER_MOST - 1) + PL_COMMENT_MOST - 1)
G_STATIC_ASSERT (PL_CLASS_PARTS + PL_DELIMITER_MOST + PL_COMMENT_MOST <= PL_CLASS_LF);

typedef struct
{
  guint8 classes[256];
  guint8 next[PL_N_LEX_STATES][PL_N_CLASSES];
  guint16 rows[PL_N_LEX_STATES
               * PL_N_CLASSES];      /* the same, with state * PL_N_CLASSES for state: one addition less a byte */
  guint8 is_closed[PL_N_LEX_STATES]; /* a quoted field is closed, and may end here */
  gsize width;                       /* bytes of the delimiter */
  guint8 n_states, n_parts;
} PlAutomaton;

/** pl_automaton_init: the tables of @dialect. */
void pl_automaton_init (PlAutomaton *automaton, const PlDialect *dialect);

/** pl_automaton_step: moves @point over @byte. */
static inline void
pl_automaton_step (const PlAutomaton *automaton, PlLexPoint *point, char byte)
{
  guint8 kind = automaton->classes[(guint8) byte];
  point->state = automaton->next[point->state][kind];
  if (kind >= PL_CLASS_LF)
    point->line += kind == PL_CLASS_CR || !point->after_cr;
  point->after_cr = kind == PL_CLASS_CR;
}

/** pl_automaton_walk: moves @point over @length bytes. */
static inline void
pl_automaton_walk (const PlAutomaton *automaton, const char *data, gsize length, PlLexPoint *point)
{
  gsize row = point->state * (gsize) PL_N_CLASSES;
  guint64 lines = 0;
  gboolean after_cr = point->after_cr, counts_cr = automaton->classes[(guint8) '\r'] == PL_CLASS_CR;
  for (gsize i = 0; i < length; i++)
    {
      guint8 kind = automaton->classes[(guint8) data[i]];
      row = automaton->rows[row + kind];
      if (G_UNLIKELY (kind >= PL_CLASS_LF))
        lines += kind == PL_CLASS_CR || !(i > 0 ? counts_cr && data[i - 1] == '\r' : after_cr);
    }
  point->state = (guint8) (row / PL_N_CLASSES);
  point->line += lines;
  if (length > 0)
    point->after_cr = counts_cr && data[length - 1] == '\r';
}

/* Where the field begins that a walk is in, and, behind it, the blanks that may delimit it. */
typedef struct
{
  gsize start, gap;
} PlFieldWalk;

/** pl_automaton_field: of the byte at @p, which leads from @state to @next.
 * Returns: whether a field has ended there, or before it; not the last one of a record. @end: its end; @walk is at the
 * next one then. */
static inline gboolean
pl_automaton_field (const PlAutomaton *automaton, PlFieldWalk *walk, guint8 state, guint8 next, gsize p, gsize *end)
{
  if (next == PL_LEX_FIELD)
    {
      *end = p + 1 - automaton->width;
      walk->start = p + 1;
      return TRUE;
    }
  gboolean in_gap = state == PL_LEX_GAP || state == PL_LEX_CR_GAP;
  if (G_LIKELY (!in_gap && next != PL_LEX_GAP))
    return FALSE;
  gsize gap = walk->gap;
  if (next == PL_LEX_GAP && state != PL_LEX_GAP)
    walk->gap = p;
  if (!in_gap || next == PL_LEX_RECORD || (state == PL_LEX_GAP && (next == PL_LEX_GAP || next == PL_LEX_CR_GAP)))
    return FALSE;
  *end = gap;
  walk->start = p - (state == PL_LEX_CR_GAP);
  return TRUE;
}

/* What stands at the start of a record. */
typedef struct
{
  gsize end;            /* behind it, line end left out */
  gsize next;           /* where the next one begins */
  gboolean is_record;   /* no blank line, no comment */
  gboolean is_unclosed; /* a quote is open where the data end */
  gboolean is_whole;    /* its line end is there, and does not go on behind the data */
} PlRecordWalk;

/** pl_automaton_record: moves @point, which is at the start of a record at data[start], to where the next one begins,
 * or to the end of the data. */
PlRecordWalk pl_automaton_record (const PlAutomaton *automaton, const PlDialect *dialect, const char *data,
                                  gsize length, gsize start, PlLexPoint *point);

/** pl_automaton_shows_tail: Returns: whether a byte of class @kind, which leads from @state to @next, is text behind a
 * closing quote, or ends such text. */
static inline gboolean
pl_automaton_shows_tail (const PlAutomaton *automaton, guint8 state, guint8 kind, guint8 next)
{
  if (G_LIKELY (!automaton->is_closed[state]) || automaton->is_closed[next])
    return FALSE;
  if (state == PL_LEX_CR_CLOSED)
    return next != PL_LEX_RECORD;
  if (next == PL_LEX_FIELD)
    return FALSE;
  if (next == PL_LEX_RECORD)
    return state >= PL_LEX_PARTS;
  return next != PL_LEX_GAP && (kind != PL_CLASS_QUOTE || state != PL_LEX_CLOSED);
}

/** pl_automaton_ends_in_tail: Returns: whether there is text behind a closing quote where the data end in @state. */
static inline gboolean
pl_automaton_ends_in_tail (const PlAutomaton *automaton, guint8 state)
{
  return automaton->is_closed[state] && (state >= PL_LEX_PARTS || state == PL_LEX_CR_CLOSED);
}

G_END_DECLS
