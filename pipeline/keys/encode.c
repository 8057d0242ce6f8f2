/* Columns to key rows: one pass a column over rows that stay in cache. Short texts are read by whole words and cut to
 * their length by a mask, without a branch that depends on it; what a word holds behind the text's end is in the same
 * page, if not the text's own. */
#include "encode.h"
#include "field.h"
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

/* Texts in words of their own. @width is a constant where this is inlined. */
static inline __attribute__ ((always_inline)) gboolean
encode_aligned_texts (PlKeyLayout *layout, const PlKeyField *field, const PlColumn *column, gsize n, guint64 *rows,
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

/* Where a packed field of up to 8 bytes is written with one word, which holds bytes of its neighbours, too. */
typedef struct
{
  gsize offset;
  guint shift;  /* bits: of the field in that word */
  guint64 mask; /* its bits */
} Spot;

static Spot
spot_of (const PlKeyLayout *layout, const PlKeyField *field)
{
  const gsize last = (layout->n_words - 1) * sizeof (guint64), offset = MIN (field->offset, last);
  const guint shift = (guint) (field->offset - offset) * 8;
  const guint64 mask = field->width < 8 ? (G_GUINT64_CONSTANT (1) << (8 * field->width)) - 1 : ~(guint64) 0;
  return (Spot){offset, shift, mask << shift};
}

/* Texts of less than 8 bytes between other fields. */
static gboolean
encode_short_texts (const PlKeyLayout *layout, const PlKeyField *field, const PlColumn *column, gsize n, guint64 *rows)
{
  const gsize stride = layout->n_words * sizeof (guint64);
  const guint width = field->width, length_shift = 8 * (width - 1);
  const Spot spot = spot_of (layout, field);
  guint8 *to = (guint8 *) rows + spot.offset;
  gboolean fits = TRUE;
  for (gsize i = 0; i < n; i++, to += stride)
    {
      const PlText *text = &column->texts[i];
      const guint32 length = text->length;
      guint64 word = 0;
      if (column->nulls != NULL && column->nulls[i])
        word = (guint64) PL_KEY_NULL_TEXT << length_shift;
      else if (G_LIKELY ((length - 1 < width - 1) & (((guintptr) text->data & (PL_KEY_PAGE - 1)) <= PL_KEY_PAGE - 8)))
        {
          pl_key_load_masked (text->data, length, &word, 1);
          word |= (guint64) length << length_shift;
        }
      else if (length < width)
        {
          if (length > 0)
            memcpy (&word, text->data, length);
          word |= (guint64) length << length_shift;
        }
      else
        fits = FALSE;
      PlLooseWord *at = (PlLooseWord *) (gpointer) to;
      *at = (*at & ~spot.mask) | word << spot.shift;
    }
  return fits;
}

/* Texts of 8 bytes and more between other fields: whole words, the last of which may overlap the one before. @n_loads
 * is a constant where this is inlined. */
static inline __attribute__ ((always_inline)) gboolean
encode_packed_texts (const PlKeyLayout *layout, const PlKeyField *field, const PlColumn *column, gsize n, guint64 *rows,
                     const guint n_loads)
{
  const gsize stride = layout->n_words * sizeof (guint64);
  const guint width = field->width, last = width - 8;
  guint8 *to = (guint8 *) rows + field->offset;
  gboolean fits = TRUE;
  for (gsize i = 0; i < n; i++, to += stride)
    {
      const PlText *text = &column->texts[i];
      const guint32 length = text->length;
      const char *p = text->data;
      if (column->nulls != NULL && column->nulls[i])
        {
          memset (to, 0, width);
          to[width - 1] = PL_KEY_NULL_TEXT;
        }
      else if (G_LIKELY ((length - 1 < width - 1) & (((guintptr) p & (PL_KEY_PAGE - 1)) <= PL_KEY_PAGE - width)))
        {
          const guint8 *mask = (const guint8 *) pl_key_masks[length];
          const guint64 end = (pl_key_load8 (p + last) & *(const PlLooseWord *) (mask + last)) | (guint64) length << 56;
          for (guint word = 0; word + 1 < n_loads; word++)
            *(PlLooseWord *) (gpointer) (to + 8 * word)
                = pl_key_load8 (p + 8 * word) & *(const PlLooseWord *) (mask + 8 * word);
          *(PlLooseWord *) (gpointer) (to + last) = end;
        }
      else
        fits &= encode_rare_text (field, text, (guint64 *) (gpointer) (to - field->offset));
    }
  return fits;
}

static gboolean
encode_texts (PlKeyLayout *layout, const PlKeyField *field, const PlColumn *column, gsize n, guint64 *rows)
{
  if (field->aligned)
    switch (field->width)
      {
      case 8:
        return encode_aligned_texts (layout, field, column, n, rows, 8);
      case 16:
        return encode_aligned_texts (layout, field, column, n, rows, 16);
      default:
        return encode_aligned_texts (layout, field, column, n, rows, 32);
      }
  switch ((field->width + 7) / 8)
    {
    case 1:
      return field->width < 8 ? encode_short_texts (layout, field, column, n, rows)
                              : encode_packed_texts (layout, field, column, n, rows, 1);
    case 2:
      return encode_packed_texts (layout, field, column, n, rows, 2);
    case 3:
      return encode_packed_texts (layout, field, column, n, rows, 3);
    default:
      return encode_packed_texts (layout, field, column, n, rows, 4);
    }
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

/* @width is a constant where this is inlined. */
static inline __attribute__ ((always_inline)) gboolean
encode_ints (const PlKeyLayout *layout, const PlColumn *column, gsize n, guint8 *to, const guint width)
{
  const gsize stride = layout->n_words * sizeof (guint64);
  const guint8 *nulls = column->nulls;
  gboolean fits = TRUE;
  for (gsize i = 0; i < n; i++, to += stride)
    {
      gint64 value = column->ints[i];
      if (G_UNLIKELY (nulls != NULL && nulls[i]))
        value = pl_key_narrow_null (width);
      else
        fits &= pl_key_fits_narrow (value, width);
      memcpy (to, &value, width);
    }
  return fits;
}

static gboolean
encode_narrow (const PlKeyLayout *layout, const PlKeyField *field, const PlColumn *column, gsize n, guint8 *to)
{
  const gsize stride = layout->n_words * sizeof (guint64);
  const guint8 *nulls = column->nulls;
  if (field->type.kind != PL_DATE)
    switch (field->width)
      {
      case 1:
        return encode_ints (layout, column, n, to, 1);
      case 2:
        return encode_ints (layout, column, n, to, 2);
      default:
        return encode_ints (layout, column, n, to, 4);
      }
  for (gsize i = 0; i < n; i++)
    {
      const gint32 value = nulls != NULL && nulls[i] ? G_MININT32 : column->dates[i];
      memcpy (to + i * stride, &value, sizeof value);
    }
  return TRUE;
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
  if (kind == PL_STRING)
    {
      field->plain = field->plain && pl_key_texts_are_plain (column, n);
      return encode_texts (layout, field, column, n, rows);
    }
  const gboolean nulls = kind != PL_BOOL && kind != PL_DATE && kind != PL_FLOAT && has_nulls (column->nulls, n);
  if (field->width < 8 && kind != PL_BOOL)
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
    for (gsize i = 1; i <= n; i++)
      rows[i * layout->n_words - 1] = 0;
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

/* Two words a multiplication, of 128 bits, behind secrets (as wyhash does): each bit of both reaches the hash. Sums of
 * products by secret factors would not do: words that differ in their highest bytes alone would meet, whatever the
 * secret. @n_words and @long_texts are constants where this is inlined. */
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
