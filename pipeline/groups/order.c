/* Keys are read a part at a time, for a batch of them: a part is up to eight bytes of a field, as a number that
 * compares like them. */
#include "order.h"
#include "../keys/field.h"

#define CHUNK ((guint64) 16 * PL_BATCH_ROWS) /* items of a task */
#define PARTS_MAX 5                          /* of a field: a text of 32 bytes */
#define FEW 16                               /* items that are compared with each other */

typedef enum
{
  PART_BIT,       /* of a word */
  PART_NULL_TEXT, /* whether the byte says so */
  PART_BYTES,
  PART_NARROW, /* an int; the least one, which is null, becomes the greatest */
  PART_SIGNED,
  PART_UNSIGNED,
  PART_FLOAT
} PartKind;

typedef struct
{
  PartKind kind;
  gsize offset; /* bytes: of the word that is read */
  guint shift;  /* bits: where in that word the part begins */
  guint bytes;
} Part;

/* Neighbouring bits of a part that go into the prefix. */
typedef struct
{
  guint part, shift, n_bits;
} Stretch;

typedef struct
{
  PlGroupTable *const *tables;
  Part *parts;
  guint n_parts;
} Keys;

typedef struct
{
  const Keys *keys;
  PlSortItem *items;
  guint64 n;
  guint64 *first; /* per part: of item 0 */
  guint64 *masks; /* per chunk and part: bits that differ from the first's */
  Stretch stretches[64];
  guint n_stretches;
  guint64 *starts; /* of chunks that no prefix reaches across */
} Order;

/* ---- parts ---- */

static void
add_part (Keys *keys, const PlKeyLayout *layout, PartKind kind, gsize offset, guint bytes)
{
  const gsize at = MIN (offset, (layout->n_words - 1) * sizeof (guint64));
  keys->parts[keys->n_parts++] = (Part){kind, at, (guint) (offset - at) * 8, bytes};
}

static void
add_field (Keys *keys, const PlKeyLayout *layout, const PlKeyField *field)
{
  const PlTypeKind kind = (PlTypeKind) field->type.kind;
  if (field->null_bit >= 0)
    keys->parts[keys->n_parts++]
        = (Part){PART_BIT, (guint) field->null_bit / 64 * sizeof (guint64), (guint) field->null_bit % 64, 0};
  if (kind == PL_STRING)
    {
      /* Its length, in the last byte, tells a text from one that goes on with zeros. */
      add_part (keys, layout, PART_NULL_TEXT, field->offset + field->width - 1u, 1);
      for (guint done = 0; done < field->width; done += 8)
        add_part (keys, layout, PART_BYTES, field->offset + done, MIN (field->width - done, 8));
    }
  else if (kind == PL_BOOL)
    add_part (keys, layout, PART_BYTES, field->offset, 1);
  else if (kind == PL_FLOAT)
    add_part (keys, layout, PART_FLOAT, field->offset, 8);
  else if (kind == PL_DECIMAL)
    {
      add_part (keys, layout, PART_SIGNED, field->offset + 8, 8);
      add_part (keys, layout, PART_UNSIGNED, field->offset, 8);
    }
  else if (kind != PL_NULL)
    add_part (keys, layout, field->width < 8 ? PART_NARROW : PART_SIGNED, field->offset, field->width);
}

static inline guint64
load_word (const guint64 *key, gsize offset)
{
  return *(const PlLooseWord *) (gconstpointer) ((const guint8 *) key + offset);
}

/* One part of @n keys. */
static void
load_part (const Part *part, const guint64 *const *keys, gsize n, guint64 *values)
{
  const gsize offset = part->offset;
  const guint shift = part->shift, unused = 64 - 8 * part->bytes;
  const guint64 sign = G_GUINT64_CONSTANT (1) << 63;
  switch (part->kind)
    {
    case PART_BIT:
      for (gsize i = 0; i < n; i++)
        values[i] = load_word (keys[i], offset) >> shift & 1;
      break;
    case PART_NULL_TEXT:
      for (gsize i = 0; i < n; i++)
        values[i] = (guint8) (load_word (keys[i], offset) >> shift) == PL_KEY_NULL_TEXT;
      break;
    case PART_BYTES:
      for (gsize i = 0; i < n; i++)
        values[i] = GUINT64_SWAP_LE_BE (load_word (keys[i], offset)) << shift >> unused;
      break;
    case PART_NARROW:
      for (gsize i = 0; i < n; i++)
        values[i]
            = ((load_word (keys[i], offset) >> shift << unused ^ sign) - (G_GUINT64_CONSTANT (1) << unused)) >> unused;
      break;
    case PART_SIGNED:
    case PART_UNSIGNED:
      for (gsize i = 0; i < n; i++)
        values[i] = load_word (keys[i], offset) ^ (part->kind == PART_SIGNED ? sign : 0);
      break;
    default:
      for (gsize i = 0; i < n; i++)
        {
          const guint64 bits = load_word (keys[i], offset);
          values[i] = bits ^ ((guint64) ((gint64) bits >> 63) | sign);
        }
      break;
    }
}

static void
locate (const Keys *keys, const PlSortItem *items, gsize n, const guint64 **to)
{
  for (gsize i = 0; i < n; i++)
    __builtin_prefetch (to[i] = pl_group_table_key (keys->tables[items[i].id >> 32], (guint32) items[i].id));
}

/* ---- prefixes ---- */

static void
mask_task (guint chunk, gpointer data)
{
  Order *order = data;
  const Keys *keys = order->keys;
  const guint64 end = MIN ((chunk + 1) * CHUNK, order->n);
  guint64 *masks = order->masks + chunk * keys->n_parts;
  const gsize capacity = MIN (order->n, PL_BATCH_ROWS);
  g_autofree const guint64 **rows = g_new (const guint64 *, capacity);
  g_autofree guint64 *values = g_new (guint64, capacity);
  for (guint64 start = chunk * CHUNK; start < end; start += PL_BATCH_ROWS)
    {
      const gsize n = MIN (end - start, PL_BATCH_ROWS);
      locate (keys, order->items + start, n, rows);
      for (guint p = 0; p < keys->n_parts; p++)
        {
          guint64 mask = 0;
          load_part (&keys->parts[p], rows, n, values);
          for (gsize i = 0; i < n; i++)
            mask |= values[i] ^ order->first[p];
          masks[p] |= mask;
        }
    }
}

/* The bits of @masks, from the first part's highest on, as far as there is room. Returns: whether these are all. */
static gboolean
plan_stretches (Order *order, const guint64 *masks)
{
  guint room = 64;
  order->n_stretches = 0;
  for (guint p = 0; p < order->keys->n_parts; p++)
    for (guint64 mask = masks[p]; mask != 0;)
      {
        const guint high = 63 - (guint) __builtin_clzll (mask);
        const guint64 below = ~mask & (G_MAXUINT64 >> (63 - high));
        const guint n_bits = below != 0 ? high - (63 - (guint) __builtin_clzll (below)) : high + 1,
                    taken = MIN (n_bits, room);
        if (room == 0)
          return FALSE;
        order->stretches[order->n_stretches++] = (Stretch){p, high + 1 - taken, taken};
        room -= taken;
        if (taken < n_bits)
          return FALSE;
        mask &= below == 0 ? 0 : G_MAXUINT64 >> (63 - high) >> n_bits;
      }
  return TRUE;
}

static void
prefix_task (guint chunk, gpointer data)
{
  Order *order = data;
  const Keys *keys = order->keys;
  const guint64 end = MIN ((chunk + 1) * CHUNK, order->n);
  const gsize capacity = MIN (order->n, PL_BATCH_ROWS);
  g_autofree const guint64 **rows = g_new (const guint64 *, capacity);
  g_autofree guint64 *values = g_new (guint64, capacity), *prefixes = g_new (guint64, capacity);
  for (guint64 start = chunk * CHUNK; start < end; start += PL_BATCH_ROWS)
    {
      const gsize n = MIN (end - start, PL_BATCH_ROWS);
      guint part = G_MAXUINT;
      locate (keys, order->items + start, n, rows);
      memset (prefixes, 0, n * sizeof *prefixes);
      for (guint r = 0; r < order->n_stretches; r++)
        {
          const Stretch *stretch = &order->stretches[r];
          const guint64 mask = G_MAXUINT64 >> (64 - stretch->n_bits);
          if (stretch->part != part)
            load_part (&keys->parts[part = stretch->part], rows, n, values);
          for (gsize i = 0; i < n; i++)
            prefixes[i]
                = (stretch->n_bits < 64 ? prefixes[i] << stretch->n_bits : 0) | (values[i] >> stretch->shift & mask);
        }
      for (gsize i = 0; i < n; i++)
        order->items[start + i].prefix = prefixes[i];
    }
}

/* ---- items of one prefix ---- */

static void order_items (const Keys *keys, PlSortItem *items, guint64 n, PlParallel *parallel);

static gboolean
is_before (const Keys *keys, const PlSortItem *a, const PlSortItem *b)
{
  const PlSortItem pair[2] = {*a, *b};
  const guint64 *rows[2];
  guint64 values[2] = {0, 0};
  locate (keys, pair, 2, rows);
  for (guint p = 0; p < keys->n_parts && values[0] == values[1]; p++)
    load_part (&keys->parts[p], rows, 2, values);
  return values[0] < values[1];
}

static void
order_equals (const Keys *keys, PlSortItem *items, guint64 n)
{
  if (n > FEW)
    {
      order_items (keys, items, n, pl_parallel_serial ());
      return;
    }
  for (guint64 i = 1; i < n; i++)
    {
      const PlSortItem item = items[i];
      guint64 to = i;
      for (; to > 0 && is_before (keys, &item, &items[to - 1]); to--)
        items[to] = items[to - 1];
      items[to] = item;
    }
}

/* Orders the items of each prefix in turn, between two starts. */
static void
equals_task (guint chunk, gpointer data)
{
  const Order *order = data;
  PlSortItem *items = order->items;
  const guint64 end = order->starts[chunk + 1];
  for (guint64 start = order->starts[chunk], n; start < end; start += n)
    {
      for (n = 1; start + n < end && items[start + n].prefix == items[start].prefix; n++)
        ;
      if (n > 1)
        order_equals (order->keys, items + start, n);
    }
}

/* In chunks that no prefix reaches across. */
static void
order_all_equals (Order *order, guint n_chunks, PlParallel *parallel)
{
  const PlSortItem *items = order->items;
  guint64 *starts = order->starts = g_new (guint64, n_chunks + 1);
  starts[0] = 0;
  for (guint chunk = 1; chunk <= n_chunks; chunk++)
    {
      guint64 start = MAX (MIN (chunk * CHUNK, order->n), starts[chunk - 1]);
      while (start < order->n && items[start].prefix == items[start - 1].prefix)
        start++;
      starts[chunk] = start;
    }
  parallel->run (parallel, n_chunks, equals_task, order);
  g_free (starts);
}

/* ---- all ---- */

static void
order_items (const Keys *keys, PlSortItem *items, guint64 n, PlParallel *parallel)
{
  const guint n_chunks = (guint) ((n + CHUNK - 1) / CHUNK), n_parts = keys->n_parts;
  Order order = {.keys = keys, .items = items, .n = n};
  const guint64 *row;
  order.first = g_new (guint64, n_parts + 1);
  order.masks = g_new0 (guint64, (gsize) n_chunks * n_parts + 1);
  locate (keys, items, 1, &row);
  for (guint p = 0; p < n_parts; p++)
    load_part (&keys->parts[p], &row, 1, &order.first[p]);
  parallel->run (parallel, n_chunks, mask_task, &order);
  for (guint chunk = 1; chunk < n_chunks; chunk++)
    for (guint p = 0; p < n_parts; p++)
      order.masks[p] |= order.masks[chunk * n_parts + p];
  const gboolean are_whole = plan_stretches (&order, order.masks);
  parallel->run (parallel, n_chunks, prefix_task, &order);
  pl_sort_prefixes (items, n, parallel);
  if (!are_whole)
    order_all_equals (&order, n_chunks, parallel);
  g_free (order.first);
  g_free (order.masks);
}

void
pl_group_order (PlGroupTable *const *tables, PlSortItem *items, guint64 n, PlParallel *parallel)
{
  if (n < 2)
    return;
  const PlKeyLayout *layout = tables[items[0].id >> 32]->layout;
  Keys keys = {.tables = tables, .parts = g_new (Part, layout->n_fields * PARTS_MAX)};
  g_assert (!layout->has_long);
  for (guint f = 0; f < layout->n_fields; f++)
    add_field (&keys, layout, &layout->fields[f]);
  order_items (&keys, items, n, parallel);
  g_free (keys.parts);
}
