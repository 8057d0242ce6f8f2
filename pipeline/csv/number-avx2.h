/* Four short numbers at a time for x86-64 with AVX2, each in one 64-bit lane, or in a lane of each of two registers
 * when it has more than eight characters.
 *
 *   load      33.99310|3,4…          the first 16 bytes, with whatever stands behind the text
 *   align     .......3|3.993103      the text's end at the registers' end, nothing behind it
 *   close     ........|33993103      what stands before the point moves up by a byte; the scale is what stands behind
 *             it
 *   join      33 99 31 03  ─►  3399 3103  ─►  33993103
 *
 * The joining is Wojciech Muła's ("SIMD-ized conversion of strings to integers"). Nothing branches on a text's length,
 * sign or point. */
#pragma once
#include <glib.h>

#if defined(__x86_64__)
#include <immintrin.h>

G_BEGIN_DECLS

#define PL_NUMBER_AVX2 __attribute__ ((target ("avx2,bmi")))
#define PL_NUMBER_AVX2_INLINE static inline PL_NUMBER_AVX2 __attribute__ ((always_inline))

/* Four texts. */
typedef struct
{
  const char *data[4]; /* PL_FIELD_PADDING readable bytes stand behind each text */
  __m256i lengths;     /* as 64-bit numbers */
} PlQuad;

/* Four times 16 digits 0 to 9, the number's last at the end of `high`. */
typedef struct
{
  __m256i low, high;
} PlQuadDigits;

PL_NUMBER_AVX2_INLINE __m256i
pl_quad_load (const PlQuad *quad, gsize offset)
{
  __m128i a = _mm_loadl_epi64 ((const __m128i_u *) (quad->data[0] + offset));
  __m128i b = _mm_loadl_epi64 ((const __m128i_u *) (quad->data[1] + offset));
  __m128i c = _mm_loadl_epi64 ((const __m128i_u *) (quad->data[2] + offset));
  __m128i d = _mm_loadl_epi64 ((const __m128i_u *) (quad->data[3] + offset));
  return _mm256_inserti128_si256 (_mm256_castsi128_si256 (_mm_unpacklo_epi64 (a, b)), _mm_unpacklo_epi64 (c, d), 1);
}

PL_NUMBER_AVX2_INLINE gboolean
pl_quad_is_wide (const PlQuad *quad)
{
  return _mm256_movemask_epi8 (_mm256_cmpgt_epi64 (quad->lengths, _mm256_set1_epi64x (8))) != 0;
}

PL_NUMBER_AVX2_INLINE __m256i
pl_quad_is_zero (__m256i lanes)
{
  return _mm256_cmpeq_epi64 (lanes, _mm256_setzero_si256 ());
}

/* Not 0 in lanes whose number has no digit at its start, or a zero before another digit.
 * @start: the number from behind its sign on; @single: all bits where it is one character */
PL_NUMBER_AVX2_INLINE __m256i
pl_quad_bad_start (__m256i start, __m256i single)
{
  __m256i no_digit = _mm256_cmpgt_epi8 (start, _mm256_set1_epi8 (9));
  __m256i zero = _mm256_andnot_si256 (single, _mm256_cmpeq_epi8 (start, _mm256_setzero_si256 ()));
  __m256i bad = _mm256_or_si256 (no_digit, _mm256_andnot_si256 (_mm256_srli_epi64 (no_digit, 8), zero));
  return _mm256_and_si256 (bad, _mm256_set1_epi64x (0xff));
}

/* The texts with '0' to '9' as 0 to 9 and the sign as 0. @bad: not 0 in lanes that cannot be read. */
PL_NUMBER_AVX2_INLINE PlQuadDigits
pl_quad_align (const PlQuad *quad, gboolean wide, __m256i *negative, __m256i *bad)
{
  const __m256i zeros = _mm256_set1_epi8 ('0'), first = _mm256_set1_epi64x (0xff), byte = _mm256_set1_epi64x (8);
  __m256i head = _mm256_xor_si256 (pl_quad_load (quad, 0), zeros), bits = _mm256_slli_epi64 (quad->lengths, 3);
  *negative = _mm256_cmpeq_epi64 (_mm256_and_si256 (head, first), _mm256_set1_epi64x ('-' ^ '0'));
  __m256i least = _mm256_sub_epi64 (_mm256_set1_epi64x (1), *negative);
  __m256i single = _mm256_cmpeq_epi64 (least, quad->lengths);
  *bad = pl_quad_bad_start (_mm256_srlv_epi64 (head, _mm256_and_si256 (*negative, byte)), single);
  *bad = _mm256_or_si256 (*bad, _mm256_cmpgt_epi64 (least, quad->lengths));
  head = _mm256_andnot_si256 (_mm256_and_si256 (*negative, first), head);

  PlQuadDigits digits;
  digits.high = _mm256_sllv_epi64 (head, _mm256_sub_epi64 (_mm256_set1_epi64x (64), bits));
  digits.low = _mm256_setzero_si256 ();
  if (!wide)
    return digits;
  /* Shifts by 64 and more, negative ones among them, give 0. */
  __m256i tail = _mm256_xor_si256 (pl_quad_load (quad, 8), zeros);
  __m256i rest = _mm256_sub_epi64 (_mm256_set1_epi64x (128), bits);
  digits.low = _mm256_sllv_epi64 (head, rest);
  digits.high = _mm256_or_si256 (digits.high, _mm256_sllv_epi64 (tail, rest));
  digits.high
      = _mm256_or_si256 (digits.high, _mm256_srlv_epi64 (head, _mm256_sub_epi64 (bits, _mm256_set1_epi64x (64))));
  *bad = _mm256_or_si256 (*bad, _mm256_cmpgt_epi64 (quad->lengths, _mm256_set1_epi64x (16)));
  return digits;
}

/* The point of each lane: bit 0 of its byte. A second one makes a lane bad. */
PL_NUMBER_AVX2_INLINE __m256i
pl_quad_point (__m256i points, __m256i *bad)
{
  __m256i point = _mm256_and_si256 (points, _mm256_set1_epi8 (1));
  __m256i others = _mm256_and_si256 (point, _mm256_add_epi64 (point, _mm256_set1_epi64x (-1)));
  *bad = _mm256_or_si256 (*bad, others);
  return point;
}

/* All bits below the point, or all bits where there is none. */
PL_NUMBER_AVX2_INLINE __m256i
pl_quad_below (__m256i point)
{
  return _mm256_andnot_si256 (point, _mm256_add_epi64 (point, _mm256_set1_epi64x (-1)));
}

/* How many bytes are neither below nor at the point. */
PL_NUMBER_AVX2_INLINE __m256i
pl_quad_count_above (__m256i not_above)
{
  return _mm256_sad_epu8 (_mm256_andnot_si256 (not_above, _mm256_set1_epi8 (1)), _mm256_setzero_si256 ());
}

/* Takes the points out. Returns: how many digits stood behind each. */
PL_NUMBER_AVX2_INLINE __m256i
pl_quad_close (PlQuadDigits *digits, gboolean wide, __m256i *bad)
{
  const __m256i mark = _mm256_set1_epi8 ('.' ^ '0'), byte = _mm256_set1_epi64x (8);
  __m256i points = _mm256_cmpeq_epi8 (digits->high, mark);
  __m256i point = pl_quad_point (points, bad), none = pl_quad_is_zero (point);
  __m256i below = pl_quad_below (point), not_above = _mm256_or_si256 (below, points);
  __m256i up = _mm256_andnot_si256 (none, byte), scales = pl_quad_count_above (not_above);
  __m256i moved = _mm256_sllv_epi64 (_mm256_and_si256 (digits->high, below), up);
  digits->high = _mm256_or_si256 (_mm256_andnot_si256 (not_above, digits->high), moved);
  if (!wide)
    return scales;
  __m256i carried = _mm256_srlv_epi64 (digits->low, _mm256_sub_epi64 (_mm256_set1_epi64x (64), up));
  digits->high = _mm256_or_si256 (digits->high, carried);

  /* A point here counts where there was none above; else it stays in, and is no digit. */
  __m256i low_points = _mm256_and_si256 (_mm256_cmpeq_epi8 (digits->low, mark), none);
  __m256i low_point = pl_quad_point (low_points, bad), low_none = pl_quad_is_zero (low_point);
  below = pl_quad_below (low_point);
  not_above = _mm256_or_si256 (below, low_points);
  up = _mm256_andnot_si256 (_mm256_and_si256 (none, low_none), byte);
  moved = _mm256_sllv_epi64 (_mm256_and_si256 (digits->low, below), up);
  digits->low = _mm256_or_si256 (_mm256_andnot_si256 (not_above, digits->low), moved);
  scales = _mm256_add_epi64 (scales, _mm256_andnot_si256 (low_none, byte));
  return _mm256_add_epi64 (scales, pl_quad_count_above (not_above));
}

PL_NUMBER_AVX2_INLINE __m256i
pl_quad_fours (__m256i digits)
{
  __m256i pairs = _mm256_maddubs_epi16 (digits, _mm256_set1_epi16 (10 | 1 << 8));
  return _mm256_madd_epi16 (pairs, _mm256_set1_epi32 (100 | 1 << 16));
}

/* The numbers. Lanes with anything but digits become bad. */
PL_NUMBER_AVX2_INLINE __m256i
pl_quad_join (PlQuadDigits digits, gboolean wide, __m256i *bad)
{
  const __m256i nine = _mm256_set1_epi8 (9), zero = _mm256_setzero_si256 ();
  __m256i excess = _mm256_subs_epu8 (digits.high, nine), fours = pl_quad_fours (digits.high), low_fours = fours;
  if (wide)
    {
      excess = _mm256_or_si256 (excess, _mm256_subs_epu8 (digits.low, nine));
      low_fours = pl_quad_fours (digits.low);
    }
  *bad = _mm256_or_si256 (*bad, excess);
  __m256i eights = _mm256_madd_epi16 (_mm256_packus_epi32 (low_fours, fours), _mm256_set1_epi32 (10000 | 1 << 16));
  __m256i high = _mm256_unpackhi_epi32 (eights, zero);
  if (!wide)
    return high;
  __m256i low = _mm256_unpacklo_epi32 (eights, zero);
  return _mm256_add_epi64 (_mm256_mul_epu32 (low, _mm256_set1_epi64x (100000000)), high);
}

PL_NUMBER_AVX2_INLINE __m256i
pl_quad_sign (__m256i numbers, __m256i negative)
{
  return _mm256_sub_epi64 (_mm256_xor_si256 (numbers, negative), negative);
}

PL_NUMBER_AVX2_INLINE gboolean
pl_quad_read_ints (const PlQuad *quad, gboolean wide, __m256i *numbers)
{
  __m256i negative, bad;
  PlQuadDigits digits = pl_quad_align (quad, wide, &negative, &bad);
  *numbers = pl_quad_sign (pl_quad_join (digits, wide, &bad), negative);
  return _mm256_testz_si256 (bad, bad);
}

PL_NUMBER_AVX2_INLINE gboolean
pl_quad_read_decimals (const PlQuad *quad, gboolean wide, __m256i *mantissas, __m256i *scales)
{
  __m256i negative, bad;
  PlQuadDigits digits = pl_quad_align (quad, wide, &negative, &bad);
  *scales = pl_quad_close (&digits, wide, &bad);
  __m256i numbers = pl_quad_join (digits, wide, &bad);
  /* -0.0 keeps its sign elsewhere. */
  bad = _mm256_or_si256 (bad, _mm256_and_si256 (pl_quad_is_zero (numbers), negative));
  *mantissas = pl_quad_sign (numbers, negative);
  return _mm256_testz_si256 (bad, bad);
}

/** pl_quad_ints: what pl_short_int() takes, four at once, up to 16 characters with the sign.
 * Returns: %FALSE when one of them is not so. */
PL_NUMBER_AVX2_INLINE gboolean
pl_quad_ints (const PlQuad *quad, __m256i *numbers)
{
  return pl_quad_is_wide (quad) ? pl_quad_read_ints (quad, TRUE, numbers) : pl_quad_read_ints (quad, FALSE, numbers);
}

/** pl_quad_decimals: [-] digits without leading zeros, and a point anywhere but at the start, up to 16 characters in
 * all; what of it pl_short_decimal() takes has the same result there.
 * Returns: %FALSE when one of the four is not so. */
PL_NUMBER_AVX2_INLINE gboolean
pl_quad_decimals (const PlQuad *quad, __m256i *mantissas, __m256i *scales)
{
  return pl_quad_is_wide (quad) ? pl_quad_read_decimals (quad, TRUE, mantissas, scales)
                                : pl_quad_read_decimals (quad, FALSE, mantissas, scales);
}

/** pl_quad_bytes: Returns: the lowest byte of each lane. */
PL_NUMBER_AVX2_INLINE guint32
pl_quad_bytes (__m256i lanes)
{
  const __m256i places = _mm256_setr_epi8 (0, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 8,
                                           -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  __m256i pairs = _mm256_shuffle_epi8 (lanes, places);
  return (guint32) _mm_cvtsi128_si32 (
      _mm_or_si128 (_mm256_castsi256_si128 (pairs), _mm256_extracti128_si256 (pairs, 1)));
}

/** pl_quad_doubles: mantissas × 10^-scales, correctly rounded. @powers: powers of ten that are doubles.
 * Returns: %FALSE when a mantissa's magnitude is 2^51 or more. */
PL_NUMBER_AVX2_INLINE gboolean
pl_quad_doubles (__m256i mantissas, __m256i scales, const double *powers, __m256d *numbers)
{
  /* Added to a mantissa as an integer it gives the double 1.5 × 2^52 + mantissa. */
  const __m256i magic = _mm256_set1_epi64x (0x4338000000000000);
  __m256i beyond
      = _mm256_srli_epi64 (_mm256_add_epi64 (mantissas, _mm256_set1_epi64x (G_GINT64_CONSTANT (1) << 51)), 52);
  __m256d whole
      = _mm256_sub_pd (_mm256_castsi256_pd (_mm256_add_epi64 (mantissas, magic)), _mm256_castsi256_pd (magic));
  guint32 bytes = pl_quad_bytes (scales);
  __m256d divisors
      = _mm256_set_pd (powers[bytes >> 24], powers[bytes >> 16 & 255], powers[bytes >> 8 & 255], powers[bytes & 255]);
  *numbers = _mm256_div_pd (whole, divisors);
  return _mm256_testz_si256 (beyond, beyond);
}

G_END_DECLS
#endif
