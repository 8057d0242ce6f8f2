/* Columns to key rows: one pass a column over rows that stay in cache. Short texts are read by whole words and cut to their length by a
 * mask, without a branch that depends on it; what a word holds behind the text's end is in the same page, if not the text's own. */
#include "group-encode.h"
#include <math.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define NAN_BITS G_GUINT64_CONSTANT (0x7ff8000000000000)

/* Any text that stands at a page's end or is empty. Returns: %FALSE when it does not fit. */
static gboolean
encode_rare_text (const PlKeyField *field, const PlText *text, guint64 *row)
{
  guint8 *to = (guint8 *) row + field->offset;
  memset (to, 0, field->width);
  if (text->length >= field->width)
    return FALSE;
  if (text->length > 0)
    memcpy (to, text->data, text->length);
  to[field->width - 1] = (guint8) text->length;
  return TRUE;
}

/* @width is a constant where this is inlined. */
static inline __attribute__ ((always_inline)) gboolean
encode_texts (PlKeyLayout *layout, const PlKeyField *field, const PlColumn *column, gsize n, guint64 *rows,
              const guint width)
{
  const guint n_words = layout->n_words;
  const guint8 *nulls = column->nulls;
  guint64 *to = rows + field->offset / 8;
  gboolean fits = TRUE;
  for (gsize i = 0; i < n; i++, to += n_words)
    {
      const PlText *text = &column->texts[i];
      const guint32 length = text->length;
      const char *p = text->data;
      if (nulls != NULL && nulls[i])
        {
          memset (to, 0, width);
          to[width / 8 - 1] = (guint64) PL_KEY_NULL_TEXT << 56;
        }
      else if (G_LIKELY ((length - 1 < width - 1) & (((guintptr) p & (PL_KEY_PAGE - 1)) <= PL_KEY_PAGE - width)))
        {
          pl_key_load_masked (p, length, to, width / 8);
          to[width / 8 - 1] |= (guint64) length << 56;
        }
      else if (width >= 16 && length > PL_KEY_INLINE)
        {
          guint32 head;
          memcpy (&head, p, sizeof head);
          memset (to, 0, width);
          to[0] = length | (guint64) head << 32;
          pl_key_set_long (field, to - field->offset / 8, p);
          layout->has_long = TRUE;
        }
      else
        fits &= encode_rare_text (field, text, to - field->offset / 8);
    }
  return fits;
}

static inline guint64
encode_float (double value)
{
  guint64 bits;
  if (G_UNLIKELY (isnan (value)))
    return NAN_BITS;
  value += 0.0; /* -0.0 + 0.0 is 0.0 */
  memcpy (&bits, &value, sizeof bits);
  return bits;
}

/* Nulls of the types that have no value to spare for them: their bit is set and the value cleared. */
static void
encode_null_bits (const PlKeyLayout *layout, const PlKeyField *field, const guint8 *nulls, gsize n, guint64 *rows)
{
  const guint word = (guint) field->null_bit / 64;
  for (gsize i = 0; i < n; i++)
    if (nulls[i])
      {
        guint64 *row = rows + i * layout->n_words;
        row[word] |= G_GUINT64_CONSTANT (1) << (field->null_bit % 64);
        memset ((guint8 *) row + field->offset, 0, field->width);
      }
}

static gboolean
encode_narrow (const PlKeyLayout *layout, const PlKeyField *field, const PlColumn *column, gsize n, guint8 *to)
{
  const gsize stride = layout->n_words * sizeof (guint64);
  const guint8 *nulls = column->nulls;
  gboolean fits = TRUE;
  for (gsize i = 0; i < n; i++, to += stride)
    {
      gint32 value = G_MININT32;
      if (nulls == NULL || !nulls[i])
        {
          value = field->type.kind == PL_DATE ? column->dates[i] : (gint32) column->ints[i];
          fits &= field->type.kind == PL_DATE || pl_key_fits_narrow (column->ints[i]);
        }
      memcpy (to, &value, sizeof value);
    }
  return fits;
}

/* Those of one, eight and sixteen bytes that are no texts. */
static void
encode_plain (const PlKeyLayout *layout, const PlKeyField *field, const PlColumn *column, gsize n, guint8 *to)
{
  const gsize stride = layout->n_words * sizeof (guint64);
  const guint8 *nulls = column->nulls;
  guint64 bits;
  switch (field->type.kind)
    {
    case PL_BOOL:
      for (gsize i = 0; i < n; i++)
        to[i * stride] = nulls != NULL && nulls[i] ? PL_KEY_NULL_BOOL : column->bools[i];
      break;
    case PL_FLOAT:
      for (gsize i = 0; i < n; i++)
        {
          bits = nulls != NULL && nulls[i] ? PL_KEY_NULL_FLOAT : encode_float (column->floats[i]);
          memcpy (to + i * stride, &bits, sizeof bits);
        }
      break;
    case PL_DECIMAL:
      for (gsize i = 0; i < n; i++)
        memcpy (to + i * stride, &column->decimals[i], sizeof (PlInt128));
      break;
    default:
      for (gsize i = 0; i < n; i++)
        memcpy (to + i * stride, &column->ints[i], sizeof (gint64));
      break;
    }
}

static gboolean
has_nulls (const guint8 *nulls, gsize n)
{
  return nulls != NULL && memchr (nulls, 1, n) != NULL;
}

static gboolean
encode_field (PlKeyLayout *layout, PlKeyField *field, const PlColumn *column, gsize n, guint64 *rows)
{
  guint8 *to = (guint8 *) rows + field->offset;
  const PlTypeKind kind = (PlTypeKind) field->type.kind;
  if (kind == PL_STRING && field->width == 8)
    return encode_texts (layout, field, column, n, rows, 8);
  if (kind == PL_STRING && field->width == 16)
    return encode_texts (layout, field, column, n, rows, 16);
  if (kind == PL_STRING)
    return encode_texts (layout, field, column, n, rows, 32);
  const gboolean nulls = kind != PL_BOOL && kind != PL_DATE && kind != PL_FLOAT && has_nulls (column->nulls, n);
  if (field->width == 4)
    {
      /* Remembered, should the field become wide. */
      field->nullable |= nulls;
      return encode_narrow (layout, field, column, n, to);
    }
  if (nulls && field->null_bit < 0)
    return FALSE;
  encode_plain (layout, field, column, n, to);
  if (nulls)
    encode_null_bits (layout, field, column->nulls, n, rows);
  return TRUE;
}

gboolean
pl_keys_encode (PlKeyLayout *layout, PlColumn *const *columns, gsize n, guint64 *rows)
{
  if (layout->has_gaps)
    memset (rows, 0, n * layout->n_words * sizeof *rows);
  for (guint word = 0; word < layout->n_null_words; word++)
    for (gsize i = 0; i < n; i++)
      rows[i * layout->n_words + word] = 0;
  for (guint f = 0; f < layout->n_fields; f++)
    if (layout->fields[f].type.kind != PL_NULL && !encode_field (layout, &layout->fields[f], columns[f], n, rows))
      return FALSE;
  return TRUE;
}

/* ---- hashing ---- */

/* A text that a row points to: sixteen bytes a step, the last ones overlapping; XXH3 where its set-up pays. */
static inline guint64
hash_text (const char *text, gsize length, guint64 seed)
{
  /* Both factors hide behind the seed: who knows one can make the product 0, whatever the other is. */
  const guint64 other = seed ^ PL_KEY_FACTOR;
  guint64 hash = length * PL_KEY_FACTOR ^ seed;
  if (G_UNLIKELY (length > 64))
    return XXH3_64bits_withSeed (text, length, seed);
  for (gsize at = 0; at + 16 < length; at += 16)
    hash = pl_key_mix (pl_key_load8 (text + at) ^ hash, pl_key_load8 (text + at + 8) ^ other);
  return pl_key_mix (pl_key_load8 (text + length - 16) ^ hash, pl_key_load8 (text + length - 8) ^ other);
}

/* What word @word of @row counts for: long texts count by what they point to. */
static inline guint64
word_value (const PlKeyLayout *layout, const guint64 *row, guint word, const gboolean long_texts)
{
  if (long_texts && layout->text_ends[word] > 0)
    {
      const PlKeyField *field = &layout->fields[layout->text_ends[word] - 1];
      if (pl_key_is_long (field, row))
        return hash_text (pl_key_long_data (field, row), pl_key_long_length (field, row), layout->seed);
    }
  return row[word];
}

/* Two words a multiplication, of 128 bits, behind secrets (as wyhash does): each bit of both reaches the hash. Sums of products by secret
 * factors would not do: words that differ in their highest bytes alone would meet, whatever the secret. @n_words and @long_texts are
 * constants where this is inlined. */
static inline void
hash_rows (const PlKeyLayout *layout, const guint64 *rows, gsize n, guint32 *hashes, const guint n_words,
           const gboolean long_texts)
{
  for (gsize i = 0; i < n; i++)
    {
      const guint64 *row = rows + i * n_words;
      guint64 hash = layout->seed;
      for (guint word = 0; word < n_words; word += 2)
        {
          const guint64 *secrets = layout->secrets + word % PL_KEY_SECRETS;
          const guint64 second = word + 1 < n_words ? word_value (layout, row, word + 1, long_texts) : 0;
          hash += pl_key_mix (word_value (layout, row, word, long_texts) ^ secrets[0], second ^ secrets[1]);
          if (word % PL_KEY_SECRETS == PL_KEY_SECRETS - 2)
            hash = pl_key_mix (hash, PL_KEY_FACTOR);
        }
      hashes[i] = pl_key_hash_end (hash);
    }
}

void
pl_keys_hash (const PlKeyLayout *layout, const guint64 *rows, gsize n, guint32 *hashes)
{
  if (layout->has_long)
    hash_rows (layout, rows, n, hashes, layout->n_words, TRUE);
  else
    switch (layout->n_words)
      {
      case 1:
        hash_rows (layout, rows, n, hashes, 1, FALSE);
        break;
      case 2:
        hash_rows (layout, rows, n, hashes, 2, FALSE);
        break;
      case 3:
        hash_rows (layout, rows, n, hashes, 3, FALSE);
        break;
      case 4:
        hash_rows (layout, rows, n, hashes, 4, FALSE);
        break;
      default:
        hash_rows (layout, rows, n, hashes, layout->n_words, FALSE);
      }
}
