/* Eight digits at a time in a 64-bit word ("SIMD within a register"): loads, checks and conversion.
 *
 * Byte 0 of a word is the first character, on every machine. XOR with "00000000" turns the digits, and only them, into
 * bytes 0 to 9. */
#pragma once
#include <glib.h>
#include <string.h>

#define PL_SWAR_ONES G_GUINT64_CONSTANT (0x0101010101010101)
#define PL_SWAR_HIGHS G_GUINT64_CONSTANT (0x8080808080808080)
#define PL_SWAR_ZEROS (PL_SWAR_ONES * '0')

static inline guint64
pl_load_u64 (const char *data)
{
  guint64 word;
  memcpy (&word, data, sizeof word);
  return GUINT64_FROM_LE (word);
}

static inline void
pl_store_u64 (char *data, guint64 word)
{
  word = GUINT64_TO_LE (word);
  memcpy (data, &word, sizeof word);
}

static inline guint64
pl_load_u32 (const char *data)
{
  guint32 word;
  memcpy (&word, data, sizeof word);
  return GUINT32_FROM_LE (word);
}

static inline guint64
pl_load_u16 (const char *data)
{
  guint16 word;
  memcpy (&word, data, sizeof word);
  return GUINT16_FROM_LE (word);
}

/* Whether all bytes are 0 to 9. */
static inline gboolean
pl_swar_are_digits (guint64 word)
{
  return (((word + PL_SWAR_ONES * (0x80 - 10)) | word) & PL_SWAR_HIGHS) == 0;
}

/* The highest bit of each byte that is @byte. */
static inline guint64
pl_swar_equal (guint64 word, guint8 byte)
{
  const guint64 other = word ^ (PL_SWAR_ONES * byte);
  return ~(((other & ~PL_SWAR_HIGHS) + ~PL_SWAR_HIGHS) | other) & PL_SWAR_HIGHS;
}

/* Bytes d0 d1 … as pairs: d0 × 10 + d1 in byte 0, d2 × 10 + d3 in byte 2 … */
static inline guint64
pl_swar_pairs (guint64 word)
{
  return word * 10 + (word >> 8);
}

/* The number that eight digits write, the first one in byte 0. */
static inline guint64
pl_swar_number (guint64 word)
{
  const guint64 mask = G_GUINT64_CONSTANT (0x000000ff000000ff);
  word = pl_swar_pairs (word);
  guint64 first = (word & mask) * (100 + (G_GUINT64_CONSTANT (1000000) << 32));
  guint64 second = ((word >> 16) & mask) * (1 + (G_GUINT64_CONSTANT (10000) << 32));
  return (first + second) >> 32;
}

/* The other way round: the eight digits of @value, below 10^8, the first one in byte 0. */
static inline guint64
pl_swar_digits (guint32 value)
{
  guint64 word = value / 10000 | (guint64) (value % 10000) << 32;
  guint64 high = ((word * 10486) >> 20) & G_GUINT64_CONSTANT (0x0000007f0000007f);
  word = high | (word - high * 100) << 16;
  high = ((word * 103) >> 10) & G_GUINT64_CONSTANT (0x000f000f000f000f);
  return high | (word - high * 10) << 8;
}
