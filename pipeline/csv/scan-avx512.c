/* The scan for x86-64 with AVX-512 BW: a comparison of 64 bytes gives its mask directly. */
#include "scan.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SCAN_TARGET __attribute__ ((target ("avx512f,avx512bw,bmi,bmi2,lzcnt,popcnt,pclmul")))
#define SCAN_NAME "avx512"
#define SCAN_KERNEL pl_scan_avx512

typedef struct
{
  __m512i delimiter, quote;
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

static inline SCAN_TARGET ScanSet
scan_set (char delimiter, char quote)
{
  return (ScanSet){_mm512_set1_epi8 (delimiter), _mm512_set1_epi8 (quote != 0 ? quote : '\r')};
}

static inline SCAN_TARGET guint64
scan_equal (const char *data, char byte)
{
  return _mm512_cmpeq_epi8_mask (_mm512_loadu_si512 (data), _mm512_set1_epi8 (byte));
}

static inline SCAN_TARGET guint64
scan_special_mask (const char *data)
{
  return _mm512_cmplt_epi8_mask (_mm512_loadu_si512 (data), _mm512_set1_epi8 (1));
}

static inline SCAN_TARGET void
scan_word (const char *data, const ScanSet *set, guint64 *separators, guint64 *feeds, guint64 *attention,
           ScanSpecial *special)
{
  __m512i word = _mm512_loadu_si512 (data);
  *feeds = _mm512_cmpeq_epi8_mask (word, _mm512_set1_epi8 ('\n'));
  *separators = *feeds | _mm512_cmpeq_epi8_mask (word, set->delimiter);
  *attention = _mm512_cmpeq_epi8_mask (word, set->quote) | _mm512_cmpeq_epi8_mask (word, _mm512_set1_epi8 ('\r'));
  special->bits |= _mm512_cmplt_epi8_mask (word, _mm512_set1_epi8 (1));
}

static inline SCAN_TARGET gboolean
scan_tally (const char *data, const ScanSet *set, ScanTally *tally)
{
  __m512i word = _mm512_loadu_si512 (data);
  if (G_UNLIKELY (_mm512_cmpeq_epi8_mask (word, set->quote) != 0))
    return TRUE;
  tally->feeds += (guint64) __builtin_popcountll (_mm512_cmpeq_epi8_mask (word, _mm512_set1_epi8 ('\n')));
  tally->returns |= _mm512_cmpeq_epi8_mask (word, _mm512_set1_epi8 ('\r'));
  return FALSE;
}

static inline SCAN_TARGET guint64
scan_tally_lines (ScanTally *tally)
{
  guint64 lines = tally->feeds;
  tally->feeds = 0;
  return lines;
}

static inline SCAN_TARGET gboolean
scan_any_return (const ScanTally *tally)
{
  return tally->returns != 0;
}

static inline SCAN_TARGET gboolean
scan_any_special (const ScanSpecial *special)
{
  return special->bits != 0;
}

static inline SCAN_TARGET guint64
scan_prefix_xor (guint64 bits)
{
  return (guint64) _mm_cvtsi128_si64 (
      _mm_clmulepi64_si128 (_mm_set_epi64x (0, (gint64) bits), _mm_set1_epi8 ((char) 0xff), 0));
}

static inline SCAN_TARGET guint32 *
scan_flatten (guint32 *out, guint64 bits, guint32 offset, G_GNUC_UNUSED guint expected)
{
  guint32 *end = out + __builtin_popcountll (bits);
  for (guint i = 0; bits != 0; i += 8)
    for (guint j = 0; j < 8; j++)
      {
        out[i + j] = offset + (guint32) _tzcnt_u64 (bits);
        bits = _blsr_u64 (bits);
      }
  return end;
}

#define SCAN_SELECTS
static inline SCAN_TARGET guint64
scan_deposit (guint64 bits, guint64 mask)
{
  return _pdep_u64 (bits, mask);
}

#include "scan-kernel.h"
#endif
