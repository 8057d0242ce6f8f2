/* The tables of the exact automaton. A row a state, a column a byte class.
 *
 * Text behind a closing quote is malformed, and libcsv has two readings of it: strict, it stops there; lax, it takes
 * the quote for a literal one and goes back into the quoted field, which then mostly runs on to the end of the file.
 * With lax-quotes we do the latter. Otherwise the record is a bad row, and so that only this row is lost, its field is
 * plain from there on: it ends with the line. */
#include "automaton.h"

#define RECORD PL_LEX_RECORD
#define FIELD PL_LEX_FIELD
#define PLAIN PL_LEX_PLAIN
#define QUOTED PL_LEX_QUOTED
#define CLOSED PL_LEX_CLOSED
#define ESCAPED PL_LEX_ESCAPED
#define COMMENT PL_LEX_COMMENT

static const guint8 transitions[PL_N_LEX_STATES][PL_N_CLASSES] = {
    /*             other    delimiter quote   escape   comment  LF       CR */
    [RECORD] = {PLAIN, FIELD, QUOTED, PLAIN, COMMENT, RECORD, RECORD},
    [FIELD] = {PLAIN, FIELD, QUOTED, PLAIN, PLAIN, RECORD, RECORD},
    [PLAIN] = {PLAIN, FIELD, PLAIN, PLAIN, PLAIN, RECORD, RECORD},
    [QUOTED] = {QUOTED, QUOTED, CLOSED, ESCAPED, QUOTED, QUOTED, QUOTED},
    [CLOSED] = {QUOTED, FIELD, QUOTED, ESCAPED, QUOTED, RECORD, RECORD},
    [ESCAPED] = {QUOTED, QUOTED, QUOTED, QUOTED, QUOTED, QUOTED, QUOTED},
    [COMMENT] = {COMMENT, COMMENT, COMMENT, COMMENT, COMMENT, RECORD, RECORD},
};

void
pl_automaton_init (PlAutomaton *automaton, const PlDialect *dialect)
{
  guint8 *classes = automaton->classes;
  memset (classes, PL_CLASS_OTHER, sizeof automaton->classes);
  if (dialect->comment != 0)
    classes[(guint8) dialect->comment] = PL_CLASS_COMMENT;
  if (dialect->quote != 0 && dialect->escape != 0)
    classes[(guint8) dialect->escape] = PL_CLASS_ESCAPE;
  if (dialect->quote != 0)
    classes[(guint8) dialect->quote] = PL_CLASS_QUOTE;
  classes[(guint8) dialect->delimiter] = PL_CLASS_DELIMITER;
  classes['\n'] = PL_CLASS_LF;
  classes['\r'] = PL_CLASS_CR;
  memcpy (automaton->next, transitions, sizeof transitions);
  if (!dialect->lax_quotes)
    automaton->next[CLOSED][PL_CLASS_OTHER] = automaton->next[CLOSED][PL_CLASS_ESCAPE]
        = automaton->next[CLOSED][PL_CLASS_COMMENT] = PLAIN;
  for (guint i = 0; i < sizeof automaton->rows; i++)
    automaton->rows[i] = (guint8) (automaton->next[i / PL_N_CLASSES][i % PL_N_CLASSES] * PL_N_CLASSES);
}
