/* The search of text.h: portable, and for processors with AVX2, where a key of 32 bytes is one vector. */
#include "text-find.h"
#include "text-private.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define AHEAD 16 /* rows */

/* Whether a text can be looked at as a key of the index: neither empty nor long. */
static inline __attribute__ ((always_inline)) gboolean
is_short (const char *data, guint32 length, const guint width, const gboolean sliced)
{
  return G_LIKELY (length - 1 < width - 1 && (sliced || pl_text_is_inside (data, width)));
}

/* The rare rest of a search: the key of a row is not at its first slot. Returns: 0 when there is no such key. */
static guint32
find_further (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, gsize row)
{
  const guint n_words = text->n_words;
  const gboolean sliced = column->slices.data != NULL;
  const char *data;
  guint32 length;
  guint64 words[4];
  if (!pl_text_at (column, row, sliced, &data, &length) || !is_short (data, length, n_words * 8, sliced))
    return 0;
  pl_key_load_masked (data, length, words, n_words);
  words[n_words - 1] |= (guint64) length << 56;
  const guint32 *first = pl_text_slot_of (text, words);
  for (guint probe = 1; probe < PL_TEXT_PROBES && !pl_text_is_free (text, &first[probe - 1]); probe++)
    if (memcmp (table->records + first[probe], words, n_words * sizeof *words) == 0)
      return first[probe];
  return 0;
}

/* Takes those out of @missed that are found further on. Returns: how many are left. */
static gsize
find_missed (const PlGroupText *text, const PlGroupTable *table, const PlColumn *column, guint32 *addresses,
             guint32 *missed, gsize n)
{
  gsize n_missed = 0;
  for (gsize i = 0; i < n; i++)
    {
      const guint32 row = missed[i];
      addresses[row] = find_further (text, table, column, row);
      if (addresses[row] == 0)
        missed[n_missed++] = row;
    }
  return n_missed;
}

/* ---- portable ---- */

typedef struct
{
  PlKeyPair low, high;
} Vector_portable;

static inline __attribute__ ((always_inline)) Vector_portable
load_vector_portable (const char *data, const guint64 *masks)
{
  const PlKeyPair *mask = (const PlKeyPair *) masks;
  return (Vector_portable){pl_key_load16 (data) & mask[0], (pl_key_load16 (data + 16) & mask[1]) | mask[3]};
}

static inline __attribute__ ((always_inline)) gsize
first_slot_of_vector_portable (const Vector_portable *key, guint shift)
{
  const PlKeyPair sum = key->low + key->high;
  return pl_text_first_slot (sum[0], sum[1], shift);
}

static inline __attribute__ ((always_inline)) guint64
is_other_vector_portable (const guint64 *words, const Vector_portable *key)
{
  const PlKeyPair *pairs = (const PlKeyPair *) words;
  const PlKeyPair difference = (pairs[0] ^ key->low) | (pairs[1] ^ key->high);
  return (difference[0] | difference[1]) != 0;
}

#define KERNEL_TARGET
#define KERNEL_NAME(name) name##_portable
#include "text-kernel.h"

/* ---- AVX2 ---- */

#if defined(__x86_64__)
#define AVX2 __attribute__ ((target ("avx2,bmi,bmi2")))

typedef __m256i Vector_avx2;

static inline AVX2 PL_KEY_READS_BEYOND Vector_avx2
load_vector_avx2 (const char *data, const guint64 *masks)
{
  const __m256i *mask = (const __m256i *) masks;
  return _mm256_or_si256 (_mm256_and_si256 (_mm256_loadu_si256 ((const __m256i_u *) data), mask[0]), mask[1]);
}

static inline AVX2 __attribute__ ((always_inline)) gsize
first_slot_of_vector_avx2 (const Vector_avx2 *key, guint shift)
{
  const __m128i sum = _mm_add_epi64 (_mm256_castsi256_si128 (*key), _mm256_extracti128_si256 (*key, 1));
  return pl_text_first_slot ((guint64) _mm_cvtsi128_si64 (sum), (guint64) _mm_extract_epi64 (sum, 1), shift);
}

/* Less than all bits: a comparison whose result is a carry. */
static inline AVX2 __attribute__ ((always_inline)) guint64
is_other_vector_avx2 (const guint64 *words, const Vector_avx2 *key)
{
  const __m256i equal = _mm256_cmpeq_epi8 (_mm256_loadu_si256 ((const __m256i_u *) words), *key);
  return (guint32) _mm256_movemask_epi8 (equal) < G_MAXUINT32;
}

#define KERNEL_TARGET AVX2
#define KERNEL_NAME(name) name##_avx2
#include "text-kernel.h"
#endif

const PlGroupTextKernel *
pl_group_text_kernels (void)
{
  static const PlGroupTextKernel kernels[] = {
#if defined(__x86_64__)
    {"avx2", find_avx2},
#endif
    {"portable", find_portable},
    {NULL, NULL},
  };
  const PlGroupTextKernel *fastest = kernels;
#if defined(__x86_64__)
  if (!__builtin_cpu_supports ("avx2") || !__builtin_cpu_supports ("bmi2"))
    fastest++;
#endif
  return fastest;
}
