/* Columns out of fields: texts, and the types that are parsed one value at a time. Numbers have loops of their own in
 * convert-numbers.c. */
#include "convert.h"
#include <string.h>

#include "../table/parse.h"
#include "../table/swar.h"
#include "convert-numbers.h"
#include "number-style.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* The types that are parsed one value at a time. */
static void
convert_others (PlCells *cells, PlColumn *column)
{
  column->values = pl_arena_alloc (cells->arena, cells->n * pl_type_width (cells->type));
  for (gsize row = 0; row < cells->n; row++)
    {
      PlCellValue value;
      if (!pl_cells_take (cells, row, &value))
        return;
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
}

/* Only looks whether the values are of the type. */
static void
verify_values (PlCells *cells)
{
  PlColumn unused = {.type = cells->type};
  PlCellValue value;
  if (cells->type.kind == PL_INT)
    pl_convert_ints (cells);
  else if (cells->type.kind == PL_FLOAT)
    pl_convert_floats (cells, &unused, PL_USE_EXACT);
  else
    for (gsize row = 0; row < cells->n && pl_cells_take (cells, row, &value);)
      row++;
}

static void
convert_values (PlCells *cells, PlColumn *column, guint uses)
{
  if (cells->type.kind == PL_INT)
    column->ints = pl_convert_ints (cells);
  else if (cells->type.kind == PL_FLOAT)
    pl_convert_floats (cells, column, uses);
  else
    convert_others (cells, column);
}

/* Whether the byte that @pattern repeats is among the @length bytes of @data, which may be read a word too far. */
static inline gboolean
has_byte (const char *data, gsize length, guint64 pattern)
{
  for (gsize p = 0; p < length; p += 8)
    {
      guint64 word = pl_load_u64 (data + p) ^ pattern;
      guint64 match = (word - PL_SWAR_ONES) & ~word & PL_SWAR_HIGHS;
      if (length - p < 8)
        match &= (G_GUINT64_CONSTANT (1) << (8 * (length - p))) - 1;
      if (match != 0)
        return TRUE;
    }
  return FALSE;
}

/* All fields as texts. What is quoted without a quote inside, or plain, is told at a glance. */
static inline __attribute__ ((always_inline)) void
texts_loop (PlCells *cells, PlText *texts, gboolean may_quote)
{
  const PlConverter *converter = cells->converter;
  const PlDialect *dialect = converter->dialect;
  PlFieldView view = cells->view;
  guint64 quotes = PL_SWAR_ONES * (guint8) dialect->quote;
  guint32 plain = pl_dialect_writes_plain (dialect) ? PL_TEXT_PLAIN : 0;
  char quote = dialect->quote;
  for (gsize row = 0; row < cells->n; row++)
    {
      gsize length;
      const char *data = pl_field_raw (&view, row, &length);
      texts[row] = (PlText){.data = data, .length = (guint32) length, .flags = plain};
      if (may_quote && length > 0 && *data == quote)
        {
          gboolean simple = length >= 2 && data[length - 1] == quote && !has_byte (data + 1, length - 2, quotes);
          texts[row] = (PlText){.data = data + 1, .length = (guint32) length - 2};
          if (G_LIKELY (simple && length > 2))
            continue;
        }
      else if (G_LIKELY (length > 0))
        continue;
      pl_cells_text (cells, row, &texts[row]);
    }
}

#if defined(__x86_64__)
/* texts_loop() where texts may be quoted: of a simple one there are quotes at both ends, or nowhere, which one
 * comparison of its first 32 bytes tells. */
static __attribute__ ((target ("avx2,bmi,bmi2"))) void
texts_loop_avx2 (PlCells *cells, PlText *texts)
{
  const PlConverter *converter = cells->converter;
  const PlFieldView view = cells->view;
  const guint32 *start = view.starts, *end = view.ends;
  const guint32 plain = pl_dialect_writes_plain (converter->dialect) ? PL_TEXT_PLAIN : 0;
  const __m256i quotes = _mm256_set1_epi8 (converter->dialect->quote);
  const gsize n = cells->n;
  for (gsize row = 0; row < n; row++, start += view.step, end += view.n)
    {
      const char *data = view.data + (guint32) (*start + view.skip);
      gsize length = (gsize) (view.data + *end - data);
      /* 64 readable bytes stand behind the span. */
      __m256i head = _mm256_loadu_si256 ((const __m256i_u *) data);
      guint32 found = _bzhi_u32 ((guint32) _mm256_movemask_epi8 (_mm256_cmpeq_epi8 (head, quotes)), (guint32) length);
      guint32 inset = found & 1, simple = inset | inset << ((length - 1) & 31);
      texts[row] = (PlText){.data = data + inset, .length = (guint32) length - 2 * inset, .flags = plain & (inset - 1)};
      /* What is empty, quoted or not, is looked at more closely. */
      if (G_LIKELY ((gsize) texts[row].length - 1 < 30 && found == simple))
        continue;
      pl_cells_text (cells, row, &texts[row]);
    }
}
#endif

static void
texts_quoted (PlCells *cells, PlText *texts)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("bmi2"))
    {
      texts_loop_avx2 (cells, texts);
      return;
    }
#endif
  texts_loop (cells, texts, TRUE);
}

static PlText *
extract_texts (PlCells *cells)
{
  const PlRecords *records = cells->converter->records;
  const PlDialect *dialect = cells->converter->dialect;
  PlText *texts = pl_arena_new_array (cells->arena, PlText, cells->n);
  gboolean escapes = dialect->escape != 0 && dialect->escape != dialect->quote;
  if (records->has_stray || dialect->trim || cells->converter->nulls.lengths != 0 || (records->has_quote && escapes))
    {
      for (gsize row = 0; row < cells->n; row++)
        pl_cells_text (cells, row, &texts[row]);
    }
  else if (records->has_quote)
    texts_quoted (cells, texts);
  else
    texts_loop (cells, texts, FALSE);
  return texts;
}

/* Whether texts are the fields as they stand, in the way of PlColumn.raw. */
static gboolean
is_raw (const PlCells *cells)
{
  const PlRecords *records = cells->converter->records;
  const PlDialect *dialect = cells->converter->dialect;
  return !records->has_quote && !records->has_stray && !records->is_edged && !dialect->trim
         && cells->converter->nulls.lengths == 0 && pl_dialect_writes_plain (dialect);
}

/* The texts of numbers of another style as numbers of ours, with the digits that they have. */
static PlText *
restyle_texts (PlCells *cells)
{
  const PlConverter *converter = cells->converter;
  PlText *texts = extract_texts (cells);
  gsize total = 0;
  for (gsize row = 0; row < cells->n; row++)
    total += texts[row].length;
  char *bytes = pl_arena_alloc (cells->arena, total);
  for (gsize row = 0; row < cells->n; row++)
    {
      char styled[PL_NUMBER_MAX];
      const char *data = texts[row].data;
      gsize length = texts[row].length;
      if (cells->nulls != NULL && cells->nulls[row])
        continue;
      if (cells->reading->is_pinned)
        pl_parse_trim (&data, &length);
      length = pl_restyle_number (converter->dialect, data, length, styled);
      memcpy (bytes, styled, length);
      texts[row] = (PlText){bytes, (guint32) length, PL_TEXT_PLAIN};
      bytes += length;
    }
  return texts;
}

/* Texts of a column that is one of texts for want of anything narrower: what none of them may be is a number, say. */
static void
verify_texts (PlCells *cells, const PlText *texts)
{
  const PlCellValue none = {0};
  for (gsize row = 0; row < cells->n; row++)
    {
      guint32 index = (guint32) row;
      if (!(cells->nulls != NULL && cells->nulls[row])
          && !pl_converter_agrees (cells->converter, cells->reading, texts[row], cells->type, &none))
        g_array_append_val (cells->misfits, index);
    }
}

/* Whether values are wanted, or must be looked at for what they tell. */
static void
convert_or_verify (PlCells *cells, PlColumn *column, guint uses)
{
  PlType type = cells->type;
  if (type.kind == PL_STRING)
    {
      if (cells->reading->is_open)
        verify_texts (cells, column->texts);
    }
  else if (type.kind != PL_NULL && (uses & (PL_USE_VALUE | PL_USE_EXACT)) != 0)
    convert_values (cells, column, uses);
  else if (cells->is_verified || type.kind == PL_NULL)
    verify_values (cells);
}

PlColumn *
pl_convert_column (const PlConverter *converter, guint field, PlType type, guint uses, const PlReading *reading,
                   gboolean all, PlArena *arena, GArray *misfits)
{
  const PlRecords *records = converter->records;
  PlCells cells = {
      .converter = converter,
      .view = pl_field_view (records, field),
      .type = type,
      .reading = reading,
      .n = records->n_rows,
      .all = all,
      .misfits = misfits,
      .arena = arena,
      .slow_lengths
      = converter->restyles || pl_guess_has_codes (reading->guess) ? ~G_GUINT64_CONSTANT (0) : converter->nulls.lengths,
  };
  /* The loops for most fields serve the last one, too. */
  if (cells.view.cut_cr)
    pl_field_cut (&cells.view, cells.n, arena);
  gboolean text = type.kind == PL_STRING || (uses & PL_USE_TEXT) != 0;
  const gboolean restyles = text && converter->restyles && pl_type_is_numeric (type);
  if (text && type.kind != PL_STRING && !pl_converter_keeps (converter, reading, type))
    {
      text = FALSE;
      uses |= PL_USE_VALUE;
    }
  cells.is_verified = (uses & (PL_USE_VALUE | PL_USE_EXACT)) != 0 || reading->is_pinned
                      || pl_guess_has (reading->guess, PL_SEEN_EMPTY);
  PlColumn *column = pl_arena_new_array (arena, PlColumn, 1);
  *column = (PlColumn){.type = type};
  /* Where texts can be had at any time, whoever needs them takes them out. */
  gboolean late = text && is_raw (&cells) && cells.view.skip == 1 && !reading->is_open;
  PlText *texts = (text && !late) || type.kind == PL_NULL ? extract_texts (&cells) : NULL;
  if (type.kind == PL_STRING)
    column->texts = texts;
  else if (text)
    column->lexical = texts;
  if (text && is_raw (&cells))
    column->raw = field + 1;
  if (late)
    column->slices = (PlSlices){.data = cells.view.data, .edges = cells.view.starts, .stride = cells.view.n};
  convert_or_verify (&cells, column, uses);
  if (restyles)
    column->lexical = restyle_texts (&cells);
  column->nulls = cells.nulls;
  if (type.kind == PL_NULL && cells.nulls == NULL)
    column->nulls = pl_arena_alloc0 (arena, cells.n);
  return column;
}
