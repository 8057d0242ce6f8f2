/* Why a guessed type is what it is: the value that decided, where it stands, and the keys that help. */
#include "source-remark.h"
#include "cure.h"
#include "overlong.h"
#include "path-remark.h"
#include "source-cure.h"

#include <string.h>

#include "../table/parse.h"

#define MAX_DECIMAL_DIGITS 38

typedef struct
{
  const PlSource *source;
  guint column;
  const char *name; /* of the column, as an item of a list */
  const PlEvidence *evidence;
  PlSeen seen;              /* what decided, */
  const PlWitness *witness; /* and its first value */
  PlType others;            /* the type without it */
  PlTypeKind wanted;        /* as in #PlTypeTeller */
} Case;

static guint64
count_values (const PlEvidence *evidence)
{
  guint64 n = evidence->counts[PL_SEEN_TEXT];
  for (guint seen = PL_SEEN_BOOL; seen <= PL_SEEN_ZONED; seen++)
    n += seen == PL_SEEN_LONG ? 0 : evidence->counts[seen];
  return n;
}

/* "'x' (in.csv:3)", or "'x' (in the path of d=x/in.csv)" */
static void
append_witness (GString *text, const Case *it)
{
  const PlSourceFile *file = g_ptr_array_index (it->source->files, it->witness->file);
  g_autofree char *shown = pl_witness_show (it->witness);
  if (it->witness->line == 0)
    g_string_append_printf (text, "'%s' (in the path of %s)", shown, file->display);
  else
    g_string_append_printf (text, "'%s' (%s:%" G_GUINT64_FORMAT ")", shown, file->display, it->witness->line);
}

/* "2 of its first 900 values VERB, the first 'x' (in.csv:3)" */
static void
append_count (GString *text, const Case *it, const char *one, const char *many)
{
  guint64 n = it->evidence->counts[it->seen], total = count_values (it->evidence);
  g_string_append_printf (text, "%" G_GUINT64_FORMAT " of its %s%" G_GUINT64_FORMAT " value%s %s%s ", n,
                          it->evidence->is_sample ? "first " : "", total, total == 1 ? "" : "s", n == 1 ? one : many,
                          n == 1 ? ":" : ", the first:");
  append_witness (text, it);
}

static const char *
name_of (PlType type, gboolean one)
{
  if (pl_type_is_numeric (type))
    return one ? "is no number" : "are no numbers";
  if (type.kind == PL_BOOL)
    return one ? "is no bool" : "are no bools";
  return one ? "is no date" : "are no dates";
}

/* The keys that help against texts among other values. */
static void
append_cures (GString *text, const Case *it)
{
  const PlType type = it->source->schema->fields[it->column].type;
  pl_source_append_cure (text, it->source, it->column, it->witness, it->others,
                         it->wanted == PL_STRING ? type : PL_TYPE (PL_NULL));
}

/* What keeps the column as it is, without a word about it: where it may be that. @n: how many cures are named before */
static void
append_keep (GString *text, const Case *it, guint n)
{
  PlCure cure = {.source = it->source, .column = it->column, .name = it->name, .n = n};
  if (it->wanted == PL_STRING)
    pl_cure_keep (text, &cure, it->source->schema->fields[it->column].type);
}

/* "; types = n:TYPE DOES". @n: how many cures are named before */
static void
append_type (GString *text, const Case *it, const char *type, const char *does, guint n)
{
  PlCure cure = {.source = it->source, .column = it->column, .name = it->name, .n = n};
  pl_cure_start (text, &cure);
  pl_cure_append_type (text, &cure, type);
  g_string_append (text, does);
}

/* The same as text, of which an expression makes values of @type. */
static void
append_as_text (GString *text, const Case *it, PlType type)
{
  PlCure cure = {.source = it->source,
                 .column = it->column,
                 .name = it->name,
                 .value = it->witness->text,
                 .length = strlen (it->witness->text),
                 .others = type};
  pl_cure_as_text (text, &cure);
}

static gboolean
is_time (PlType type)
{
  return type.kind == PL_DATE || type.kind == PL_TIMESTAMP;
}

/* What decided are times with a zone among others without, or the other way around. */
static void
append_zones (GString *text, const Case *it)
{
  if (it->seen == PL_SEEN_ZONED || it->seen == PL_SEEN_FORMATTED_ZONED)
    append_count (text, it, "has a zone", "have a zone");
  else
    append_count (text, it, "has no zone", "have no zone");
  append_type (text, it, "timestamp", " takes UTC for all", 0);
  append_keep (text, it, 1);
}

/* What decided are numbers: too long ones, or codes. */
static void
append_numbers (GString *text, const Case *it)
{
  g_autofree char *name = NULL;
  switch (it->seen)
    {
    case PL_SEEN_LONG:
      append_count (text, it, "has more digits than a float", "have more digits than floats");
      if (it->source->schema->fields[it->column].type.kind == PL_STRING)
        append_as_text (text, it, PL_TYPE (PL_FLOAT));
      else
        {
          name = pl_cure_expression_name (&(PlCure){.source = it->source, .column = it->column});
          g_string_append_printf (text, "; cast(%s as float) rounds", name);
        }
      break;
    case PL_SEEN_HUGE:
      append_count (text, it, "is a number that no type holds", "are numbers that no type holds");
      if (it->others.kind == PL_NULL)
        append_as_text (text, it, PL_TYPE (PL_FLOAT));
      else
        append_cures (text, it);
      break;
    default:
      append_count (text, it, "may be a code, and one number with another", "may be codes, and one number");
      append_keep (text, it, 0);
      append_type (text, it, "float", " makes them numbers", it->wanted == PL_STRING);
      break;
    }
}

/* What decided was no text of its own kind, but values that no type holds together, or exactly. */
static void
append_reason (GString *text, const Case *it)
{
  switch (it->seen)
    {
    case PL_SEEN_FINE:
      append_count (text, it, "is finer than a microsecond", "are finer than microseconds");
      append_as_text (text, it, PL_TYPE (PL_TIMESTAMP));
      break;
    case PL_SEEN_LONG:
    case PL_SEEN_HUGE:
    case PL_SEEN_CODE_ZERO:
    case PL_SEEN_CODE:
    case PL_SEEN_CODE_UPPER:
    case PL_SEEN_CODE_ODD:
      append_numbers (text, it);
      break;
    case PL_SEEN_ZONED:
    case PL_SEEN_TIMESTAMP:
    case PL_SEEN_DATE:
    case PL_SEEN_FORMATTED_ZONED:
    case PL_SEEN_FORMATTED_TIMESTAMP:
    case PL_SEEN_FORMATTED_DATE:
      if (is_time (it->others))
        {
          append_zones (text, it);
          break;
        }
      append_count (text, it, "is a date", "are dates");
      append_cures (text, it);
      break;
    case PL_SEEN_BOOL:
    case PL_SEEN_FORMATTED_BOOL:
      append_count (text, it, "is a bool", "are bools");
      append_cures (text, it);
      break;
    default:
      append_count (text, it, "is a number", "are numbers");
      append_cures (text, it);
      break;
    }
}

static PlRemark
describe_text (GString *text, const Case *it)
{
  const guint64 n = it->evidence->counts[it->seen], others = count_values (it->evidence) - n;
  if (it->others.kind == PL_STRING || it->others.kind == PL_NULL || others < n)
    {
      g_string_append (text, "its first text is ");
      append_witness (text, it);
      pl_source_append_reading (text, it->source, it->column, it->witness, it->wanted);
      return PL_REMARK_TEXT;
    }
  append_count (text, it, name_of (it->others, TRUE), name_of (it->others, FALSE));
  append_cures (text, it);
  return PL_REMARK_FEW;
}

/* What the job says that the values of a column are, which they are not: by a format that names it, by formats that
 * read most of its numbers, or by true-values and false-values that do. %PL_NULL: it says nothing, or they are. */
static PlType
asked_type (const PlReading *reading, const guint64 *counts, PlType type)
{
  const guint64 unread = counts[PL_SEEN_UNREAD], zoned = counts[PL_SEEN_FORMATTED_ZONED];
  const guint64 timed = counts[PL_SEEN_FORMATTED_TIMESTAMP] + zoned, times = timed + counts[PL_SEEN_FORMATTED_DATE];
  const guint formats = reading->style.formats & ~PL_FORMAT_OF_BOOLS;
  if (unread == 0 || type.kind == PL_NULL || is_time (type))
    return PL_TYPE (PL_NULL);
  /* Of texts, those are told of as texts among dates that are no more than half. */
  if (type.kind == PL_STRING ? reading->is_asked && unread > times : reading->is_asked || unread <= times)
    return (PlType){.kind = (times > 0 ? timed > 0 : (formats & ~reading->style.timed) == 0) ? PL_TIMESTAMP : PL_DATE,
                    .zoned = times > 0 ? zoned > 0 : (formats & ~reading->style.zoned) == 0};
  return PL_TYPE (type.kind != PL_STRING && unread <= counts[PL_SEEN_FORMATTED_BOOL] ? PL_BOOL : PL_NULL);
}

/* Where the job says what the values of a column are, and some are not. Returns: (transfer full) (nullable) */
static char *
describe_asked (Case *it)
{
  const PlField *field = &it->source->schema->fields[it->column];
  const guint64 *counts = it->evidence->counts;
  it->seen = PL_SEEN_UNREAD;
  it->witness = pl_evidence_first (it->evidence, PL_SEEN_UNREAD);
  it->others = asked_type (&it->source->readings[it->column], counts, field->type);
  if (it->others.kind == PL_NULL || it->witness == NULL)
    return NULL;
  GString *clause = g_string_new (NULL);
  g_string_append_printf (clause, "column '%s' is %s: ", field->name,
                          field->type.kind == PL_STRING ? "text" : pl_type_name (field->type));
  if (it->others.kind == PL_BOOL
      || (counts[PL_SEEN_FORMATTED_DATE] | counts[PL_SEEN_FORMATTED_TIMESTAMP] | counts[PL_SEEN_FORMATTED_ZONED]) != 0)
    append_count (clause, it, name_of (it->others, TRUE), name_of (it->others, FALSE));
  else
    {
      g_string_append (clause, "its date-format does not read its values, the first: ");
      append_witness (clause, it);
    }
  append_cures (clause, it);
  return g_string_free (clause, FALSE);
}

PlRemark
pl_source_remark (const PlSource *source, guint column, PlTypeKind wanted, char **text)
{
  const PlReading *reading = &source->readings[column];
  const PlField *field = &source->schema->fields[column];
  const PlEvidence *evidence = source->evidence != NULL ? &source->evidence[column] : NULL;
  *text = NULL;
  if (evidence == NULL)
    return PL_REMARK_NONE;
  g_autofree char *item = pl_source_item (field->name);
  Case it = {.source = source, .column = column, .name = item, .evidence = evidence, .wanted = wanted};
  *text = describe_asked (&it);
  if (*text != NULL)
    return PL_REMARK_ASKED;
  gint seen = pl_guess_reason (evidence->guess, &reading->style, evidence->counts);
  const PlWitness *witness = seen >= 0 ? pl_evidence_first (evidence, (PlSeen) seen) : NULL;
  if (witness == NULL)
    return PL_REMARK_NONE;
  it.seen = (PlSeen) seen;
  it.witness = witness;
  it.others = pl_guess_without (evidence->guess, &reading->style, (PlSeen) seen);
  g_autoptr (GString) clause = g_string_new (NULL);
  gboolean is_text = field->type.kind == PL_STRING;
  gboolean is_few = evidence->counts[seen] * 2 <= count_values (evidence);
  PlRemark remark = !is_text ? PL_REMARK_EXACT : is_few ? PL_REMARK_FEW : PL_REMARK_MOST;
  g_string_append_printf (clause, "column '%s' is %s: ", field->name, is_text ? "text" : pl_type_name (field->type));
  if (seen == PL_SEEN_TEXT || seen == PL_SEEN_UNREAD)
    remark = describe_text (clause, &it);
  else
    append_reason (clause, &it);
  *text = g_string_free (g_steal_pointer (&clause), FALSE);
  return remark;
}

/* What is told of a value that a pin cannot hold. @place: where it stands */
static char *
describe_overlong (const PlSource *source, const PlOverlong *found, const char *place)
{
  const PlField *field = &source->schema->fields[found->column];
  const gboolean is_time = field->type.kind == PL_TIMESTAMP;
  g_autofree char *item = pl_source_item (field->name);
  PlCure it = {.source = source,
               .column = found->column,
               .name = item,
               .value = found->text,
               .length = strlen (found->text),
               .others = field->type,
               .is_pinned = TRUE};
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "column '%s' is %s by its pin: %s, the first '%s' (%s)", field->name,
                          is_time ? "timestamp" : "float",
                          is_time ? "what is finer than a microsecond is cut before it is used"
                                  : "numbers with more digits than floats have are rounded before they are used",
                          found->text, place);
  if (!is_time && found->scale != G_MAXUINT)
    {
      pl_cure_start (text, &it);
      pl_cure_append_type (text, &it, pl_type_name (PL_TYPE_DECIMAL (MAX_DECIMAL_DIGITS, (guint8) found->scale)));
      g_string_append (text, " has room for it");
    }
  pl_cure_as_text (text, &it);
  return g_string_free (text, FALSE);
}

char *
pl_source_overlong_remark (const PlSource *source, guint column)
{
  const PlOverlong *found = source->overlong != NULL ? pl_overlong_find (source->overlong, column) : NULL;
  PlOverlong of_path;
  if (found == NULL && !pl_path_overlong (source, column, &of_path))
    return NULL;
  const PlSourceFile *file = g_ptr_array_index (source->files, found != NULL ? found->file : of_path.file);
  if (found == NULL)
    {
      char *remark = describe_overlong (source, &of_path, file->display);
      g_free (of_path.text);
      return remark;
    }
  g_autofree char *place = g_strdup_printf ("%s:%" G_GUINT64_FORMAT, file->display, found->line);
  return describe_overlong (source, found, place);
}

/* The first value of any kind but null. */
static const PlWitness *
find_first (const PlEvidence *evidence)
{
  const PlWitness *first = NULL;
  for (guint i = 0; evidence->first != NULL && i < evidence->first->len; i++)
    {
      const PlWitness *witness = &g_array_index (evidence->first, PlWitness, i);
      if (*witness->text != '\0'
          && (first == NULL || witness->file < first->file
              || (witness->file == first->file && witness->line < first->line)))
        first = witness;
    }
  return first;
}

/* A column that is none of texts by its values, where it should be @wanted. */
static PlTypeTold
tell_of_values (const PlSource *source, guint column, PlTypeKind wanted, char **text)
{
  const PlField *field = &source->schema->fields[column];
  const PlEvidence *evidence = source->evidence != NULL ? &source->evidence[column] : NULL;
  const PlWitness *witness = evidence != NULL && field->type.kind != PL_STRING ? find_first (evidence) : NULL;
  if (witness == NULL)
    return PL_TYPE_TOLD_NOTHING;
  Case it = {.source = source, .column = column, .witness = witness};
  GString *clause = g_string_new (NULL);
  g_string_append_printf (clause, "column '%s' is %s by its values, the first of them ", field->name,
                          pl_type_name (field->type));
  append_witness (clause, &it);
  gboolean helps = wanted == PL_STRING;
  if (helps)
    {
      g_autofree char *item = pl_source_item (field->name);
      it.name = item;
      append_type (clause, &it, "string", " makes it text", 0);
    }
  else if (wanted != PL_NULL)
    helps = pl_source_append_reading (clause, source, column, witness, wanted);
  *text = g_string_free (clause, !helps);
  return PL_TYPE_OF_VALUES;
}

/* What helps against the values of a column beside another input's. */
static void
append_cures_beside (GString *text, const Case *it)
{
  const PlType type = it->source->schema->fields[it->column].type;
  const PlType keeps = PL_TYPE (it->wanted == PL_STRING ? PL_STRING : PL_NULL);
  const gboolean is_empty = *it->witness->text == '\0';
  const gboolean is_time_too = is_time (type) && is_time (it->others);
  PlCure cure = {.source = it->source, .column = it->column, .name = it->name};
  if (!is_empty && !is_time_too && !(pl_type_is_numeric (type) && pl_type_is_numeric (it->others)))
    {
      pl_source_append_cure (text, it->source, it->column, it->witness, it->others, keeps);
      return;
    }
  /* Of numbers and times that no type holds together, none is wrong. */
  if (is_empty || is_time_too)
    {
      pl_cure_start (text, &cure);
      pl_cure_append_type (
          text, &cure, pl_type_name (is_time_too && it->others.kind == PL_DATE ? PL_TYPE (PL_TIMESTAMP) : it->others));
      g_string_append (text, is_empty ? " makes it null" : " takes UTC for all");
    }
  if (keeps.kind != PL_NULL)
    pl_cure_keep (text, &cure, keeps);
}

/* A column that values of another input made text of, or that made text of them. */
static PlTypeTold
tell_beside (const PlSource *source, guint column, PlType beside, PlTypeKind wanted, char **text)
{
  const PlField *field = &source->schema->fields[column];
  const PlEvidence *evidence = &source->evidence[column];
  const gboolean is_text = field->type.kind == PL_STRING;
  g_autofree char *item = pl_source_item (field->name);
  Case it
      = {.source = source, .column = column, .name = item, .evidence = evidence, .others = beside, .wanted = wanted};
  it.witness = pl_evidence_first (evidence, PL_SEEN_TEXT);
  if (!is_text || it.witness == NULL)
    it.witness = find_first (evidence);
  /* Nothing but texts without anything in them. */
  if (it.witness == NULL)
    it.witness = pl_evidence_first (evidence, PL_SEEN_EMPTY);
  if (it.witness == NULL)
    return PL_TYPE_TOLD_NOTHING;
  GString *clause = g_string_new (NULL);
  g_string_append_printf (clause, "column '%s' of [source %s] is %s, and %s elsewhere: its first %s is ", field->name,
                          source->name, is_text ? "text" : pl_type_name (field->type), pl_type_name (it.others),
                          is_text ? "text" : "value");
  append_witness (clause, &it);
  append_cures_beside (clause, &it);
  *text = g_string_free (clause, FALSE);
  return PL_TYPE_OF_OTHERS;
}

PlTypeTold
pl_source_tell (const PlTypeTeller *teller, PlTypeOrigin origin, PlTypeKind wanted, char **text)
{
  const PlSource *source = (const PlSource *) ((const guint8 *) teller - G_STRUCT_OFFSET (PlSource, teller));
  const guint column = origin.column;
  const PlField *field = &source->schema->fields[column];
  const gboolean is_text = field->type.kind == PL_STRING;
  *text = NULL;
  if (wanted == PL_STRING && is_text && origin.beside.kind == PL_NULL)
    return PL_TYPE_TOLD_NOTHING;
  g_autofree char *of_texts = NULL;
  const PlTypeTold told = pl_path_remark (source, column, wanted, text);
  if (told != PL_TYPE_TOLD_NOTHING)
    return told;
  PlRemark remark = pl_source_remark (source, column, wanted, &of_texts);
  if (remark == PL_REMARK_FEW || remark == PL_REMARK_MOST
      || (remark == PL_REMARK_ASKED && !is_text && wanted != PL_STRING))
    {
      *text = g_steal_pointer (&of_texts);
      return PL_TYPE_OF_FEW;
    }
  if (origin.beside.kind != PL_NULL && source->evidence != NULL)
    return tell_beside (source, column, origin.beside, wanted, text);
  if (!is_text || remark == PL_REMARK_NONE)
    return tell_of_values (source, column, wanted, text);
  *text = g_steal_pointer (&of_texts);
  return PL_TYPE_OF_TEXTS;
}
