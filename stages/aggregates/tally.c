/* nunique and mode: a table of distinct values and their counts for each group, open addressing, at most three quarters
 * full. 0.0 and -0.0 are one value, all NaN are one. */
#include <xxhash.h>

#include "../../pipeline/base/seed.h"
#include "families.h"
#include "../../pipeline/memory/leased.h"
#include "family.h"
#include "tally-values.h"

static gboolean
tally_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, G_GNUC_UNUSED GError **error)
{
  pl_aggregate_take (call, args, n_args);
  call->variant = call->aggregate == &pl_aggregate_mode ? PL_TALLY_MODE : PL_TALLY_NUNIQUE;
  call->result = call->variant == PL_TALLY_MODE ? call->arg_types[0] : PL_TYPE (PL_INT);
  if (call->variant == PL_TALLY_MODE)
    call->origin = pl_expression_origin (args[0]);
  call->state_size = sizeof (PlTally);
  return TRUE;
}

/* The finaliser of MurmurHash3, of the key and the secret. */
static inline guint64
mix (guint64 key)
{
  key ^= pl_hash_seed;
  key = (key ^ key >> 33) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
  key = (key ^ key >> 33) * G_GUINT64_CONSTANT (0xc4ceb9fe1a85ec53);
  return key ^ key >> 33;
}

static inline gboolean
is_full (const PlTally *tally)
{
  return tally->entries == NULL || (guint64) (tally->n + 1) * 4 > G_GUINT64_CONSTANT (3) << tally->bits;
}

static void
grow_narrow (PlTally *tally)
{
  guint32 bits = tally->entries == NULL ? 2 : tally->bits + 1;
  PlTallyNarrow *old = tally->entries, *entries = pl_leased_new0 (sizeof (PlTallyNarrow) << bits);
  gsize mask = ((gsize) 1 << bits) - 1;

  for (gsize i = 0; old != NULL && i < (gsize) 1 << tally->bits; i++)
    if (old[i].count != 0)
      {
        gsize at = mix ((guint64) old[i].key) & mask;
        while (entries[at].count != 0)
          at = (at + 1) & mask;
        entries[at] = old[i];
      }
  pl_leased_free (old);
  tally->entries = entries;
  tally->bits = bits;
}

static inline void
count_narrow (PlTally *tally, gint64 key, gint64 count)
{
  if (G_UNLIKELY (is_full (tally)))
    grow_narrow (tally);

  PlTallyNarrow *entries = tally->entries;
  gsize mask = ((gsize) 1 << tally->bits) - 1, at = mix ((guint64) key) & mask;
  while (entries[at].count != 0 && entries[at].key != key)
    at = (at + 1) & mask;
  tally->n += entries[at].count == 0;
  entries[at].key = key;
  entries[at].count += count;
}

static void
grow_broad (PlTally *tally)
{
  guint32 bits = tally->entries == NULL ? 2 : tally->bits + 1;
  PlTallyBroad *old = tally->entries, *entries = pl_leased_new0 (sizeof (PlTallyBroad) << bits);
  gsize mask = ((gsize) 1 << bits) - 1;

  for (gsize i = 0; old != NULL && i < (gsize) 1 << tally->bits; i++)
    if (old[i].count != 0)
      {
        gsize at = old[i].hash & mask;
        while (entries[at].count != 0)
          at = (at + 1) & mask;
        entries[at] = old[i];
      }
  pl_leased_free (old);
  tally->entries = entries;
  tally->bits = bits;
}

static guint64
hash_held (PlType type, const PlHeld *held)
{
  if (type.kind == PL_STRING)
    return XXH3_64bits_withSeed (held->text.length > 0 ? held->text.data : "", held->text.length, pl_hash_seed);
  return mix ((guint64) held->decimal ^ mix ((guint64) ((PlUint128) held->decimal >> 64)));
}

/* The entry of @probe; a free one (with the hash filled in) when it is new. */
static PlTallyBroad *
find_broad (PlTally *tally, PlType type, const PlHeld *probe)
{
  if (G_UNLIKELY (is_full (tally)))
    grow_broad (tally);

  PlTallyBroad *entries = tally->entries;
  guint64 hash = hash_held (type, probe);
  gsize mask = ((gsize) 1 << tally->bits) - 1, at = hash & mask;
  while (entries[at].count != 0
         && (entries[at].hash != hash || pl_held_compare_held (type, &entries[at].value, probe) != 0))
    at = (at + 1) & mask;
  tally->n += entries[at].count == 0;
  entries[at].hash = hash;
  return &entries[at];
}

static void
count_broad (PlTally *tally, const PlColumn *column, gsize row)
{
  PlHeld probe = {0};

  if (column->type.kind == PL_STRING)
    {
      /* Only looked at. */
      probe.text.data = (char *) column->texts[row].data;
      probe.text.length = column->texts[row].length;
    }
  else
    probe.decimal = column->decimals[row];
  PlTallyBroad *entry = find_broad (tally, column->type, &probe);
  if (entry->count == 0)
    pl_held_set (&entry->value, column, row);
  entry->count++;
}

static void
tally_update (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows,
              gsize n, PlColumn *const *args, G_GNUC_UNUSED const guint64 *positions)
{
  const PlColumn *column = args[0];
  const gint64 minus_zero = pl_key_of_float (-0.0);

  if (pl_nothing_but_nulls (column))
    return;
  if (!pl_type_is_narrow (column->type))
    PL_EACH_VALUE (PlTally, column->nulls, count_broad (state, column, row));
  else if (column->type.kind == PL_FLOAT)
    PL_EACH_VALUE (PlTally, column->nulls, const gint64 key = pl_key_of_float (column->floats[row]);
                   count_narrow (state, key == minus_zero ? 0 : key, 1));
  else
    PL_EACH_KEY (PlTally, column, count_narrow (state, key, 1));
}

static void
clear_tally (const PlAggregateCall *call, PlTally *tally)
{
  if (call->arg_types[0].kind == PL_STRING && tally->entries != NULL)
    for (gsize i = 0; i < (gsize) 1 << tally->bits; i++)
      pl_held_clear (call->arg_types[0], &((PlTallyBroad *) tally->entries)[i].value);
  pl_leased_free (tally->entries);
  *tally = (PlTally){NULL, 0, 0};
}

static void
combine_tallies (const PlAggregateCall *call, PlTally *tally, PlTally *taken)
{
  PlType type = call->arg_types[0];

  if (tally->n < taken->n)
    {
      PlTally swap = *tally;
      *tally = *taken;
      *taken = swap;
    }
  for (gsize i = 0; taken->entries != NULL && i < (gsize) 1 << taken->bits; i++)
    if (pl_type_is_narrow (type))
      {
        PlTallyNarrow *from = (PlTallyNarrow *) taken->entries + i;
        if (from->count != 0)
          count_narrow (tally, from->key, from->count);
      }
    else
      {
        PlTallyBroad *from = (PlTallyBroad *) taken->entries + i;
        if (from->count == 0)
          continue;
        PlTallyBroad *entry = find_broad (tally, type, &from->value);
        if (entry->count == 0)
          {
            entry->value = from->value;
            memset (&from->value, 0, sizeof from->value);
          }
        entry->count += from->count;
      }
  clear_tally (call, taken);
}

static void
tally_combine (const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other, const guint32 *from,
               gsize n)
{
  PL_EACH_PAIR (PlTally, combine_tallies (call, state, taken))
}

/* The most frequent value, the smallest of several. */
static void
put_mode (const PlAggregateCall *call, const PlTally *tally, PlColumn *out, gsize row, PlArena *arena)
{
  const PlTallyNarrow *narrow = NULL;
  const PlTallyBroad *broad = NULL;

  for (gsize i = 0; i < (gsize) 1 << tally->bits; i++)
    if (pl_type_is_narrow (call->result))
      {
        const PlTallyNarrow *entry = (const PlTallyNarrow *) tally->entries + i;
        if (narrow == NULL || entry->count > narrow->count
            || (entry->count == narrow->count && entry->key < narrow->key))
          narrow = entry;
      }
    else
      {
        const PlTallyBroad *entry = (const PlTallyBroad *) tally->entries + i;
        if (broad == NULL || entry->count > broad->count
            || (entry->count == broad->count && entry->count > 0
                && pl_held_compare_held (call->result, &entry->value, &broad->value) < 0))
          broad = entry;
      }
  if (narrow != NULL)
    pl_key_put (narrow->key, out, row);
  else
    pl_held_put (&broad->value, out, row, arena);
}

static gboolean
tally_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
                PlArena *arena, G_GNUC_UNUSED gsize *failed, G_GNUC_UNUSED GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      const PlTally *tally = pl_state (PlTally, i);
      out->nulls[i] = call->variant == PL_TALLY_MODE && tally->n == 0;
      if (call->variant == PL_TALLY_NUNIQUE)
        out->ints[i] = tally->n;
      else if (tally->n == 0)
        pl_held_put_nothing (out, i);
      else
        put_mode (call, tally, out, i, arena);
    }
  return TRUE;
}

static void
tally_save (const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  const PlTally *tally = (const PlTally *) (gconstpointer) state;

  pl_buffer_put_u64 (buffer, tally->n);
  for (gsize i = 0; tally->entries != NULL && i < (gsize) 1 << tally->bits; i++)
    if (pl_type_is_narrow (call->arg_types[0]))
      {
        const PlTallyNarrow *entry = (const PlTallyNarrow *) tally->entries + i;
        if (entry->count == 0)
          continue;
        pl_buffer_put_u64 (buffer, (guint64) entry->key);
        pl_buffer_put_u64 (buffer, (guint64) entry->count);
      }
    else
      {
        const PlTallyBroad *entry = (const PlTallyBroad *) tally->entries + i;
        if (entry->count == 0)
          continue;
        pl_held_save (call->arg_types[0], &entry->value, buffer);
        pl_buffer_put_u64 (buffer, (guint64) entry->count);
      }
}

static gboolean
tally_load (const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  PlTally *tally = (PlTally *) (gpointer) state;
  PlType type = call->arg_types[0];

  *tally = (PlTally){NULL, 0, 0};
  gint64 total = 0;
  for (guint64 n = pl_cursor_get_u64 (cursor); n > 0 && !cursor->failed; n--)
    {
      PlHeld held = {0};
      gboolean loaded = pl_held_load (type, &held, cursor);
      gint64 count = (gint64) pl_cursor_get_u64 (cursor);
      if (!loaded || cursor->failed || count <= 0 || __builtin_add_overflow (total, count, &total))
        {
          pl_held_clear (type, &held);
          cursor->failed = TRUE;
        }
      else if (pl_type_is_narrow (type))
        count_narrow (tally, held.key, count);
      else
        {
          PlTallyBroad *entry = find_broad (tally, type, &held);
          pl_held_clear (type, &entry->value);
          entry->value = held;
          entry->count += count;
        }
    }
  return !cursor->failed;
}

static void
tally_clear (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  for (gsize i = 0; i < n; i++)
    clear_tally (call, pl_state (PlTally, i));
}

static gboolean
tally_give (const PlAggregateCall *call, guint8 *state, PlValueSink sink, gpointer data, GError **error)
{
  PlTally *tally = (PlTally *) (gpointer) state;
  const gboolean ok = pl_tally_give (call, tally, sink, data, error);
  clear_tally (call, tally);
  return ok;
}

static const PlAggregateValues tally_values
    = {pl_tally_measure, tally_give, pl_tally_begin, pl_tally_take, pl_tally_end};

#define TALLY                                                                                                          \
  .min_args = 1, .max_args = 1, .bind = tally_bind, .update = tally_update, .combine = tally_combine,                  \
  .finalize = tally_finalize, .save = tally_save, .load = tally_load, .clear = tally_clear, .values = &tally_values

const PlAggregate pl_aggregate_nunique = {
    .name = "nunique",
    .signature = "nunique(x)",
    .summary = "How many distinct values there are, nulls aside; also written count(distinct x)",
    .example = "nunique(carrier)",
    TALLY,
};

const PlAggregate pl_aggregate_mode = {
    .name = "mode",
    .signature = "mode(x)",
    .summary = "The most frequent value, the smallest of several",
    .example = "mode(carrier)",
    TALLY,
};
