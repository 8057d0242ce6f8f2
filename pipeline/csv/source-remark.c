/* Why a guessed type is what it is: the value that decided, where it stands, and the keys that help. */
#include "source-remark.h"
#include "overlong.h"
#include "path-remark.h"
#include "source-cure.h"

#include <string.h>

#include "../table/parse.h"

typedef struct
{
  const PlSource *source;
  guint column;
  const char *name; /* of the column, as an item of a list */
  const PlEvidence *evidence;
  PlSeen seen;              /* what decided, */
  const PlWitness *witness; /* and its first value */
  PlType others;            /* the type without it */
} Case;

static guint64
count_values (const PlEvidence *evidence)
{
  guint64 n = evidence->counts[PL_SEEN_TEXT];
  for (guint seen = PL_SEEN_BOOL; seen <= PL_SEEN_ZONED; seen++)
    n += seen == PL_SEEN_LONG ? 0 : evidence->counts[seen];
  return n;
}

/* "'x' (in.csv:3)" */
static void
append_witness (GString *text, const Case *it)
{
  const PlSourceFile *file = g_ptr_array_index (it->source->files, it->witness->file);
  g_autofree char *shown = pl_witness_show (it->witness);
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
  pl_source_append_cure (text, it->source, it->column, it->witness->text, it->others);
}

static gboolean
is_time (PlType type)
{
  return type.kind == PL_DATE || type.kind == PL_TIMESTAMP;
}

/* What decided was no text of its own kind, but values that no type holds together, or exactly. */
static void
append_reason (GString *text, const Case *it)
{
  double number;
  switch (it->seen)
    {
    case PL_SEEN_FINE:
      append_count (text, it, "is finer than a microsecond", "are finer than microseconds");
      g_string_append_printf (text, "; types = %s:timestamp cuts what is beyond", it->name);
      break;
    case PL_SEEN_LONG:
      append_count (text, it, "has more digits than a float", "have more digits than floats");
      g_string_append_printf (text, "; types = %s:float rounds", it->name);
      break;
    case PL_SEEN_HUGE:
      append_count (text, it, "is a number that no type holds", "are numbers that no type holds");
      append_cures (text, it);
      if (it->others.kind == PL_NULL && pl_parse_loose_float (it->witness->text, strlen (it->witness->text), &number))
        g_string_append_printf (text, "; types = %s:float rounds", it->name);
      break;
    case PL_SEEN_CODE_ZERO:
    case PL_SEEN_CODE:
    case PL_SEEN_CODE_UPPER:
    case PL_SEEN_CODE_ODD:
      append_count (text, it, "may be a code, and one number with another", "may be codes, and one number");
      g_string_append_printf (text, "; types = %s:float makes them numbers", it->name);
      break;
    case PL_SEEN_ZONED:
    case PL_SEEN_TIMESTAMP:
    case PL_SEEN_DATE:
    case PL_SEEN_FORMATTED_ZONED:
    case PL_SEEN_FORMATTED_TIMESTAMP:
    case PL_SEEN_FORMATTED_DATE:
      if (!is_time (it->others))
        append_count (text, it, "is a date", "are dates");
      else if (it->seen == PL_SEEN_ZONED || it->seen == PL_SEEN_FORMATTED_ZONED)
        append_count (text, it, "has a zone", "have a zone");
      else
        append_count (text, it, "has no zone", "have no zone");
      if (is_time (it->others))
        g_string_append_printf (text, "; types = %s:timestamp takes UTC for all", it->name);
      else
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
      pl_source_append_reading (text, it->source, it->column, it->witness->text);
      return PL_REMARK_TEXT;
    }
  append_count (text, it, name_of (it->others, TRUE), name_of (it->others, FALSE));
  append_cures (text, it);
  return PL_REMARK_FEW;
}

PlRemark
pl_source_remark (const PlSource *source, guint column, char **text)
{
  const PlReading *reading = &source->readings[column];
  const PlField *field = &source->schema->fields[column];
  const PlEvidence *evidence = source->evidence != NULL ? &source->evidence[column] : NULL;
  *text = NULL;
  if (evidence == NULL || reading->is_pinned)
    return PL_REMARK_NONE;
  gint seen = pl_guess_reason (evidence->guess, &reading->style, evidence->counts);
  const PlWitness *witness = seen >= 0 ? pl_evidence_first (evidence, (PlSeen) seen) : NULL;
  if (witness == NULL)
    return PL_REMARK_NONE;
  g_autofree char *item = pl_source_item (field->name);
  Case it = {.source = source,
             .column = column,
             .name = item,
             .evidence = evidence,
             .seen = (PlSeen) seen,
             .witness = witness,
             .others = pl_guess_without (evidence->guess, &reading->style, (PlSeen) seen)};
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

/* What is told of a value that a pin cannot hold. @place: where it stands; @key: that of the pin. */
static char *
describe_overlong (const PlSource *source, const PlOverlong *found, const char *place, const char *key)
{
  const PlField *field = &source->schema->fields[found->column];
  g_autofree char *item = pl_source_item (field->name);
  if (field->type.kind == PL_TIMESTAMP)
    return g_strdup_printf ("column '%s' is timestamp by its pin: what is finer than a microsecond is cut before it is "
                            "used, the first '%s' (%s); %s = %s:string keeps it",
                            field->name, found->text, place, key, item);
  g_autofree char *cure = found->scale != G_MAXUINT
                              ? g_strdup_printf ("%s = %s:decimal(38,%u) has room for it", key, item, found->scale)
                              : g_strdup ("a decimal has no room for it, either");
  return g_strdup_printf (
      "column '%s' is float by its pin: numbers with more digits than floats have are rounded before "
      "they are used, the first '%s' (%s); %s",
      field->name, found->text, place, cure);
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
      char *remark = describe_overlong (source, &of_path, file->display, "path-columns");
      g_free (of_path.text);
      return remark;
    }
  g_autofree char *place = g_strdup_printf ("%s:%" G_GUINT64_FORMAT, file->display, found->line);
  return describe_overlong (source, found, place, "types");
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

/* A column of numbers that would be one of dates by its formats, but for few values. */
static PlTypeTold
tell_few_no_dates (const PlSource *source, guint column, char **text)
{
  const PlField *field = &source->schema->fields[column];
  const PlEvidence *evidence = source->evidence != NULL ? &source->evidence[column] : NULL;
  if (evidence == NULL || source->readings[column].is_pinned || !pl_type_is_numeric (field->type))
    return PL_TYPE_TOLD_NOTHING;
  const guint64 *counts = evidence->counts;
  const guint64 times = counts[PL_SEEN_FORMATTED_TIMESTAMP] + counts[PL_SEEN_FORMATTED_ZONED];
  const PlWitness *witness = pl_evidence_first (evidence, PL_SEEN_UNREAD);
  if (witness == NULL || counts[PL_SEEN_UNREAD] > times + counts[PL_SEEN_FORMATTED_DATE])
    return PL_TYPE_TOLD_NOTHING;
  g_autofree char *item = pl_source_item (field->name);
  const Case it = {.source = source,
                   .column = column,
                   .name = item,
                   .evidence = evidence,
                   .seen = PL_SEEN_UNREAD,
                   .witness = witness,
                   .others = PL_TYPE (times > 0 ? PL_TIMESTAMP : PL_DATE)};
  GString *clause = g_string_new (NULL);
  g_string_append_printf (clause, "column '%s' is %s: ", field->name, pl_type_name (field->type));
  append_count (clause, &it, name_of (it.others, TRUE), name_of (it.others, FALSE));
  append_cures (clause, &it);
  *text = g_string_free (clause, FALSE);
  return PL_TYPE_OF_FEW;
}

PlTypeTold
pl_source_tell (const PlTypeTeller *teller, guint column, char **text)
{
  const PlSource *source = (const PlSource *) ((const guint8 *) teller - G_STRUCT_OFFSET (PlSource, teller));
  const PlField *field = &source->schema->fields[column];
  PlTypeTold told = pl_path_remark (source, column, text);
  if (told == PL_TYPE_TOLD_NOTHING)
    told = tell_few_no_dates (source, column, text);
  if (told != PL_TYPE_TOLD_NOTHING)
    return told;
  PlRemark remark = pl_source_remark (source, column, text);
  if (field->type.kind == PL_STRING && remark != PL_REMARK_NONE)
    return remark == PL_REMARK_TEXT ? PL_TYPE_OF_TEXTS : PL_TYPE_OF_FEW;
  g_clear_pointer (text, g_free);
  const PlWitness *witness
      = source->readings[column].is_pinned || source->evidence == NULL || field->type.kind == PL_STRING
            ? NULL
            : find_first (&source->evidence[column]);
  if (witness == NULL)
    return PL_TYPE_TOLD_NOTHING;
  const PlSourceFile *file = g_ptr_array_index (source->files, witness->file);
  g_autofree char *shown = pl_witness_show (witness), *item = pl_source_item (field->name);
  *text = g_strdup_printf ("column '%s' is %s by its values, the first of them '%s' (%s:%" G_GUINT64_FORMAT
                           "); types = %s:string makes it text",
                           field->name, pl_type_name (field->type), shown, file->display, witness->line, item);
  return PL_TYPE_OF_VALUES;
}
