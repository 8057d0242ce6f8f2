/* The scan for arm64: 16 bytes a register; four masks are narrowed to one of 64 bits by weighted pairwise additions. */
#include "scan.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define SCAN_TARGET
#define SCAN_NAME "neon"
#define SCAN_KERNEL pl_scan_neon

typedef struct
{
  uint8x16_t delimiter, quote;
} ScanSet;

typedef struct
{
  uint8x16_t bits;
} ScanSpecial;

#define SCAN_NO_SPECIAL                                                                                                \
  {                                                                                                                    \
    {                                                                                                                  \
      0                                                                                                                \
    }                                                                                                                  \
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

static inline ScanSet
scan_set (char delimiter, char quote)
{
  return (ScanSet){vdupq_n_u8 ((guint8) delimiter), vdupq_n_u8 ((guint8) (quote != 0 ? quote : '\r'))};
}

static inline uint8x16x4_t
load64 (const char *data)
{
  const guint8 *bytes = (const guint8 *) data;
  return (uint8x16x4_t){{vld1q_u8 (bytes), vld1q_u8 (bytes + 16), vld1q_u8 (bytes + 32), vld1q_u8 (bytes + 48)}};
}

static inline uint8x16x4_t
equal64 (uint8x16x4_t word, uint8x16_t wanted)
{
  return (uint8x16x4_t){{vceqq_u8 (word.val[0], wanted), vceqq_u8 (word.val[1], wanted), vceqq_u8 (word.val[2], wanted),
                         vceqq_u8 (word.val[3], wanted)}};
}

static inline uint8x16x4_t
or64 (uint8x16x4_t a, uint8x16x4_t b)
{
  return (uint8x16x4_t){{vorrq_u8 (a.val[0], b.val[0]), vorrq_u8 (a.val[1], b.val[1]), vorrq_u8 (a.val[2], b.val[2]),
                         vorrq_u8 (a.val[3], b.val[3])}};
}

static inline uint8x16x4_t
special64 (uint8x16x4_t word)
{
  int8x16_t one = vdupq_n_s8 (1);
  uint8x16x4_t result;
  for (guint i = 0; i < 4; i++)
    result.val[i] = vcltq_s8 (vreinterpretq_s8_u8 (word.val[i]), one);
  return result;
}

static inline guint64
mask64 (uint8x16x4_t matches)
{
  const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t low = vpaddq_u8 (vandq_u8 (matches.val[0], weights), vandq_u8 (matches.val[1], weights));
  uint8x16_t high = vpaddq_u8 (vandq_u8 (matches.val[2], weights), vandq_u8 (matches.val[3], weights));
  uint8x16_t sum = vpaddq_u8 (low, high);
  return vgetq_lane_u64 (vreinterpretq_u64_u8 (vpaddq_u8 (sum, sum)), 0);
}

static inline uint8x16_t
fold64 (uint8x16x4_t matches)
{
  return vorrq_u8 (vorrq_u8 (matches.val[0], matches.val[1]), vorrq_u8 (matches.val[2], matches.val[3]));
}

static inline guint64
scan_equal (const char *data, char byte)
{
  return mask64 (equal64 (load64 (data), vdupq_n_u8 ((guint8) byte)));
}

static inline guint64
scan_special_mask (const char *data)
{
  return mask64 (special64 (load64 (data)));
}

static inline void
scan_word (const char *data, const ScanSet *set, guint64 *separators, guint64 *feeds, guint64 *attention,
           ScanSpecial *special)
{
  uint8x16x4_t word = load64 (data);
  uint8x16x4_t feed = equal64 (word, vdupq_n_u8 ('\n'));
  *feeds = mask64 (feed);
  *separators = mask64 (or64 (feed, equal64 (word, set->delimiter)));
  *attention = vmaxvq_u8 (fold64 (or64 (equal64 (word, set->quote), equal64 (word, vdupq_n_u8 ('\r')))));
  special->bits = vorrq_u8 (special->bits, fold64 (special64 (word)));
}

static inline gboolean
scan_tally (const char *data, const ScanSet *set, ScanTally *tally)
{
  uint8x16x4_t word = load64 (data);
  if (vmaxvq_u8 (fold64 (equal64 (word, set->quote))) != 0)
    return TRUE;
  uint8x16x4_t feeds = equal64 (word, vdupq_n_u8 ('\n'));
  /* A match is -1 in its byte. */
  uint8x16_t sum = vaddq_u8 (vaddq_u8 (feeds.val[0], feeds.val[1]), vaddq_u8 (feeds.val[2], feeds.val[3]));
  tally->feeds += (guint64) -vaddvq_s8 (vreinterpretq_s8_u8 (sum));
  tally->returns |= vmaxvq_u8 (fold64 (equal64 (word, vdupq_n_u8 ('\r'))));
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
  return vmaxvq_u8 (special->bits) != 0;
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
#endif
