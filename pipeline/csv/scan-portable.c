/* The scan without vector instructions: eight bytes at a time in a 64-bit register. Correct anywhere, little- or
 * big-endian. */
#include "scan.h"

#define SCAN_TARGET
#define SCAN_NAME "portable"
#define SCAN_KERNEL pl_scan_portable

#define LOW_BITS G_GUINT64_CONSTANT (0x7f7f7f7f7f7f7f7f)
#define ONES G_GUINT64_CONSTANT (0x0101010101010101)

typedef struct
{
  guint64 delimiter, quote;
} ScanSet;

typedef struct
{
  guint64 bits;
} ScanSpecial;

#define SCAN_NO_SPECIAL                                                                                                \
  {                                                                                                                    \
    0                                                                                                                  \
  }

/* LFs so far, and CRs. */
typedef struct
{
  guint64 feeds, returns;
} ScanTally;

#define SCAN_NO_TALLY                                                                                                  \
  {                                                                                                                    \
    0                                                                                                                  \
  }
#define SCAN_TALLY_STEP 64
#define SCAN_TALLY_MOST G_MAXSIZE

static inline guint64
load8 (const char *data)
{
  guint64 word;
  memcpy (&word, data, 8);
  return GUINT64_FROM_LE (word);
}

/* 0x80 in every byte of @word that is zero: exact, no carries between bytes. */
static inline guint64
zero_bytes (guint64 word)
{
  return ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
}

/* The eight 0x80 bits as eight bits. */
static inline guint64
gather_bits (guint64 bits)
{
  return (bits >> 7) * G_GUINT64_CONSTANT (0x0102040810204080) >> 56;
}

static inline ScanSet
scan_set (char delimiter, char quote)
{
  return (ScanSet){(guint8) delimiter * ONES, (guint8) (quote != 0 ? quote : '\r') * ONES};
}

static inline guint64
scan_equal (const char *data, char byte)
{
  guint64 mask = 0;
  for (guint i = 0; i < 8; i++)
    mask |= gather_bits (zero_bytes (load8 (data + 8 * i) ^ ((guint8) byte * ONES))) << (8 * i);
  return mask;
}

static inline guint64
scan_special_mask (const char *data)
{
  guint64 mask = 0;
  for (guint i = 0; i < 8; i++)
    {
      guint64 word = load8 (data + 8 * i);
      mask |= gather_bits (zero_bytes (word) | (word & ~LOW_BITS)) << (8 * i);
    }
  return mask;
}

static inline void
scan_word (const char *data, const ScanSet *set, guint64 *separators, guint64 *feeds, guint64 *attention,
           ScanSpecial *special)
{
  guint64 all = 0, lines = 0, others = 0;
  for (guint i = 0; i < 8; i++)
    {
      guint64 word = load8 (data + 8 * i);
      guint64 feed = zero_bytes (word ^ ('\n' * ONES));
      all |= gather_bits (feed | zero_bytes (word ^ set->delimiter)) << (8 * i);
      lines |= gather_bits (feed) << (8 * i);
      others |= zero_bytes (word ^ set->quote) | zero_bytes (word ^ ('\r' * ONES));
      special->bits |= zero_bytes (word) | (word & ~LOW_BITS);
    }
  *separators = all;
  *feeds = lines;
  *attention = others;
}

static inline gboolean
scan_tally (const char *data, const ScanSet *set, ScanTally *tally)
{
  guint64 quotes = 0, returns = 0, feeds = 0;
  for (guint i = 0; i < 8; i++)
    {
      guint64 word = load8 (data + 8 * i);
      quotes |= zero_bytes (word ^ set->quote);
      returns |= zero_bytes (word ^ ('\r' * ONES));
      feeds += zero_bytes (word ^ ('\n' * ONES)) >> 7;
    }
  if (quotes != 0)
    return TRUE;
  /* Up to eight in each byte: 64 do not fit one. */
  tally->feeds += (feeds & G_GUINT64_CONSTANT (0x00ff00ff00ff00ff)) * G_GUINT64_CONSTANT (0x0001000100010001) >> 48;
  tally->feeds
      += (feeds >> 8 & G_GUINT64_CONSTANT (0x00ff00ff00ff00ff)) * G_GUINT64_CONSTANT (0x0001000100010001) >> 48;
  tally->returns |= returns;
  return FALSE;
}

static inline guint64
scan_tally_lines (ScanTally *tally)
{
  guint64 lines = tally->feeds;
  tally->feeds = 0;
  return lines;
}

static inline gboolean
scan_any_return (const ScanTally *tally)
{
  return tally->returns != 0;
}

static inline gboolean
scan_any_special (const ScanSpecial *special)
{
  return special->bits != 0;
}

static inline guint64
scan_prefix_xor (guint64 bits)
{
  for (guint shift = 1; shift < 64; shift *= 2)
    bits ^= bits << shift;
  return bits;
}

static inline guint32 *
scan_flatten (guint32 *out, guint64 bits, guint32 offset, G_GNUC_UNUSED guint expected)
{
  for (; bits != 0; bits &= bits - 1)
    *out++ = offset + (guint32) __builtin_ctzll (bits);
  return out;
}

#include "scan-kernel.h"
