/* See blocks.h. A value's first byte has what its key shares with the one before and what it has of its own, four bits
 * each; 15 says that a varint follows. */
#include "blocks.h"
#include "../../pipeline/keys/prefix.h"

#define MANY 15
#define VARINT_MAX 10

/* ---- writing ---- */

static void
put_varint (PlBuffer *buffer, guint64 value)
{
  guint8 *start = (guint8 *) pl_buffer_reserve (buffer, VARINT_MAX), *out = start;
  for (; value >= 0x80; value >>= 7)
    *out++ = (guint8) (value | 0x80);
  *out++ = (guint8) value;
  buffer->length += (gsize) (out - start);
}

static gsize
count_shared (const PlBuffer *before, const PlValue *value)
{
  const gsize n = MIN (before->length, value->key_length);
  gsize shared = 0;
  while (shared < n && (guint8) before->data[shared] == value->key[shared])
    shared++;
  return shared;
}

void
pl_value_block_add (PlValueBlock *block, const PlValue *value)
{
  const gsize shared = count_shared (&block->key, value), own = value->key_length - shared;
  pl_buffer_append_char (&block->bytes, (char) (MIN (shared, MANY) << 4 | MIN (own, MANY)));
  if (shared >= MANY)
    put_varint (&block->bytes, shared);
  if (own >= MANY)
    put_varint (&block->bytes, own);
  put_varint (&block->bytes, value->count);
  put_varint (&block->bytes, value->data_length);
  block->key.length = shared;
  if (own > 0)
    {
      pl_buffer_append (&block->bytes, value->key + shared, own);
      pl_buffer_append (&block->key, value->key + shared, own);
    }
  pl_buffer_append (&block->bytes, value->data, value->data_length);
  block->n++;
}

void
pl_value_block_reset (PlValueBlock *block)
{
  block->bytes.length = block->key.length = 0;
  block->n = 0;
}

void
pl_value_block_clear (PlValueBlock *block)
{
  pl_buffer_clear (&block->bytes);
  pl_buffer_clear (&block->key);
}

/* ---- reading ---- */

/* A block, and its value at hand. */
typedef struct
{
  PlBuffer bytes;
  gsize offset;
  PlBuffer key;
  guint64 prefix; /* of the key */
  PlValue value;
} Source;

struct PlValueHeap
{
  GPtrArray *sources; /* of Source: a heap; the first value first */
  GPtrArray *spare;
};

static void
source_free (gpointer data)
{
  Source *source = data;
  pl_buffer_clear (&source->bytes);
  pl_buffer_clear (&source->key);
  g_free (source);
}

PlValueHeap *
pl_value_heap_new (void)
{
  PlValueHeap *heap = g_new (PlValueHeap, 1);
  heap->sources = g_ptr_array_new_with_free_func (source_free);
  heap->spare = g_ptr_array_new_with_free_func (source_free);
  return heap;
}

void
pl_value_heap_free (PlValueHeap *heap)
{
  if (heap == NULL)
    return;
  g_ptr_array_unref (heap->sources);
  g_ptr_array_unref (heap->spare);
  g_free (heap);
}

static gboolean
get_varint (Source *source, guint64 *value)
{
  guint64 sum = 0;
  for (guint shift = 0; source->offset < source->bytes.length && shift < 64; shift += 7)
    {
      const guint8 byte = (guint8) source->bytes.data[source->offset++];
      sum |= (guint64) (byte & 0x7f) << shift;
      if (byte < 0x80)
        {
          *value = sum;
          return TRUE;
        }
    }
  return FALSE;
}

/* Takes the next value. Returns: %FALSE where there is none that is whole. */
static gboolean
take_value (Source *source)
{
  if (source->offset == source->bytes.length)
    return FALSE;
  const guint8 sizes = (guint8) source->bytes.data[source->offset++];
  guint64 shared = sizes >> 4, own = sizes & 15, data_length;
  if ((shared == MANY && !get_varint (source, &shared)) || (own == MANY && !get_varint (source, &own))
      || !get_varint (source, &source->value.count) || !get_varint (source, &data_length))
    return FALSE;
  const guint64 left = source->bytes.length - source->offset;
  if (shared > source->key.length || own > left || data_length > left - own)
    return FALSE;
  const char *bytes = source->bytes.data + source->offset;
  source->key.length = shared;
  pl_buffer_append (&source->key, bytes, own);
  source->prefix = pl_key_prefix (source->key.data, source->key.length);
  source->value.key = (const guint8 *) source->key.data;
  source->value.key_length = source->key.length;
  source->value.data = (const guint8 *) bytes + own;
  source->value.data_length = data_length;
  source->offset += own + data_length;
  return TRUE;
}

static inline gboolean
is_before (const Source *a, const Source *b)
{
  if (a->prefix != b->prefix)
    return a->prefix < b->prefix;
  const gsize n = MIN (a->key.length, b->key.length);
  const int order = n > 0 ? memcmp (a->key.data, b->key.data, n) : 0;
  return order != 0 ? order < 0 : a->key.length < b->key.length;
}

static void
swap (PlValueHeap *heap, guint a, guint b)
{
  gpointer kept = heap->sources->pdata[a];
  heap->sources->pdata[a] = heap->sources->pdata[b];
  heap->sources->pdata[b] = kept;
}

static void
sift_down (PlValueHeap *heap)
{
  gpointer *sources = heap->sources->pdata;
  const guint n = heap->sources->len;
  for (guint at = 0, least = 0;; at = least)
    {
      for (guint child = 2 * at + 1; child <= 2 * at + 2 && child < n; child++)
        if (is_before (sources[child], sources[least]))
          least = child;
      if (least == at)
        return;
      swap (heap, at, least);
    }
}

gboolean
pl_value_heap_add (PlValueHeap *heap, const guint8 *bytes, gsize length)
{
  Source *source = heap->spare->len > 0 ? g_ptr_array_steal_index (heap->spare, heap->spare->len - 1) : NULL;
  if (source == NULL)
    source = g_new0 (Source, 1);
  source->bytes.length = source->key.length = 0;
  source->offset = 0;
  pl_buffer_append (&source->bytes, bytes, length);
  if (!take_value (source))
    {
      source_free (source);
      return FALSE;
    }
  g_ptr_array_add (heap->sources, source);
  for (guint at = heap->sources->len - 1;
       at > 0 && is_before (heap->sources->pdata[at], heap->sources->pdata[(at - 1) / 2]); at = (at - 1) / 2)
    swap (heap, at, (at - 1) / 2);
  return TRUE;
}

const PlValue *
pl_value_heap_peek (PlValueHeap *heap)
{
  return heap->sources->len > 0 ? &((Source *) heap->sources->pdata[0])->value : NULL;
}

gboolean
pl_value_heap_step (PlValueHeap *heap)
{
  Source *source = heap->sources->pdata[0];
  if (source->offset < source->bytes.length)
    {
      if (!take_value (source))
        return FALSE;
    }
  else
    {
      /* The last one takes its place. */
      swap (heap, 0, heap->sources->len - 1);
      g_ptr_array_add (heap->spare, g_ptr_array_steal_index (heap->sources, heap->sources->len - 1));
    }
  if (heap->sources->len > 1)
    sift_down (heap);
  return TRUE;
}
