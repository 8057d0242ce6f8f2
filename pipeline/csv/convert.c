/* Columns out of fields, a tight loop a type. Where no field of a round can be quoted, trimmed or null by its text, the loops read the span
 * directly; otherwise fields become texts first (fields.c). Loops take the common forms of their type in registers and leave the rest
 * to parse_value(), which is the definition. */
#include "convert.h"
#include "../table/calendar.h"
#include "../table/parse.h"
#include "number-inline.h"
#include "number-style.h"

void
pl_converter_init (PlConverter *converter, const PlRecords *records, const PlDialect *dialect)
{
  *converter = (PlConverter){
      .records = records,
      .dialect = dialect,
      .restyles = pl_dialect_restyles_numbers (dialect),
      .keeps_text = pl_dialect_keeps_text (dialect),
  };
  pl_null_texts_init (&converter->nulls, dialect);
}

/* One value of any type that is not text, with its exact decimal. */
typedef union
{
  guint8 flag;
  gint64 integer;
  gint32 days;
  PlInt128 decimal;
  struct
  {
    double number;
    gint64 mantissa;
    guint8 scale;
  };
} Value;

static gboolean
parse_moment (const PlConverter *converter, const char *data, gsize length, PlType type, Value *value)
{
  gboolean zoned = FALSE;
  const char *format = converter->dialect->date_format;
  if (format == NULL)
    {
      if (type.kind == PL_DATE)
        return pl_parse_date (data, length, &value->days);
      return pl_parse_timestamp (data, length, &value->integer, &zoned) && zoned == type.zoned;
    }
  gint64 microseconds;
  if (!pl_parse_formatted (data, length, format, &microseconds, &zoned))
    return FALSE;
  if (type.kind == PL_TIMESTAMP)
    {
      value->integer = microseconds;
      return zoned == type.zoned;
    }
  gint64 days = microseconds / PL_USEC_PER_DAY - (microseconds % PL_USEC_PER_DAY < 0);
  value->days = (gint32) days;
  return days * PL_USEC_PER_DAY == microseconds;
}

static gboolean
parse_value (const PlConverter *converter, const char *data, gsize length, PlType type, Value *value)
{
  char styled[PL_NUMBER_MAX];
  if (converter->restyles && pl_type_is_numeric (type))
    {
      length = pl_restyle_number (converter->dialect, data, length, styled);
      data = styled;
    }
  switch ((PlTypeKind) type.kind)
    {
    case PL_BOOL:
      return pl_parse_bool (data, length, &value->flag);
    case PL_INT:
      return pl_parse_int (data, length, &value->integer);
    case PL_FLOAT:
      if (!pl_parse_float (data, length, &value->number))
        return FALSE;
      if (!pl_parse_exact (data, length, &value->mantissa, &value->scale))
        {
          value->mantissa = 0;
          value->scale = PL_SCALE_INEXACT;
        }
      return TRUE;
    case PL_DECIMAL:
      return pl_parse_decimal (data, length, type.precision, type.scale, &value->decimal);
    case PL_DATE:
    case PL_TIMESTAMP:
      return parse_moment (converter, data, length, type, value);
    case PL_STRING:
      return TRUE;
    case PL_NULL:
      break;
    }
  return FALSE;
}

gboolean
pl_convert_fits (const PlConverter *converter, PlText text, PlType type)
{
  Value value;
  return parse_value (converter, text.data, text.length, type, &value);
}

PlType
pl_convert_classify (const PlConverter *converter, PlText text)
{
  const char *data = text.data;
  gsize length = text.length;
  gint64 microseconds;
  gboolean zoned;
  const char *format = converter->dialect->date_format;
  if (format != NULL && pl_parse_formatted (data, length, format, &microseconds, &zoned))
    {
      gboolean has_time = FALSE;
      pl_format_check (format, &has_time, NULL);
      return has_time ? (PlType){.kind = PL_TIMESTAMP, .zoned = zoned} : PL_TYPE (PL_DATE);
    }
  PlType type = pl_classify (data, length);
  if (format != NULL && (type.kind == PL_DATE || type.kind == PL_TIMESTAMP))
    return PL_TYPE (PL_STRING);
  if (!converter->restyles || (type.kind != PL_STRING && !pl_type_is_numeric (type)))
    return type;
  char styled[PL_NUMBER_MAX];
  length = pl_restyle_number (converter->dialect, data, length, styled);
  PlType number = length > 0 ? pl_classify (styled, length) : PL_TYPE (PL_STRING);
  return pl_type_is_numeric (number) ? number : PL_TYPE (PL_STRING);
}

/* The cells of one column: texts and nulls where they have been extracted, else straight from the span. */
typedef struct
{
  const PlConverter *converter;
  PlFieldView view;
  const PlText *texts;
  const guint8 *text_nulls;
  PlType type;
  gsize n;
  gboolean all;
  GArray *misfits;
} Cells;

/* TRUE: go on with the next row. */
static gboolean
add_misfit (const Cells *cells, gsize row)
{
  guint32 index = (guint32) row;
  g_array_append_val (cells->misfits, index);
  return cells->all;
}

static inline __attribute__ ((always_inline)) const char *
cell_at (const Cells *cells, gsize row, gboolean direct, gsize *length, guint8 *null)
{
  if (direct)
    {
      const char *data = pl_field_raw (&cells->view, row, length);
      *null = *length == 0;
      return data;
    }
  *length = cells->texts[row].length;
  *null = cells->text_nulls[row];
  return cells->texts[row].data;
}

static inline __attribute__ ((always_inline)) gboolean
ints_loop (const Cells *cells, gint64 *values, guint8 *nulls, gboolean direct)
{
  gboolean any = FALSE;
  for (gsize row = 0; row < cells->n; row++)
    {
      gsize length;
      const char *data = cell_at (cells, row, direct, &length, &nulls[row]);
      if (G_LIKELY (pl_short_int (data, length, &values[row])) && !nulls[row])
        continue;
      Value value = {.integer = 0};
      if (nulls[row])
        any = TRUE;
      else if (!parse_value (cells->converter, data, length, cells->type, &value) && !add_misfit (cells, row))
        return any;
      values[row] = value.integer;
    }
  return any;
}

typedef struct
{
  double *numbers;   /* (nullable) */
  gint64 *mantissas; /* (nullable): with scales */
  guint8 *scales;
  guint8 lowest, highest; /* scale of all rows but nulls */
  gboolean inexact;
} Floats;

static inline __attribute__ ((always_inline)) gboolean
floats_loop (const Cells *cells, Floats *floats, guint8 *nulls, gboolean direct, gboolean numbers, gboolean exact)
{
  gboolean any = FALSE, quick = !cells->converter->restyles;
  guint8 lowest = 255, highest = 0;
  for (gsize row = 0; row < cells->n; row++)
    {
      gsize length;
      const char *data = cell_at (cells, row, direct, &length, &nulls[row]);
      Value value = {.number = 0};
      if (G_LIKELY (quick && !nulls[row]) && G_LIKELY (pl_short_decimal (data, length, &value.mantissa, &value.scale))
          && G_LIKELY (!numbers || ABS (value.mantissa) <= (gint64) 1 << 53))
        value.number = (double) value.mantissa / (double) pl_powers_of_ten[value.scale];
      else if (nulls[row])
        {
          any = TRUE;
          value = (Value){.scale = 0};
        }
      else if (!parse_value (cells->converter, data, length, cells->type, &value))
        {
          value = (Value){.scale = 0};
          if (!add_misfit (cells, row))
            return any;
        }
      if (numbers)
        floats->numbers[row] = value.number;
      if (!exact)
        continue;
      floats->mantissas[row] = value.mantissa;
      floats->scales[row] = value.scale;
      if (value.scale == PL_SCALE_INEXACT)
        floats->inexact = TRUE;
      else if (!nulls[row])
        {
          lowest = MIN (lowest, value.scale);
          highest = MAX (highest, value.scale);
        }
    }
  floats->lowest = lowest;
  floats->highest = highest;
  return any;
}

/* Brings all mantissas to the highest scale of the round where that keeps them below 10^18, so that sums need no scale a row.
 * Returns: whether it did. */
static gboolean
unify_scales (const Cells *cells, const Floats *floats)
{
  if (floats->inexact)
    return FALSE;
  for (gsize row = 0; row < cells->n; row++)
    {
      guint shift = floats->mantissas[row] == 0 ? 0 : (guint) (floats->highest - floats->scales[row]);
      if (ABS (floats->mantissas[row]) >= pl_powers_of_ten[18 - shift])
        return FALSE;
    }
  for (gsize row = 0; row < cells->n; row++)
    if (floats->mantissas[row] != 0)
      floats->mantissas[row] *= pl_powers_of_ten[floats->highest - floats->scales[row]];
  return TRUE;
}

static gboolean
convert_floats (const Cells *cells, PlColumn *column, guint uses, guint8 *nulls, PlArena *arena)
{
  gboolean direct = cells->texts == NULL, exact = (uses & PL_USE_EXACT) != 0,
           numbers = !exact || (uses & PL_USE_VALUE) != 0, any;
  Floats floats = {.numbers = column->floats, .highest = 0};
  if (exact)
    {
      floats.mantissas = pl_arena_alloc0 (arena, cells->n * sizeof (gint64));
      floats.scales = pl_arena_alloc0 (arena, cells->n);
    }
  if (exact && numbers)
    any = direct ? floats_loop (cells, &floats, nulls, TRUE, TRUE, TRUE)
                 : floats_loop (cells, &floats, nulls, FALSE, TRUE, TRUE);
  else if (exact)
    any = direct ? floats_loop (cells, &floats, nulls, TRUE, FALSE, TRUE)
                 : floats_loop (cells, &floats, nulls, FALSE, FALSE, TRUE);
  else
    return direct ? floats_loop (cells, &floats, nulls, TRUE, TRUE, FALSE)
                  : floats_loop (cells, &floats, nulls, FALSE, TRUE, FALSE);

  column->exact = floats.mantissas;
  if (floats.lowest >= floats.highest && !floats.inexact)
    column->exact_scale = floats.highest;
  else if (unify_scales (cells, &floats))
    column->exact_scale = floats.highest;
  else
    column->exact_scales = floats.scales;
  if (numbers)
    return any;

  /* Only rows without an exact form need their double. */
  column->floats = NULL;
  if (!floats.inexact)
    return any;
  column->floats = pl_arena_alloc0 (arena, cells->n * sizeof (double));
  for (gsize row = 0; row < cells->n; row++)
    if (floats.scales[row] == PL_SCALE_INEXACT)
      {
        gsize length;
        guint8 null;
        const char *data = cell_at (cells, row, direct, &length, &null);
        Value value;
        if (parse_value (cells->converter, data, length, cells->type, &value))
          column->floats[row] = value.number;
      }
  return any;
}

/* The types that are parsed one value at a time. */
static gboolean
convert_others (const Cells *cells, PlColumn *column, guint8 *nulls)
{
  gboolean any = FALSE, direct = cells->texts == NULL;
  for (gsize row = 0; row < cells->n; row++)
    {
      gsize length;
      const char *data = cell_at (cells, row, direct, &length, &nulls[row]);
      Value value = {.decimal = 0};
      any |= nulls[row];
      if (!nulls[row] && !parse_value (cells->converter, data, length, cells->type, &value))
        {
          value.decimal = 0;
          if (!add_misfit (cells, row))
            return any;
        }
      switch ((PlTypeKind) cells->type.kind)
        {
        case PL_BOOL:
          column->bools[row] = value.flag;
          break;
        case PL_DATE:
          column->dates[row] = value.days;
          break;
        case PL_DECIMAL:
          column->decimals[row] = value.decimal;
          break;
        default:
          column->ints[row] = value.integer;
          break;
        }
    }
  return any;
}

static void
verify_texts (const Cells *cells, const guint8 *nulls, const PlText *texts)
{
  for (gsize row = 0; row < cells->n; row++)
    if (!nulls[row] && !pl_convert_fits (cells->converter, texts[row], cells->type) && !add_misfit (cells, row))
      return;
}

/* All fields as texts. Returns: whether any is null. */
static gboolean
extract_texts (const Cells *cells, gboolean direct, PlText *texts, guint8 *nulls, PlArena *arena)
{
  gboolean any = FALSE;
  if (direct)
    {
      const PlFieldView *view = &cells->view;
      guint32 flags = pl_dialect_writes_plain (cells->converter->dialect) ? PL_TEXT_PLAIN : 0;
      for (gsize row = 0; row < cells->n; row++)
        {
          gsize length;
          const char *data = pl_field_raw (view, row, &length);
          texts[row] = (PlText){.data = data, .length = (guint32) length, .flags = flags};
          nulls[row] = length == 0;
          any |= length == 0;
        }
      return any;
    }
  for (gsize row = 0; row < cells->n; row++)
    {
      nulls[row]
          = !pl_field_text (cells->converter->records, &cells->converter->nulls, &cells->view, row, arena, &texts[row]);
      any |= nulls[row];
    }
  return any;
}

PlColumn *
pl_convert_column (const PlConverter *converter, guint field, PlType type, guint uses, gboolean verify, gboolean all,
                   PlArena *arena, GArray *misfits)
{
  const PlRecords *records = converter->records;
  gsize n = records->n_rows;
  Cells cells = {
      .converter = converter,
      .view = pl_field_view (records, field),
      .type = type,
      .n = n,
      .all = all,
      .misfits = misfits,
  };
  gboolean direct
      = !records->has_quote && !records->has_stray && !converter->dialect->trim && converter->nulls.lengths == 0;
  gboolean text = type.kind == PL_STRING || (uses & PL_USE_TEXT) != 0;
  if (text && type.kind != PL_STRING && !converter->keeps_text)
    {
      text = FALSE;
      uses |= PL_USE_VALUE;
    }
  gboolean value = type.kind != PL_STRING && (uses & (PL_USE_VALUE | PL_USE_EXACT)) != 0;
  guint8 *nulls = pl_arena_alloc (arena, n);
  PlColumn *column = pl_arena_new_array (arena, PlColumn, 1);
  *column = (PlColumn){.type = type};
  gboolean any = FALSE;

  PlText *texts = NULL;
  if (text || !direct || type.kind == PL_NULL)
    {
      texts = pl_arena_new_array (arena, PlText, n);
      any = extract_texts (&cells, direct, texts, nulls, arena);
      if (!direct)
        {
          cells.texts = texts;
          cells.text_nulls = nulls;
        }
    }
  if (type.kind == PL_STRING)
    column->texts = texts;
  else if (text)
    column->lexical = texts;

  if (type.kind == PL_NULL || (verify && !value))
    verify_texts (&cells, nulls, texts);
  else if (value)
    {
      column->values = pl_arena_alloc (arena, n * pl_type_width (type));
      if (type.kind == PL_INT)
        any = direct ? ints_loop (&cells, column->ints, nulls, TRUE) : ints_loop (&cells, column->ints, nulls, FALSE);
      else if (type.kind == PL_FLOAT)
        any = convert_floats (&cells, column, uses, nulls, arena);
      else
        any = convert_others (&cells, column, nulls);
    }
  column->nulls = any || type.kind == PL_NULL ? nulls : NULL;
  return column;
}
