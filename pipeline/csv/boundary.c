/* Record boundaries of blocks: in O(1) from a survey where quotes are regular, by the automaton where not. */
#include "boundary.h"
#include "automaton.h"
#include "scan.h"

void
pl_csv_survey (const PlDialect *dialect, const char *data, gsize length, gint before, PlSurvey *survey)
{
  pl_scan_kernel ()->survey (dialect->delimiter, dialect->quote, data, length, before, survey);
  if (!pl_dialect_is_regular (dialect))
    survey->regular[0] = survey->regular[1] = FALSE;
}

/* Whether @survey's view of the byte before the block is what @start says: the survey takes a quote there for the end
 * of a field (or, inside quotes, for anything), which a literal quote in an unquoted field is not. */
static gboolean
look_behind_holds (const PlDialect *dialect, const PlSurvey *survey, PlLexPoint start)
{
  gboolean behind_quote = dialect->quote != 0 && survey->before == (guint8) dialect->quote;
  switch ((PlLexState) start.state)
    {
    case PL_LEX_RECORD:
    case PL_LEX_FIELD:
    case PL_LEX_PLAIN:
    case PL_LEX_INDENT:
    case PL_LEX_MARGIN:
      return !behind_quote;
    case PL_LEX_CLOSED:
      return behind_quote;
    case PL_LEX_QUOTED:
      return TRUE;
    default:
      break;
    }
  return FALSE;
}

/* The state behind data[0 .. length), which is regular and outside quotes; @start: before it, where no quote is open.
 */
static PlLexState
state_outside (const PlDialect *dialect, const char *data, gsize length, PlLexState start)
{
  gsize n = length;
  while (dialect->trim && n > 0 && pl_dialect_is_space (dialect, data[n - 1]))
    n--;
  gboolean in_blanks = n < length;
  if (n == 0 && (start == PL_LEX_INDENT || start == PL_LEX_MARGIN || start == PL_LEX_PLAIN))
    return start;
  if (n == 0 ? start == PL_LEX_RECORD : data[n - 1] == '\n' || data[n - 1] == '\r')
    return in_blanks ? PL_LEX_INDENT : PL_LEX_RECORD;
  if (n == 0 ? start == PL_LEX_FIELD : data[n - 1] == dialect->delimiter)
    return in_blanks ? PL_LEX_MARGIN : PL_LEX_FIELD;
  if (n == 0 || (dialect->quote != 0 && data[n - 1] == dialect->quote))
    return in_blanks ? PL_LEX_BEHIND : PL_LEX_CLOSED;
  return PL_LEX_PLAIN;
}

PlLexPoint
pl_csv_resolve (const PlDialect *dialect, const PlSurvey *survey, const char *data, gsize length, PlLexPoint start)
{
  if (length == 0)
    return start;
  guint parity = start.state == PL_LEX_QUOTED;
  if (survey->regular[parity] && look_behind_holds (dialect, survey, start))
    return (PlLexPoint){
        .state = (guint8) (parity ^ survey->parity ? PL_LEX_QUOTED
                                                   : state_outside (dialect, data, length, (PlLexState) start.state)),
        .after_cr = survey->last == '\r',
        .line = start.line + survey->lines - (start.after_cr && survey->leading_lf),
    };
  PlAutomaton automaton;
  pl_automaton_init (&automaton, dialect);
  pl_automaton_walk (&automaton, data, length, &start);
  return start;
}

/* Steps to behind the end of the open record, CR LF taken whole where @data has both.
 * Returns: the offset there, or @length. */
static gsize
walk_to_record (const PlAutomaton *automaton, const char *data, gsize length, PlLexPoint *point)
{
  gsize p = 0;
  while (p < length && point->state != PL_LEX_RECORD)
    pl_automaton_step (automaton, point, data[p++]);
  if (p < length && point->state == PL_LEX_RECORD && point->after_cr && data[p] == '\n')
    pl_automaton_step (automaton, point, data[p++]);
  return p;
}

gsize
pl_csv_first_record (const PlDialect *dialect, const char *data, gsize length, PlLexPoint start, PlLexPoint *point)
{
  PlAutomaton automaton;
  pl_automaton_init (&automaton, dialect);
  *point = start;
  return walk_to_record (&automaton, data, length, point);
}

gboolean
pl_csv_record_end (const PlDialect *dialect, const char *data, gsize length, PlLexPoint *start, gsize *end)
{
  if (start->state == PL_LEX_RECORD)
    {
      *end = 0;
      return TRUE;
    }
  PlAutomaton automaton;
  pl_automaton_init (&automaton, dialect);
  gsize p = walk_to_record (&automaton, data, length, start);
  if (start->state != PL_LEX_RECORD)
    return FALSE;
  *end = p;
  return TRUE;
}

/* Lines that end in data[from .. to) of a regular dialect, where data[from] does not belong to a CR LF begun before. */
static guint64
count_lines (const char *data, gsize from, gsize to)
{
  guint64 lines = 0;
  for (gsize p = from; p < to; p++)
    lines += data[p] == '\r' || (data[p] == '\n' && (p == from || data[p - 1] != '\r'));
  return lines;
}

static gsize
last_record_backwards (const PlDialect *dialect, const char *data, gsize length, guint parity)
{
  for (gsize p = length; p > 0; p--)
    {
      char c = data[p - 1];
      if (dialect->quote != 0 && c == dialect->quote)
        parity ^= 1;
      else if (parity == 0 && (c == '\n' || (c == '\r' && p < length)))
        return p;
    }
  return 0;
}

gsize
pl_csv_last_record (const PlDialect *dialect, const char *data, gsize length, PlLexPoint *point)
{
  PlSurvey survey;
  pl_csv_survey (dialect, data, length, -1, &survey);
  if (survey.regular[0])
    {
      gsize end = last_record_backwards (dialect, data, length, survey.parity);
      if (end == 0)
        return 0;
      point->line += survey.lines - count_lines (data, end, length) - (point->after_cr && survey.leading_lf);
      point->after_cr = data[end - 1] == '\r';
      return end;
    }

  PlAutomaton automaton;
  pl_automaton_init (&automaton, dialect);
  PlLexPoint walk = *point;
  gsize end = 0;
  for (gsize p = 0; p < length; p++)
    {
      pl_automaton_step (&automaton, &walk, data[p]);
      if (walk.state != PL_LEX_RECORD || (walk.after_cr && (p + 1 == length || data[p + 1] == '\n')))
        continue;
      end = p + 1;
      *point = walk;
    }
  return end;
}
