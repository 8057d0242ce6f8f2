/* nunique and mode of more values than fit in memory: counts come in the order of their values, those of one value one
 * behind the other. A value's key: eight bytes, or sixteen of a decimal, or the text. */
#include "tally-values.h"
#include <stdlib.h>

/* ---- to the disk ---- */

void
pl_tally_measure (const PlAggregateCall *call, const guint8 *state, PlValueTotals *totals)
{
  const PlTally *tally = (const PlTally *) (gconstpointer) state;
  const gboolean is_narrow = pl_type_is_narrow (call->arg_types[0]);
  *totals = (PlValueTotals){.n = tally->n};
  totals->size = tally->n * (is_narrow ? sizeof (PlTallyNarrow) : sizeof (PlTallyBroad));
  if (call->arg_types[0].kind == PL_STRING && tally->entries != NULL)
    for (gsize i = 0; i < (gsize) 1 << tally->bits; i++)
      totals->size += ((const PlTallyBroad *) tally->entries)[i].value.text.length;
}

static int
compare_narrow (const void *a, const void *b)
{
  const gint64 x = ((const PlTallyNarrow *) a)->key, y = ((const PlTallyNarrow *) b)->key;
  return (x > y) - (x < y);
}

/* Hashes are not needed any more: eight bytes of the texts stand there. */
static int
compare_texts (const void *a, const void *b)
{
  const PlTallyBroad *x = a, *y = b;
  if (x->hash != y->hash)
    return x->hash < y->hash ? -1 : 1;
  return pl_held_compare_held (PL_TYPE (PL_STRING), &x->value, &y->value);
}

/* Returns: how many bytes all texts begin with. */
static guint32
count_common (const PlTallyBroad *entries, gsize n)
{
  guint32 common = n > 0 ? entries[0].value.text.length : 0;
  for (gsize i = 1; i < n; i++)
    {
      const char *first = entries[0].value.text.data, *text = entries[i].value.text.data;
      const guint32 most = MIN (common, entries[i].value.text.length);
      for (common = 0; common < most && first[common] == text[common]; common++)
        ;
    }
  return common;
}

/* Takes out the bytes by which most texts differ: the eight behind what all begin with. */
static void
set_prefixes (PlTallyBroad *entries, gsize n)
{
  const guint32 common = count_common (entries, n);
  for (gsize i = 0; i < n; i++)
    {
      guint64 bytes = 0;
      const guint32 left = entries[i].value.text.length - common;
      if (left > 0)
        memcpy (&bytes, entries[i].value.text.data + common, MIN (left, (guint32) sizeof bytes));
      entries[i].hash = GUINT64_FROM_BE (bytes);
    }
}

static int
compare_decimals (const void *a, const void *b)
{
  return pl_held_compare_held (PL_TYPE (PL_DECIMAL), &((const PlTallyBroad *) a)->value,
                               &((const PlTallyBroad *) b)->value);
}

static gboolean
give_narrow (PlTallyNarrow *entries, gsize room, PlValueSink sink, gpointer data, GError **error)
{
  gsize n = 0;
  for (gsize i = 0; i < room; i++)
    if (entries[i].count > 0)
      entries[n++] = entries[i];
  if (n > 1)
    qsort (entries, n, sizeof *entries, compare_narrow);
  for (gsize i = 0; i < n; i++)
    {
      guint8 key[sizeof (gint64)];
      const PlValue value = {.key = key, .key_length = sizeof key, .count = (guint64) entries[i].count};
      pl_value_put_int (entries[i].key, key);
      if (!sink (&value, data, error))
        return FALSE;
    }
  return TRUE;
}

static void
put_decimal (PlInt128 decimal, guint8 *key)
{
  const guint64 low = GUINT64_TO_BE ((guint64) (PlUint128) decimal);
  pl_value_put_int ((gint64) (decimal >> 64), key);
  memcpy (key + sizeof low, &low, sizeof low);
}

/* Entries are swapped, so that each is freed once. */
static gboolean
give_broad (PlTallyBroad *entries, gsize room, gboolean is_text, PlValueSink sink, gpointer data, GError **error)
{
  gsize n = 0;
  for (gsize i = 0; i < room; i++)
    if (entries[i].count > 0)
      {
        const PlTallyBroad kept = entries[n];
        entries[n++] = entries[i];
        entries[i] = kept;
      }
  if (is_text)
    set_prefixes (entries, n);
  if (n > 1)
    qsort (entries, n, sizeof *entries, is_text ? compare_texts : compare_decimals);
  for (gsize i = 0; i < n; i++)
    {
      const PlHeld *held = &entries[i].value;
      guint8 key[2 * sizeof (guint64)];
      PlValue value = {.key = key, .key_length = sizeof key, .count = (guint64) entries[i].count};
      if (is_text)
        value = (PlValue){.key = (const guint8 *) held->text.data,
                          .key_length = held->text.length,
                          .count = (guint64) entries[i].count};
      else
        put_decimal (held->decimal, key);
      if (!sink (&value, data, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pl_tally_give (const PlAggregateCall *call, PlTally *tally, PlValueSink sink, gpointer data, GError **error)
{
  const PlType type = call->arg_types[0];
  const gsize room = tally->entries != NULL ? (gsize) 1 << tally->bits : 0;
  return pl_type_is_narrow (type) ? give_narrow (tally->entries, room, sink, data, error)
                                  : give_broad (tally->entries, room, type.kind == PL_STRING, sink, data, error);
}

/* ---- and back ---- */

typedef struct
{
  PlBuffer at, best; /* keys: of the value that comes now, and of the most frequent one before it */
  guint64 count, best_count;
  gint64 n; /* different values */
} Counting;

gpointer
pl_tally_begin (G_GNUC_UNUSED const PlAggregateCall *call, G_GNUC_UNUSED const PlValueTotals *totals,
                G_GNUC_UNUSED PlArena *arena, G_GNUC_UNUSED GError **error)
{
  return g_new0 (Counting, 1);
}

/* No value comes any more that is the one at hand. Of several that are as frequent the first stays. */
static void
close_value (Counting *counting)
{
  if (counting->count <= counting->best_count)
    return;
  const PlBuffer best = counting->best;
  counting->best = counting->at;
  counting->best_count = counting->count;
  counting->at = best;
}

void
pl_tally_take (G_GNUC_UNUSED const PlAggregateCall *call, gpointer known, const PlValue *value)
{
  Counting *counting = known;
  if (counting->n > 0 && value->key_length == counting->at.length
      && (value->key_length == 0 || memcmp (value->key, counting->at.data, value->key_length) == 0))
    {
      counting->count += value->count;
      return;
    }
  close_value (counting);
  counting->n++;
  counting->count = value->count;
  counting->at.length = 0;
  pl_buffer_append (&counting->at, value->key, value->key_length);
}

static void
put_value (const PlBuffer *key, PlColumn *out, PlArena *arena)
{
  const guint8 *bytes = (const guint8 *) key->data;
  PlHeld held = {0};
  if (out->type.kind == PL_STRING)
    {
      held.text.data = key->data;
      held.text.length = (guint32) key->length;
    }
  else if (out->type.kind == PL_DECIMAL)
    {
      guint64 low;
      memcpy (&low, bytes + sizeof low, sizeof low);
      held.decimal = (PlInt128) ((PlUint128) (guint64) pl_value_get_int (bytes) << 64 | GUINT64_FROM_BE (low));
    }
  else
    held.key = pl_value_get_int (bytes);
  pl_held_put (&held, out, 0, arena);
}

void
pl_tally_end (const PlAggregateCall *call, gpointer known, PlColumn *out, PlArena *arena)
{
  Counting *counting = known;
  const gboolean is_mode = call->variant == PL_TALLY_MODE;
  close_value (counting);
  if (out != NULL)
    out->nulls[0] = is_mode && counting->n == 0;
  if (out != NULL && !is_mode)
    out->ints[0] = counting->n;
  else if (out != NULL && counting->n == 0)
    pl_held_put_nothing (out, 0);
  else if (out != NULL)
    put_value (&counting->best, out, arena);
  pl_buffer_clear (&counting->at);
  pl_buffer_clear (&counting->best);
  g_free (counting);
}
