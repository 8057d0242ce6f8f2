/* One column of a batch: contiguous typed values, nulls beside them.
 *
 *   values   [ 12 | 0 | 7 ]      typed by `type`; unspecified (but initialised) where null
 *   nulls    [ 0  | 1 | 0 ]      one byte a row, 0 or 1; NULL when no row is null
 *   lexical  ["12"|"" |"007"]    optional: the text as it stood in the input, for columns that pass through
 *   exact    m × 10^-scale       optional, PL_FLOAT only: the number as written, for exact sums
 *
 *   slices   [ ,1|2, ]           optional: where the texts stand, before somebody takes them out
 *
 * A column is plain data in somebody's arena; it owns nothing. A PL_STRING column has its text in `texts` and never a
 * `lexical`. A column of PL_NULL has values == NULL and every row null.
 *
 * Each batch has what is wanted of a column (PlUse), and how it has it is the batch's own affair: a file's columns
 * differ from computed ones, and from the nulls that stand for a column a file of a union lacks. What is learnt from
 * one batch holds for no other.
 *
 *   PL_USE_TEXT    `lexical`, or `values`, which are printed
 *   PL_USE_VALUE   `values`
 *   PL_USE_EXACT   `exact`, and `floats` for rows that need them; or `values`
 */
#pragma once
#include "../base/arena.h"
#include "type.h"

G_BEGIN_DECLS

typedef enum
{
  /* The bytes hold no comma, double quote, CR or LF: a CSV writer may copy them unseen. */
  PL_TEXT_PLAIN = 1 << 0,
} PlTextFlags;

typedef struct
{
  const char *data; /* not NUL-terminated; valid as long as the batch */
  guint32 length;   /* bytes */
  guint32 flags;    /* PlTextFlags */
} PlText;

/* Lines of plain texts, commas between them and a line feed behind each. Line i begins behind data[ends[i]] and ends
 * before data[ends[i + 1]]. */
typedef struct
{
  const char *data;
  const guint32 *ends; /* n + 1; ends[0] is G_MAXUINT32 */
  gsize n;
  guint n_fields;
  const guint32 *edges; /* of all fields, n_fields + 1 a line; NULL until somebody asks */
} PlLines;

/* Texts still in their records: that of row i begins behind data[edges[i * stride]] and ends before data[edges[i *
 * stride + 1]]. An edge is a 32-bit number, so that G_MAXUINT32 is the place before data[0]. From the start of every
 * text on, PL_SLICE_READABLE bytes can be read. */
#define PL_SLICE_READABLE 32

typedef struct
{
  const char *data;     /* NULL: no slices */
  const guint32 *edges; /* NULL: pl_slices_locate() knows */
  gsize stride;
  PlLines *lines; /* (nullable): what the texts are fields of */
  guint field;    /* of @lines */
} PlSlices;

typedef struct
{
  PlType type;
  guint8 exact_scale; /* the scale of every row when exact_scales is NULL */
  /* Not 0: the texts are the raw field raw - 1 of each row's comma-separated record: every one is PL_TEXT_PLAIN, null
   * exactly where empty, and a comma stands between it and the raw field behind it. */
  guint32 raw;
  guint8 *nulls;
  union
  {
    gpointer values;
    guint8 *bools;
    gint64 *ints;   /* PL_INT and PL_TIMESTAMP */
    double *floats; /* when only the exact form was asked for: those of rows it does not say all of, the others 0; NULL:
                       no such rows */
    PlInt128 *decimals;
    PlText *texts;
    gint32 *dates;
  };
  PlText *lexical;
  /* Stand for the `texts` of a PL_STRING, or for the `lexical` of another type, until pl_column_settle(). Until then
   * `raw` is set, and nulls are only known where there are values. Only what says that it takes slices ever sees
   * them. */
  PlSlices slices;
  /* value = exact[i] * 10^-scale, |exact| < 10^18; see pl_parse_exact(). Of -0.0 only the double has the sign. */
  gint64 *exact;
  guint8 *exact_scales; /* per-row scales (0 to 18), where they differ; or one of these */
} PlColumn;

/* In exact_scales: the number has more than 18 significant digits, or an exponent beyond them; its double stands for
 * it, and means the decimal that it is printed as. */
#define PL_SCALE_INEXACT 255
/* There: the number was computed, and is the double that stands there and nothing else. */
#define PL_SCALE_COMPUTED 254

static inline gboolean
pl_column_is_null (const PlColumn *column, gsize row)
{
  return column->type.kind == PL_NULL || (column->nulls != NULL && column->nulls[row]);
}

/** pl_column_new: Returns: (transfer none): a column of @n_rows values in @arena, values uninitialised, nulls %NULL. */
PlColumn *pl_column_new (PlArena *arena, PlType type, gsize n_rows);
/** pl_column_add_nulls: gives @column a zeroed nulls array if it has none. */
void pl_column_add_nulls (PlColumn *column, PlArena *arena, gsize n_rows);
/** pl_column_null: Returns: (transfer none): @n_rows nulls of @type. */
PlColumn *pl_column_null (PlArena *arena, PlType type, gsize n_rows);
/** pl_column_settle: takes the texts of @n_rows rows out of their slices, where it has any. The one change that is made
 * to a column which others may hold: it means the same as before. */
void pl_column_settle (PlColumn *column, gsize n_rows, PlArena *arena);
/** pl_slices_locate: makes sure that @slices have edges. */
void pl_slices_locate (PlSlices *slices, PlArena *arena);
/** pl_column_gather: Returns: (transfer none): the rows @rows[0 .. n) of @column, every part of it, settled; texts
 * still point to the same bytes. */
PlColumn *pl_column_gather (const PlColumn *column, const guint32 *rows, gsize n, PlArena *arena);

/** pl_column_compare: rows @a of @x and @b of @y, of equal types; nulls equal to each other and after all values,
 * NaN after every number (and equal to NaN), strings by bytes. Returns: <0, 0, >0. */
int pl_column_compare (const PlColumn *x, gsize a, const PlColumn *y, gsize b);
/** pl_column_hash: folds a hash of each row into @hashes (n entries, start them with a seed). Equal values (as
 * pl_column_compare() has it; -0.0 equals 0.0) hash equally. */
void pl_column_hash (const PlColumn *column, gsize n_rows, guint64 *hashes);

G_END_DECLS
