/* The exact automaton of records and fields: libcsv's (no space function, CR and LF end records; text behind a closing
 * quote: see automaton.c), and beyond it an escape character, comment lines, and no quote character. About 1.5 ns a
 * byte: for irregular stretches and for what the scan cannot do. */
#pragma once
#include "boundary.h"
#include <string.h>

G_BEGIN_DECLS

typedef enum
{
  PL_CLASS_OTHER,
  PL_CLASS_DELIMITER,
  PL_CLASS_QUOTE,
  PL_CLASS_ESCAPE, /* where it is not the quote */
  PL_CLASS_COMMENT,
  PL_CLASS_LF,
  PL_CLASS_CR,
} PlByteClass;

/* A power of two, so that a state's row is found by a shift. */
#define PL_N_CLASSES 8

#define PL_N_LEX_STATES (PL_LEX_COMMENT + 1)

typedef struct
{
  guint8 classes[256];
  guint8 next[PL_N_LEX_STATES][PL_N_CLASSES];
  guint8 rows[PL_N_LEX_STATES
              * PL_N_CLASSES]; /* the same, with state * PL_N_CLASSES for state: one addition less a byte */
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
  gboolean after_cr = point->after_cr;
  for (gsize i = 0; i < length; i++)
    {
      guint8 kind = automaton->classes[(guint8) data[i]];
      row = automaton->rows[row + kind];
      if (G_UNLIKELY (kind >= PL_CLASS_LF))
        lines += kind == PL_CLASS_CR || !(i > 0 ? data[i - 1] == '\r' : after_cr);
    }
  point->state = (guint8) (row / PL_N_CLASSES);
  point->line += lines;
  if (length > 0)
    point->after_cr = data[length - 1] == '\r';
}

G_END_DECLS
