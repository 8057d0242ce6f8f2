/* pl_short_decimal() for x86-64 with AVX2: the text is brought to the right end of a 16-byte register, the part before the point one
 * byte further than the part behind it, so that the point falls out; then digits are joined by twos, fours and eights.
 *
 *   "33.993103"  ─►  . . . . . . . . 3 3 9 9 3 1 0 3  ─►  33 99 31 03  ─►  3399 3103  ─►  33993103
 *
 * The joining is Wojciech Muła's ("SIMD-ized conversion of strings to integers"). */
#pragma once
#include <glib.h>

#if defined(__x86_64__)
#include <immintrin.h>

G_BEGIN_DECLS

#define PL_NUMBER_AVX2 __attribute__ ((target ("avx2,bmi")))

/** pl_short_decimal_avx2: [-] 1 to 16 characters, digits without leading zeros, and a point anywhere but at the start.
 * @data: PL_FIELD_PADDING readable bytes stand behind it. */
static inline PL_NUMBER_AVX2 __attribute__ ((always_inline)) gboolean
pl_short_decimal_avx2 (const char *data, gsize length, gint64 *mantissa, guint8 *scale)
{
  /* Loaded k bytes before its second half: moves bytes k places to the right, zeros behind them. */
  static const guint8 moves[32] = {128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
                                   0,   1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  12,  13,  14,  15};
  gsize negative = *data == '-';
  data += negative;
  length -= negative;
  if (G_UNLIKELY (length - 1 >= 16))
    return FALSE;
  __m128i text = _mm_loadu_si128 ((const __m128i_u *) data);
  guint32 points = (guint32) _mm_movemask_epi8 (_mm_cmpeq_epi8 (text, _mm_set1_epi8 ('.')));
  gsize point = _tzcnt_u32 (points | 1u << length);
  gsize has_point = point < length, behind = point + 17 - length;
  __m128i digits = _mm_sub_epi8 (text, _mm_set1_epi8 ('0'));
  __m128i fraction = _mm_shuffle_epi8 (digits, _mm_loadu_si128 ((const __m128i_u *) (moves + length)));
  __m128i whole = _mm_shuffle_epi8 (digits, _mm_loadu_si128 ((const __m128i_u *) (moves + length - 1)));
  __m128i is_whole = _mm_cmpgt_epi8 (_mm_set1_epi8 ((char) (has_point != 0 ? behind : 0)),
                                     _mm_loadu_si128 ((const __m128i_u *) (moves + 16)));
  digits = _mm_blendv_epi8 (fraction, whole, is_whole);
  __m128i excess = _mm_subs_epu8 (digits, _mm_set1_epi8 (9));
  if (G_UNLIKELY (!_mm_testz_si128 (excess, excess) || point == 0 || (*data == '0' && point > 1)))
    return FALSE;
  __m128i pairs = _mm_maddubs_epi16 (digits, _mm_set1_epi16 (10 | 1 << 8));
  __m128i fours = _mm_madd_epi16 (pairs, _mm_set1_epi32 (100 | 1 << 16));
  __m128i eights = _mm_madd_epi16 (_mm_packus_epi32 (fours, fours), _mm_set1_epi32 (10000 | 1 << 16));
  guint64 halves = (guint64) _mm_cvtsi128_si64 (eights);
  guint64 number = (halves & G_MAXUINT32) * 100000000 + (halves >> 32);
  if (G_UNLIKELY (number == 0 && negative != 0))
    return FALSE; /* -0.0 keeps its sign elsewhere */
  *mantissa = (gint64) ((number ^ (0 - (guint64) negative)) + negative);
  *scale = (guint8) (length - point - has_point);
  return TRUE;
}

G_END_DECLS
#endif
