/* See unique.h. */
#include "unique.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/groups/slots.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/rows/gather.h"
#include "../../pipeline/sorting/in-order.h"
#include "entries.h"

/* What pl_join_add_places() has written of @record: the text @from_end columns before the end of its store. */
static char *
words_of (const PlStore *store, const PlRecord *record, PlSchema *schema, guint from_end)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  PlBatch batch;
  pl_batch_init (&batch, schema, arena);
  pl_store_gather (store, &record, 1, &batch);
  const PlText *text = batch.columns[schema->n_fields - from_end]->texts;
  return g_strndup (text->data, text->length);
}

/* What is told of @record, whose key that stands before it, @first, has, too. */
static gboolean
fail (const PlJoin *join, guint side, const PlStore *store, const PlRecord *record, const PlRecord *first,
      GError **error)
{
  PlSchema *schema = side == 0 ? join->places : join->stored;
  g_autofree char *key = words_of (store, record, schema, 1);
  g_autofree char *here = words_of (store, record, schema, 2);
  g_autofree char *there = words_of (store, first, schema, 2);
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
               "%s: %s of '%s' stands in %s already, and validate = %s in [%s] wants each key there once", here, key,
               join->inputs[side], there, join->validate, join->name);
  return FALSE;
}

gboolean
pl_join_check_unique (const PlJoin *join, guint side, const PlJoinRows *rows, GError **error)
{
  pl_leased_auto const PlRecord **first = pl_leased_new0 ((rows->n_groups + 1) * sizeof *first);
  for (guint64 i = 0; i < rows->n_items; i++)
    {
      const guint64 id = rows->items[i].id;
      const PlStore *store = rows->stores[pl_in_order_store (id)];
      const guint32 group = rows->groups[pl_in_order_store (id)][pl_in_order_row (id)];
      const PlRecord *record = pl_store_record (store, pl_in_order_row (id));
      if (group == PL_NO_GROUP)
        continue;
      if (first[group] == NULL)
        first[group] = record;
      /* A row that had to be done again is still one. */
      if (first[group]->position != record->position)
        return fail (join, side, store, record, first[group], error);
    }
  return TRUE;
}

/* ---- on disk ---- */

/* The first row of a piece that is not the first with its key. */
typedef struct
{
  guint64 position; /* G_MAXUINT64: there is none */
  PlArena *arena;
  const PlRecord *record, *first;
} Double;

typedef struct
{
  const PlSpillOrder *order;
  Double *doubles; /* a piece */
  GError **errors;
} Checking;

/* The first row of a key. */
typedef struct
{
  PlSpillEntry entry;
  PlBuffer rest;
  PlArena *arena;
  const PlRecord *record;
} First;

static void
take_first (First *first, const PlSpillEntry *entry)
{
  first->rest.length = 0;
  pl_buffer_append (&first->rest, entry->rest, entry->rest_length);
  first->entry = *entry;
  first->entry.rest = (const guint8 *) first->rest.data;
  pl_arena_reset (first->arena);
  first->record = pl_join_record_of (entry, first->arena);
}

static void
take_double (Double *found, const First *first, const PlSpillEntry *entry)
{
  const PlSpillEntry before = {.data = (const guint8 *) first->record, .data_length = first->entry.data_length};
  pl_arena_reset (found->arena);
  found->position = entry->place;
  found->record = pl_join_record_of (entry, found->arena);
  found->first = pl_join_record_of (&before, found->arena);
}

static gboolean
find_double (PlSpillMerge *merge, First *first, Double *found, GError **error)
{
  const PlSpillEntry *entry;
  while ((entry = pl_spill_merge_peek (merge)) != NULL)
    {
      if (first->record == NULL || !pl_spill_same_key (entry, &first->entry))
        take_first (first, entry);
      else if (entry->place != first->entry.place && entry->place < found->position)
        take_double (found, first, entry);
      if (!pl_spill_merge_step (merge, error))
        return FALSE;
    }
  return TRUE;
}

static void
check_task (guint piece, gpointer data)
{
  const Checking *checking = data;
  Double *found = &checking->doubles[piece];
  *found = (Double){.position = G_MAXUINT64, .arena = pl_arena_new ()};
  g_autoptr (PlSpillMerge) merge = pl_spill_merge_open (checking->order, piece, &checking->errors[piece]);
  if (merge == NULL)
    return;
  First first = {.rest = PL_BUFFER_INIT, .arena = pl_arena_new ()};
  find_double (merge, &first, found, &checking->errors[piece]);
  pl_buffer_clear (&first.rest);
  pl_arena_free (first.arena);
}

/* Tells of the first one of all pieces. */
static gboolean
tell_double (const PlJoin *join, guint side, const Double *doubles, guint n, GError **error)
{
  static const guint8 uses[] = {PL_USE_VALUE, PL_USE_VALUE};
  const Double *first = NULL;
  for (guint i = 0; i < n; i++)
    if (doubles[i].position != G_MAXUINT64 && (first == NULL || doubles[i].position < first->position))
      first = &doubles[i];
  if (first == NULL)
    return TRUE;
  g_autoptr (PlStore) store = side == 0 ? pl_store_new (join->places, uses) : pl_join_store (join);
  return fail (join, side, store, first->record, first->first, error);
}

gboolean
pl_join_check_unique_spilled (const PlJoin *join, guint side, const GPtrArray *spills, PlParallel *parallel,
                              GError **error)
{
  g_autoptr (PlSpillOrder) order = pl_join_order_of (spills, NULL, PL_JOIN_TASK, error);
  if (order == NULL)
    return FALSE;
  const guint n = (guint) pl_spill_order_pieces (order);
  g_autofree Double *doubles = g_new0 (Double, n + 1);
  g_autofree GError **errors = g_new0 (GError *, n + 1);
  Checking checking = {order, doubles, errors};
  parallel->run (parallel, n, check_task, &checking);
  GError *failure = NULL;
  for (guint i = 0; i < n; i++)
    if (failure == NULL)
      failure = errors[i];
    else
      g_clear_error (&errors[i]);
  const gboolean ok = failure == NULL && tell_double (join, side, doubles, n, error);
  if (failure != NULL)
    g_propagate_error (error, failure);
  for (guint i = 0; i < n; i++)
    pl_arena_free (doubles[i].arena);
  return ok;
}
