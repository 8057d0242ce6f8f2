/* Columns: made, gathered, compared row by row, hashed a column at a time.
 *
 * Hashing folds one column after the other into the same array, so that a key of several columns is hashed without
 * looking at a row twice. Numbers and short texts take two 64 × 64 → 128 bit multiplications (as wyhash does);
 * texts beyond 16 bytes take XXH3. Hashes are the same on every machine, and never written anywhere. */
#include "column.h"

#include <math.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "swar.h"

G_STATIC_ASSERT (sizeof (PlText) == 16);

PlColumn *
pl_column_new (PlArena *arena, PlType type, gsize n_rows)
{
  PlColumn *column = pl_arena_new_array (arena, PlColumn, 1);
  gsize width = pl_type_width (type);
  *column = (PlColumn){.type = type};
  if (width > 0)
    column->values = pl_arena_alloc (arena, width * n_rows);
  return column;
}

void
pl_column_add_nulls (PlColumn *column, PlArena *arena, gsize n_rows)
{
  if (column->nulls == NULL)
    column->nulls = pl_arena_alloc0 (arena, n_rows);
}

PlColumn *
pl_column_null (PlArena *arena, PlType type, gsize n_rows)
{
  PlColumn *column = pl_column_new (arena, type, n_rows);
  column->nulls = memset (pl_arena_alloc (arena, n_rows), 1, n_rows);
  if (type.kind == PL_STRING)
    for (gsize i = 0; i < n_rows; i++)
      column->texts[i] = (PlText){.data = "", .flags = PL_TEXT_PLAIN};
  else if (column->values != NULL)
    memset (column->values, 0, n_rows * pl_type_width (type));
  return column;
}

/* One loop a width, so that each is a plain load and store. */
#define DEFINE_GATHER(name, Type)                                                                                      \
  static gpointer name (const Type *from, const guint32 *rows, gsize n, PlArena *arena)                                \
  {                                                                                                                    \
    if (from == NULL)                                                                                                  \
      return NULL;                                                                                                     \
    Type *to = pl_arena_new_array (arena, Type, n);                                                                    \
    for (gsize i = 0; i < n; i++)                                                                                      \
      to[i] = from[rows[i]];                                                                                           \
    return to;                                                                                                         \
  }

DEFINE_GATHER (gather_u8, guint8)
DEFINE_GATHER (gather_i32, gint32)
DEFINE_GATHER (gather_i64, gint64)
DEFINE_GATHER (gather_double, double)
DEFINE_GATHER (gather_i128, PlInt128)
DEFINE_GATHER (gather_text, PlText)

static gpointer
gather_values (const PlColumn *column, const guint32 *rows, gsize n, PlArena *arena)
{
  switch ((PlTypeKind) column->type.kind)
    {
    case PL_NULL:
      return NULL;
    case PL_BOOL:
      return gather_u8 (column->bools, rows, n, arena);
    case PL_INT:
    case PL_TIMESTAMP:
      return gather_i64 (column->ints, rows, n, arena);
    case PL_FLOAT:
      return gather_double (column->floats, rows, n, arena);
    case PL_DECIMAL:
      return gather_i128 (column->decimals, rows, n, arena);
    case PL_STRING:
      return gather_text (column->texts, rows, n, arena);
    case PL_DATE:
      return gather_i32 (column->dates, rows, n, arena);
    }
  g_assert_not_reached ();
}

static const guint32 *
find_edges (const PlLines *lines, PlArena *arena)
{
  guint32 *edges = pl_arena_new_array (arena, guint32, lines->n * (lines->n_fields + 1));
  guint32 *edge = edges;
  for (gsize i = 0; i < lines->n; i++)
    {
      const guint32 end = lines->ends[i + 1];
      *edge++ = lines->ends[i];
      guint32 at = lines->ends[i] + 1;
      for (; end - at >= 8; at += 8)
        for (guint64 commas = pl_swar_equal (pl_load_u64 (lines->data + at), ','); commas != 0; commas &= commas - 1)
          *edge++ = at + (guint32) __builtin_ctzll (commas) / 8;
      for (; at < end; at++)
        if (lines->data[at] == ',')
          *edge++ = at;
      *edge++ = end;
      g_assert (edge == edges + (i + 1) * (lines->n_fields + 1));
    }
  return edges;
}

void
pl_slices_locate (PlSlices *slices, PlArena *arena)
{
  PlLines *lines = slices->lines;
  if (slices->data == NULL || slices->edges != NULL)
    return;
  if (lines->edges == NULL)
    lines->edges = find_edges (lines, arena);
  slices->edges = lines->edges + slices->field;
  slices->stride = lines->n_fields + 1;
}

/* The texts of @rows (%NULL: of all) out of their slices into @column, whose slices and other parts are settled
 * already. */
static void
take_texts (PlColumn *column, PlSlices slices, const guint32 *rows, gsize n, PlArena *arena)
{
  PlText *texts = pl_arena_new_array (arena, PlText, n);
  pl_slices_locate (&slices, arena);
  for (gsize i = 0; i < n; i++)
    {
      const guint32 *edges = slices.edges + (rows != NULL ? rows[i] : i) * slices.stride;
      guint32 start = edges[0] + 1;
      texts[i] = (PlText){slices.data + start, edges[1] - start, PL_TEXT_PLAIN};
      if (G_LIKELY (start != edges[1]))
        continue;
      pl_column_add_nulls (column, arena, n);
      column->nulls[i] = 1;
    }
  if (column->type.kind == PL_STRING)
    column->texts = texts;
  else
    column->lexical = texts;
}

void
pl_column_settle (PlColumn *column, gsize n_rows, PlArena *arena)
{
  PlSlices slices = column->slices;
  if (slices.data == NULL)
    return;
  column->slices = (PlSlices){0};
  take_texts (column, slices, NULL, n_rows, arena);
}

PlColumn *
pl_column_gather (const PlColumn *column, const guint32 *rows, gsize n, PlArena *arena)
{
  PlColumn *gathered = pl_arena_new_array (arena, PlColumn, 1);
  *gathered = (PlColumn){
      .type = column->type,
      .exact_scale = column->exact_scale,
      .nulls = gather_u8 (column->nulls, rows, n, arena),
      .lexical = gather_text (column->lexical, rows, n, arena),
      .exact = gather_i64 (column->exact, rows, n, arena),
      .exact_scales = gather_u8 (column->exact_scales, rows, n, arena),
  };
  if (column->slices.data == NULL || column->type.kind != PL_STRING)
    gathered->values = gather_values (column, rows, n, arena);
  if (column->slices.data != NULL)
    take_texts (gathered, column->slices, rows, n, arena);
  return gathered;
}

static int
compare_doubles (double a, double b)
{
  if (isnan (a) || isnan (b))
    return !!isnan (a) - !!isnan (b);
  return (a > b) - (a < b);
}

static int
compare_texts (PlText a, PlText b)
{
  gsize common = MIN (a.length, b.length);
  int order = common > 0 ? memcmp (a.data, b.data, common) : 0;
  return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

int
pl_column_compare (const PlColumn *x, gsize a, const PlColumn *y, gsize b)
{
  gboolean a_is_null = pl_column_is_null (x, a);
  gboolean b_is_null = pl_column_is_null (y, b);
  if (a_is_null || b_is_null)
    return a_is_null - b_is_null;
  switch ((PlTypeKind) x->type.kind)
    {
    case PL_NULL:
      return 0;
    case PL_BOOL:
      return x->bools[a] - y->bools[b];
    case PL_INT:
    case PL_TIMESTAMP:
      return (x->ints[a] > y->ints[b]) - (x->ints[a] < y->ints[b]);
    case PL_FLOAT:
      return compare_doubles (x->floats[a], y->floats[b]);
    case PL_DECIMAL:
      return (x->decimals[a] > y->decimals[b]) - (x->decimals[a] < y->decimals[b]);
    case PL_STRING:
      return compare_texts (x->texts[a], y->texts[b]);
    case PL_DATE:
      return (x->dates[a] > y->dates[b]) - (x->dates[a] < y->dates[b]);
    }
  g_assert_not_reached ();
}

/* Odd constants with about as many ones as zeros, from wyhash. */
#define SECRET_0 G_GUINT64_CONSTANT (0xa0761d6478bd642f)
#define SECRET_1 G_GUINT64_CONSTANT (0xe7037ed1a0b428db)
#define SECRET_2 G_GUINT64_CONSTANT (0x8ebc6af09c88c6e3)
#define SECRET_NULL G_GUINT64_CONSTANT (0x589965cc75374cc3)

static inline PlUint128
multiply (guint64 a, guint64 b)
{
  return (PlUint128) a * b;
}

/* Two rounds, as wyhash64() does: one leaves patterns of consecutive numbers visible in the hash. */
static inline guint64
mix (guint64 a, guint64 b)
{
  PlUint128 product = multiply (a, b);
  product = multiply ((guint64) product ^ SECRET_0, (guint64) (product >> 64) ^ SECRET_1);
  return (guint64) product ^ (guint64) (product >> 64);
}

static inline guint64
fold_word (guint64 hash, guint64 word)
{
  return mix (hash ^ word ^ SECRET_0, SECRET_1);
}

static inline guint64
fold_null (guint64 hash)
{
  return mix (hash ^ SECRET_0, SECRET_NULL);
}

/* Two loads that overlap cover every length up to 16 and stay inside the text; with the length they tell all texts
 * apart. */
static inline guint64
fold_text (guint64 hash, const char *data, gsize length)
{
  guint64 low = 0, high = 0;
  if (G_UNLIKELY (length > 16))
    return XXH3_64bits_withSeed (data, length, hash);
  if (length >= 8)
    {
      low = pl_load_u64 (data);
      high = pl_load_u64 (data + length - 8);
    }
  else if (length >= 4)
    {
      low = pl_load_u32 (data);
      high = pl_load_u32 (data + length - 4);
    }
  else if (length > 0)
    low = (guint64) (guint8) data[0] << 16 | (guint64) (guint8) data[length / 2] << 8 | (guint8) data[length - 1];
  return mix (hash ^ low ^ SECRET_0, high ^ SECRET_1 ^ (length * SECRET_2));
}

static inline guint64
fold_double (guint64 hash, double value)
{
  guint64 bits;
  /* All NaNs are one value, and so are both zeros: adding 0.0 makes -0.0 positive. */
  value = isnan (value) ? (double) NAN : value + 0.0;
  memcpy (&bits, &value, sizeof bits);
  return fold_word (hash, bits);
}

static inline guint64
fold_decimal (guint64 hash, PlInt128 value)
{
  return mix (hash ^ (guint64) value ^ SECRET_0, (guint64) ((PlUint128) value >> 64) ^ SECRET_1);
}

/* The loop without nulls is apart, for the common case to have no branch. */
#define FOLD_ROWS(fold_of_row_i)                                                                                       \
  do                                                                                                                   \
    {                                                                                                                  \
      if (nulls == NULL)                                                                                               \
        for (gsize i = 0; i < n_rows; i++)                                                                             \
          hashes[i] = (fold_of_row_i);                                                                                 \
      else                                                                                                             \
        for (gsize i = 0; i < n_rows; i++)                                                                             \
          hashes[i] = nulls[i] ? fold_null (hashes[i]) : (fold_of_row_i);                                              \
    }                                                                                                                  \
  while (0)

void
pl_column_hash (const PlColumn *column, gsize n_rows, guint64 *hashes)
{
  const guint8 *nulls = column->nulls;
  switch ((PlTypeKind) column->type.kind)
    {
    case PL_NULL:
      for (gsize i = 0; i < n_rows; i++)
        hashes[i] = fold_null (hashes[i]);
      return;
    case PL_BOOL:
      FOLD_ROWS (fold_word (hashes[i], column->bools[i]));
      return;
    case PL_INT:
    case PL_TIMESTAMP:
      FOLD_ROWS (fold_word (hashes[i], (guint64) column->ints[i]));
      return;
    case PL_FLOAT:
      FOLD_ROWS (fold_double (hashes[i], column->floats[i]));
      return;
    case PL_DECIMAL:
      FOLD_ROWS (fold_decimal (hashes[i], column->decimals[i]));
      return;
    case PL_STRING:
      FOLD_ROWS (fold_text (hashes[i], column->texts[i].data, column->texts[i].length));
      return;
    case PL_DATE:
      FOLD_ROWS (fold_word (hashes[i], (guint64) column->dates[i]));
      return;
    }
}
