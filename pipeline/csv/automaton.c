/* The tables of the exact automaton: a row a state, a column a byte class.
 *
 * Text behind a closing quote is malformed, and readers differ in what they make of it. Here its field is plain from
 * there on, as Python, pandas and DuckDB have it: it ends with its delimiter or with the line. With lax-quotes that is
 * its text; otherwise the record is a bad row, and only this row is lost.
 *
 * A delimiter of several bytes is found as Knuth, Morris and Pratt find a word: states say how many bytes of it have
 * been seen. So the leftmost one counts, wherever blocks are cut. */
#include "automaton.h"

#define RECORD PL_LEX_RECORD
#define FIELD PL_LEX_FIELD
#define PLAIN PL_LEX_PLAIN
#define QUOTED PL_LEX_QUOTED
#define CLOSED PL_LEX_CLOSED
#define ESCAPED PL_LEX_ESCAPED
#define COMMENT PL_LEX_COMMENT
#define INDENT PL_LEX_INDENT
#define MARGIN PL_LEX_MARGIN
#define BEHIND PL_LEX_BEHIND
#define GAP PL_LEX_GAP
#define CR_RECORD PL_LEX_CR_RECORD
#define CR_PLAIN PL_LEX_CR_PLAIN
#define CR_CLOSED PL_LEX_CR_CLOSED
#define CR_GAP PL_LEX_CR_GAP
#define CR_COMMENT PL_LEX_CR_COMMENT

/* Those before PL_CLASS_PARTS, and the line ends. */
#define N_BASE_CLASSES (PL_CLASS_PARTS + 2)

/* With trim, without comments, and where any line end counts; pl_automaton_init() changes what else a dialect says. */
static const guint8 transitions[PL_LEX_PARTS][N_BASE_CLASSES] = {
    /*             other    delimiter quote   escape   blank    return      LF       CR */
    [RECORD] = {PLAIN, FIELD, QUOTED, PLAIN, INDENT, CR_RECORD, RECORD, RECORD},
    [FIELD] = {PLAIN, FIELD, QUOTED, PLAIN, MARGIN, CR_PLAIN, RECORD, RECORD},
    [PLAIN] = {PLAIN, FIELD, PLAIN, PLAIN, PLAIN, CR_PLAIN, RECORD, RECORD},
    [QUOTED] = {QUOTED, QUOTED, CLOSED, ESCAPED, QUOTED, QUOTED, QUOTED, QUOTED},
    [CLOSED] = {PLAIN, FIELD, QUOTED, PLAIN, BEHIND, CR_CLOSED, RECORD, RECORD},
    [ESCAPED] = {QUOTED, QUOTED, QUOTED, QUOTED, QUOTED, QUOTED, QUOTED, QUOTED},
    [COMMENT] = {COMMENT, COMMENT, COMMENT, COMMENT, COMMENT, CR_COMMENT, RECORD, RECORD},
    [INDENT] = {PLAIN, FIELD, QUOTED, PLAIN, INDENT, CR_RECORD, RECORD, RECORD},
    [MARGIN] = {PLAIN, FIELD, QUOTED, PLAIN, MARGIN, CR_PLAIN, RECORD, RECORD},
    [BEHIND] = {PLAIN, FIELD, PLAIN, PLAIN, BEHIND, CR_CLOSED, RECORD, RECORD},
    [GAP] = {PLAIN, FIELD, QUOTED, PLAIN, GAP, CR_GAP, RECORD, RECORD},
    [CR_RECORD] = {PLAIN, FIELD, PLAIN, PLAIN, PLAIN, CR_PLAIN, RECORD, RECORD},
    [CR_PLAIN] = {PLAIN, FIELD, PLAIN, PLAIN, PLAIN, CR_PLAIN, RECORD, RECORD},
    [CR_CLOSED] = {PLAIN, FIELD, PLAIN, PLAIN, PLAIN, CR_PLAIN, RECORD, RECORD},
    [CR_GAP] = {PLAIN, FIELD, PLAIN, PLAIN, GAP, CR_PLAIN, RECORD, RECORD},
    [CR_COMMENT] = {COMMENT, COMMENT, COMMENT, COMMENT, COMMENT, CR_COMMENT, RECORD, RECORD},
};

static void
set_all (PlAutomaton *automaton, PlByteClass class, const guint8 *states, guint n, guint8 next)
{
  for (guint i = 0; i < n; i++)
    automaton->next[states[i]][class] = next;
}

#define SET_ALL(automaton, class, next, ...)                                                                           \
  set_all (automaton, class, (const guint8[]){__VA_ARGS__}, sizeof ((const guint8[]){__VA_ARGS__}), next)

/* Blanks that mean nothing special, or delimit. */
static void
set_blanks (PlAutomaton *automaton, const PlDialect *dialect)
{
  if (dialect->blanks)
    SET_ALL (automaton, PL_CLASS_BLANK, GAP, PLAIN, CLOSED, CR_RECORD, CR_PLAIN, CR_CLOSED);
  else if (!dialect->trim)
    {
      SET_ALL (automaton, PL_CLASS_BLANK, PLAIN, FIELD, CLOSED);
      automaton->next[INDENT][PL_CLASS_QUOTE] = PLAIN;
    }
  if (!dialect->trim && dialect->comment[0] == '\0')
    automaton->next[RECORD][PL_CLASS_BLANK] = PLAIN;
}

/* An LF without a CR is text, or every CR without an LF is. */
static void
set_line_ends (PlAutomaton *automaton, PlLineEnd line_end)
{
  if (line_end == PL_LINE_END_LF)
    automaton->next[COMMENT][PL_CLASS_RETURN] = COMMENT;
  if (line_end == PL_LINE_END_CRLF)
    {
      SET_ALL (automaton, PL_CLASS_LF, PLAIN, RECORD, FIELD, PLAIN, CLOSED, INDENT, MARGIN, BEHIND);
      automaton->next[COMMENT][PL_CLASS_LF] = COMMENT;
    }
}

/* The class of @byte, of which bytes of one meaning have one: it means what any other byte does, until more is said. */
static guint8
own_class (PlAutomaton *automaton, char byte)
{
  guint8 *class = &automaton->classes[(guint8) byte];
  if (*class >= PL_CLASS_PARTS && *class < PL_CLASS_LF)
    return *class;
  *class = automaton->n_parts++ + PL_CLASS_PARTS;
  for (guint state = 0; state < automaton->n_states; state++)
    automaton->next[state][*class] = automaton->next[state][PL_CLASS_OTHER];
  return *class;
}

static guint8
new_state (PlAutomaton *automaton, guint8 like)
{
  guint8 state = automaton->n_states++;
  memcpy (automaton->next[state], automaton->next[like], sizeof automaton->next[state]);
  return state;
}

/* How much of @word's beginning its first @seen bytes and @byte end with. */
static gsize
overlap (const char *word, gsize seen, char byte)
{
  for (gsize n = seen; n > 0; n--)
    if (word[n - 1] == byte && memcmp (word, word + seen - (n - 1), n - 1) == 0)
      return n;
  return 0;
}

/* States within a delimiter of several bytes: in plain text, and behind a closing quote. */
static void
add_separator (PlAutomaton *automaton, const char *word)
{
  static const guint8 in_text[] = {RECORD, FIELD, PLAIN, INDENT, MARGIN, CR_RECORD, CR_PLAIN, CR_CLOSED},
                      at_end[] = {CLOSED, BEHIND};
  gsize n = strlen (word);
  guint8 classes[PL_DELIMITER_MOST], plain[PL_DELIMITER_MOST + 1], closed[PL_DELIMITER_MOST + 1];
  for (gsize i = 0; i < n; i++)
    classes[i] = own_class (automaton, word[i]);
  for (gsize i = 1; i < n; i++)
    {
      plain[i] = new_state (automaton, PLAIN);
      closed[i] = new_state (automaton, PLAIN);
    }
  plain[n] = closed[n] = FIELD;
  set_all (automaton, classes[0], in_text, sizeof in_text, plain[1]);
  set_all (automaton, classes[0], at_end, sizeof at_end, closed[1]);
  for (gsize seen = 1; seen < n; seen++)
    {
      for (gsize i = 0; i < n; i++)
        {
          gsize left = overlap (word, seen, word[i]);
          guint8 next = left > 0 ? plain[left] : PLAIN;
          automaton->next[plain[seen]][classes[i]] = automaton->next[closed[seen]][classes[i]] = next;
        }
      automaton->next[plain[seen]][classes[seen]] = plain[seen + 1];
      automaton->next[closed[seen]][classes[seen]] = closed[seen + 1];
      automaton->is_closed[closed[seen]] = TRUE;
    }
}

/* States within what begins a comment; what turns out to be none is plain text. */
static void
add_comment (PlAutomaton *automaton, const char *word)
{
  gsize n = strlen (word);
  guint8 from[2] = {RECORD, INDENT};
  for (gsize i = 0; i < n; i++)
    {
      guint8 class = own_class (automaton, word[i]), next = i + 1 < n ? new_state (automaton, PLAIN) : COMMENT;
      set_all (automaton, class, from, sizeof from, next);
      from[0] = from[1] = next;
    }
}

void
pl_automaton_init (PlAutomaton *automaton, const PlDialect *dialect)
{
  guint8 *classes = automaton->classes;
  memset (classes, PL_CLASS_OTHER, sizeof automaton->classes);
  memset (automaton->is_closed, 0, sizeof automaton->is_closed);
  automaton->width = dialect->separator[0] != '\0' ? strlen (dialect->separator) : 1;
  automaton->n_parts = 0;
  automaton->n_states = PL_LEX_PARTS;
  if (dialect->trim || dialect->blanks || dialect->comment[0] != '\0')
    classes[' '] = classes['\t'] = PL_CLASS_BLANK;
  if (dialect->quote != 0 && dialect->escape != 0)
    classes[(guint8) dialect->escape] = PL_CLASS_ESCAPE;
  if (dialect->quote != 0)
    classes[(guint8) dialect->quote] = PL_CLASS_QUOTE;
  if (dialect->separator[0] == '\0' && !dialect->blanks)
    classes[(guint8) dialect->delimiter] = PL_CLASS_DELIMITER;
  classes['\n'] = PL_CLASS_LF;
  classes['\r'] = dialect->line_end == PL_LINE_END_ANY ? PL_CLASS_CR : PL_CLASS_RETURN;
  for (guint i = 0; i < PL_LEX_PARTS; i++)
    {
      memcpy (automaton->next[i], transitions[i], PL_CLASS_PARTS);
      automaton->next[i][PL_CLASS_LF] = transitions[i][PL_CLASS_PARTS];
      automaton->next[i][PL_CLASS_CR] = transitions[i][PL_CLASS_PARTS + 1];
    }
  automaton->is_closed[CLOSED] = automaton->is_closed[BEHIND] = automaton->is_closed[CR_CLOSED] = TRUE;
  set_blanks (automaton, dialect);
  set_line_ends (automaton, dialect->line_end);
  if (dialect->separator[0] != '\0')
    add_separator (automaton, dialect->separator);
  if (dialect->comment[0] != '\0')
    add_comment (automaton, dialect->comment);
  for (guint i = 0; i < automaton->n_states; i++)
    for (guint j = 0; j < PL_N_CLASSES; j++)
      automaton->rows[i * PL_N_CLASSES + j] = (guint16) (automaton->next[i][j] * PL_N_CLASSES);
}

PlRecordWalk
pl_automaton_record (const PlAutomaton *automaton, const PlDialect *dialect, const char *data, gsize length,
                     gsize start, PlLexPoint *point)
{
  guint8 before = RECORD;
  gsize p = start;
  gboolean is_whole = FALSE;
  for (; p < length && !is_whole; p++)
    {
      before = point->state;
      pl_automaton_step (automaton, point, data[p]);
      is_whole = point->state == RECORD;
    }
  PlRecordWalk walk = {.end = p - is_whole, .next = p, .is_whole = is_whole};
  guint8 last = is_whole ? before : point->state;
  walk.is_unclosed = last == QUOTED || last == ESCAPED;
  if (is_whole && point->after_cr && p == length)
    walk.is_whole = FALSE;
  else if (is_whole && point->after_cr && data[p] == '\n')
    pl_automaton_step (automaton, point, data[walk.next++]);
  else if (is_whole && walk.end > start && data[walk.end] == '\n' && data[walk.end - 1] == '\r')
    walk.end--;
  walk.is_record = last != COMMENT && last != CR_COMMENT && walk.next > start
                   && (walk.is_unclosed || !pl_dialect_is_blank (dialect, data + start, walk.end - start));
  return walk;
}
