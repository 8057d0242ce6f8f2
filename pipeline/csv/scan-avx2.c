/* The scan for x86-64 with AVX2, BMI and carry-less multiplication (Intel since 2013, AMD since 2015). */
#include "scan.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SCAN_TARGET __attribute__ ((target ("avx2,bmi,bmi2,lzcnt,popcnt,pclmul")))
#define SCAN_NAME "avx2"
#define SCAN_KERNEL pl_scan_avx2

typedef struct
{
  __m256i delimiter, quote, feed, carriage;
} ScanSet;

/* The least of all bytes, as signed numbers: not positive when one of them is NUL or 0x80 and above. */
typedef struct
{
  __m256i least;
} ScanSpecial;

#define SCAN_NO_SPECIAL                                                                                                \
  {                                                                                                                    \
    _mm256_set1_epi8 (1)                                                                                               \
  }

/* By byte of a register: how many LFs, whether a CR. */
typedef struct
{
  __m256i feeds, returns;
} ScanTally;

#define SCAN_NO_TALLY                                                                                                  \
  {                                                                                                                    \
    0                                                                                                                  \
  }
#define SCAN_TALLY_STEP 128
#define SCAN_TALLY_MOST (63 * 128)

static inline SCAN_TARGET ScanSet
scan_set (char delimiter, char quote)
{
  return (ScanSet){_mm256_set1_epi8 (delimiter), _mm256_set1_epi8 (quote != 0 ? quote : '\r'), _mm256_set1_epi8 ('\n'),
                   _mm256_set1_epi8 ('\r')};
}

static inline SCAN_TARGET guint64
join_masks (__m256i low, __m256i high)
{
  return (guint32) _mm256_movemask_epi8 (low) | (guint64) (guint32) _mm256_movemask_epi8 (high) << 32;
}

static inline SCAN_TARGET guint64
scan_equal (const char *data, char byte)
{
  __m256i wanted = _mm256_set1_epi8 (byte);
  return join_masks (_mm256_cmpeq_epi8 (_mm256_loadu_si256 ((const __m256i_u *) data), wanted),
                     _mm256_cmpeq_epi8 (_mm256_loadu_si256 ((const __m256i_u *) (data + 32)), wanted));
}

static inline SCAN_TARGET guint64
scan_special_mask (const char *data)
{
  __m256i one = _mm256_set1_epi8 (1);
  return join_masks (_mm256_cmpgt_epi8 (one, _mm256_loadu_si256 ((const __m256i_u *) data)),
                     _mm256_cmpgt_epi8 (one, _mm256_loadu_si256 ((const __m256i_u *) (data + 32))));
}

static inline SCAN_TARGET void
scan_word (const char *data, const ScanSet *set, guint64 *separators, guint64 *feeds, guint64 *attention,
           ScanSpecial *special)
{
  __m256i low = _mm256_loadu_si256 ((const __m256i_u *) data);
  __m256i high = _mm256_loadu_si256 ((const __m256i_u *) (data + 32));
  __m256i feed_low = _mm256_cmpeq_epi8 (low, set->feed), feed_high = _mm256_cmpeq_epi8 (high, set->feed);
  *feeds = join_masks (feed_low, feed_high);
  *separators = join_masks (_mm256_or_si256 (feed_low, _mm256_cmpeq_epi8 (low, set->delimiter)),
                            _mm256_or_si256 (feed_high, _mm256_cmpeq_epi8 (high, set->delimiter)));
  __m256i others = _mm256_or_si256 (
      _mm256_or_si256 (_mm256_cmpeq_epi8 (low, set->quote), _mm256_cmpeq_epi8 (low, set->carriage)),
      _mm256_or_si256 (_mm256_cmpeq_epi8 (high, set->quote), _mm256_cmpeq_epi8 (high, set->carriage)));
  *attention = (guint32) _mm256_movemask_epi8 (others);
  special->least = _mm256_min_epi8 (special->least, _mm256_min_epi8 (low, high));
}

static inline SCAN_TARGET gboolean
scan_tally (const char *data, const ScanSet *set, ScanTally *tally)
{
  __m256i feeds = _mm256_setzero_si256 (), returns = feeds, quotes = feeds;
  for (guint i = 0; i < SCAN_TALLY_STEP; i += 32)
    {
      __m256i part = _mm256_loadu_si256 ((const __m256i_u *) (data + i));
      quotes = _mm256_or_si256 (quotes, _mm256_cmpeq_epi8 (part, set->quote));
      returns = _mm256_or_si256 (returns, _mm256_cmpeq_epi8 (part, set->carriage));
      feeds = _mm256_add_epi8 (feeds, _mm256_cmpeq_epi8 (part, set->feed));
    }
  if (G_UNLIKELY (!_mm256_testz_si256 (quotes, quotes)))
    return TRUE;
  tally->feeds = _mm256_sub_epi8 (tally->feeds, feeds);
  tally->returns = _mm256_or_si256 (tally->returns, returns);
  return FALSE;
}

static inline SCAN_TARGET guint64
scan_tally_lines (ScanTally *tally)
{
  __m256i sums = _mm256_sad_epu8 (tally->feeds, _mm256_setzero_si256 ());
  tally->feeds = _mm256_setzero_si256 ();
  return (guint64) (_mm256_extract_epi64 (sums, 0) + _mm256_extract_epi64 (sums, 1) + _mm256_extract_epi64 (sums, 2)
                    + _mm256_extract_epi64 (sums, 3));
}

static inline SCAN_TARGET gboolean
scan_any_return (const ScanTally *tally)
{
  return !_mm256_testz_si256 (tally->returns, tally->returns);
}

static inline SCAN_TARGET gboolean
scan_any_special (const ScanSpecial *special)
{
  return _mm256_movemask_epi8 (_mm256_cmpgt_epi8 (_mm256_set1_epi8 (1), special->least)) != 0;
}

static inline SCAN_TARGET guint64
scan_prefix_xor (guint64 bits)
{
  return (guint64) _mm_cvtsi128_si64 (
      _mm_clmulepi64_si128 (_mm_set_epi64x (0, (gint64) bits), _mm_set1_epi8 ((char) 0xff), 0));
}

/* Writes as many as are expected blindly: a loop whose length the branch predictor cannot know costs more; tzcnt of 0
 * is defined. Volatile, because gathering four entries in a vector first, as compilers like to, costs more than writing
 * each. */
static inline SCAN_TARGET guint32 *
scan_flatten (guint32 *out, guint64 bits, guint32 offset, guint expected)
{
  guint32 *end = out + __builtin_popcountll (bits);
#define FLATTEN(n)                                                                                                     \
  for (guint i = 0; i < (n); i++)                                                                                      \
    {                                                                                                                  \
      *(volatile guint32 *) out++ = offset + (guint32) _tzcnt_u64 (bits);                                              \
      bits = _blsr_u64 (bits);                                                                                         \
    }
  FLATTEN (4)
  if (expected > 4)
    FLATTEN (2)
  if (expected > 6)
    FLATTEN (2)
  if (expected > 8)
    FLATTEN (4)
  if (expected > 12)
    FLATTEN (4)
  while (G_UNLIKELY (bits != 0))
    FLATTEN (4)
#undef FLATTEN
  return end;
}

#define SCAN_SELECTS
static inline SCAN_TARGET guint64
scan_deposit (guint64 bits, guint64 mask)
{
  return _pdep_u64 (bits, mask);
}

#include "scan-kernel.h"

const PlScanKernel pl_scan_avx2_plain = {"avx2-plain", scan_survey, scan_index, NULL};
#endif
