/* list: the values as text, in input order, with a separator between them. A state is the texts behind each other, each
 * with its position; they are put into order only at the end, and only when workers delivered them out of it. */
#include "family.h"
#include "values.h"

#include "../../pipeline/base/lease.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/table/print.h"
#include "../../pipeline/base/error.h"

#define ALWAYS_FITS ((gsize) 1 << 20) /* bytes of a text for which there is always room */
#define COPIES ((gsize) 3)            /* of a cell that are in memory at once on its way out */

typedef struct
{
  PlBuffer records; /* of a Head and its bytes */
  gsize n;
} List;

typedef struct
{
  guint64 position;
  guint64 length;
} Head;

typedef struct
{
  guint64 position;
  gsize offset;
} Entry;

/* The records had room for @before bytes. */
static inline void
follow (const List *list, gsize before)
{
  if (list->records.capacity > before)
    pl_lease_take (list->records.capacity - before);
}

static void
clear_records (List *list)
{
  pl_lease_give (list->records.capacity);
  pl_buffer_clear (&list->records);
  list->n = 0;
}

static gboolean
list_bind (PlAggregateCall *call, PlExpression *const *args, guint n_args, GError **error)
{
  pl_aggregate_take (call, args, 1);
  call->result = PL_TYPE (PL_STRING);
  call->state_size = sizeof (List);
  if (n_args < 2)
    {
      call->data = g_strdup (";");
      return TRUE;
    }
  const PlColumn *constant = pl_aggregate_constant (call, args[1], "separator", error);
  if (constant == NULL)
    return FALSE;
  if (constant->type.kind != PL_STRING || pl_column_is_null (constant, 0))
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "%s: the separator must be a string, such as ', '",
                   call->label);
      return FALSE;
    }
  call->data = g_strndup (constant->texts[0].data, constant->texts[0].length);
  return TRUE;
}

static void
list_unbind (PlAggregateCall *call)
{
  g_free (call->data);
}

static void
list_update (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses, const guint32 *rows,
             gsize n, PlColumn *const *args, const guint64 *positions)
{
  /* By value: whether the text as read is present depends on what else the job does. */
  PlColumn column = *args[0];
  column.lexical = NULL;

  if (pl_nothing_but_nulls (&column))
    return;
  PL_EACH_VALUE (List, column.nulls, {
    Head head = {positions[i], 0};
    gsize start = state->records.length, room = state->records.capacity;
    pl_buffer_append (&state->records, &head, sizeof head);
    pl_print_value (&state->records, &column, row);
    head.length = state->records.length - start - sizeof head;
    memcpy (state->records.data + start, &head, sizeof head);
    state->n++;
    follow (state, room);
  });
}

static void
list_combine (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *into, guint8 *other,
              const guint32 *from, gsize n)
{
  PL_EACH_PAIR (List, {
    gsize room = state->records.capacity;
    pl_buffer_append (&state->records, taken->records.data, taken->records.length);
    state->n += taken->n;
    follow (state, room);
    clear_records (taken);
  })
}

static int
compare_entries (const void *a, const void *b)
{
  guint64 x = ((const Entry *) a)->position, y = ((const Entry *) b)->position;
  return (x > y) - (x < y);
}

/* Where each record of @state is, in order of position. */
static void
order_records (const List *state, Entry *entries)
{
  gboolean ordered = TRUE;
  gsize offset = 0;

  for (gsize i = 0; i < state->n; i++)
    {
      Head head;
      memcpy (&head, state->records.data + offset, sizeof head);
      entries[i] = (Entry){head.position, offset};
      ordered = ordered && (i == 0 || entries[i - 1].position <= head.position);
      offset += sizeof head + head.length;
    }
  if (!ordered)
    qsort (entries, state->n, sizeof *entries, compare_entries);
}

static gboolean
fail_beyond (const PlAggregateCall *call, gsize length, GError **error)
{
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
               "%s gives a text of %" G_GSIZE_FORMAT " bytes, beyond the limit of 4 GiB", call->label, length);
  return FALSE;
}

static gboolean
join_records (const PlAggregateCall *call, const List *state, const Entry *entries, PlText *text, PlArena *arena,
              GError **error)
{
  const char *separator = call->data;
  gsize gap = strlen (separator), length = state->records.length - state->n * sizeof (Head) + (state->n - 1) * gap;

  if (length > G_MAXUINT32)
    return fail_beyond (call, length, error);
  char *out = pl_arena_alloc (arena, MAX (length, 1));
  *text = (PlText){.data = out, .length = (guint32) length};
  for (gsize i = 0; i < state->n; i++)
    {
      Head head;
      const char *record = state->records.data + entries[i].offset;
      memcpy (&head, record, sizeof head);
      if (i > 0)
        out = mempcpy (out, separator, gap);
      out = mempcpy (out, record + sizeof head, head.length);
    }
  return TRUE;
}

static gboolean
list_finalize (const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n, PlColumn *out,
               PlArena *arena, gsize *failed, GError **error)
{
  gsize longest = 0;
  for (gsize i = 0; i < n; i++)
    longest = MAX (longest, pl_state (List, i)->n);

  pl_leased_auto Entry *order = pl_leased (g_new (Entry, longest));
  for (gsize i = 0; i < n; i++)
    {
      const List *state = pl_state (List, i);
      out->nulls[i] = state->n == 0;
      out->texts[i] = (PlText){.data = ""};
      if (state->n == 0)
        continue;
      order_records (state, order);
      if (!join_records (call, state, order, &out->texts[i], arena, error))
        {
          *failed = i;
          return FALSE;
        }
    }
  return TRUE;
}

static void
list_save (G_GNUC_UNUSED const PlAggregateCall *call, const guint8 *state, PlBuffer *buffer)
{
  const List *list = (const List *) (gconstpointer) state;
  gsize offset = 0;

  pl_buffer_put_u64 (buffer, list->n);
  for (gsize i = 0; i < list->n; i++)
    {
      Head head;
      memcpy (&head, list->records.data + offset, sizeof head);
      pl_buffer_put_u64 (buffer, head.position);
      pl_buffer_put_bytes (buffer, list->records.data + offset + sizeof head, head.length);
      offset += sizeof head + head.length;
    }
}

static gboolean
list_load (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *state, PlCursor *cursor)
{
  List *list = (List *) (gpointer) state;

  *list = (List){PL_BUFFER_INIT, 0};
  for (guint64 n = pl_cursor_get_u64 (cursor); n > 0 && !cursor->failed; n--)
    {
      Head head = {pl_cursor_get_u64 (cursor), 0};
      const void *data = pl_cursor_get_bytes (cursor, &head.length);
      if (cursor->failed)
        break;
      pl_buffer_append (&list->records, &head, sizeof head);
      pl_buffer_append (&list->records, data, head.length);
      list->n++;
    }
  follow (list, 0);
  return !cursor->failed;
}

static void
list_clear (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *states, const guint32 *addresses, gsize n)
{
  for (gsize i = 0; i < n; i++)
    clear_records (pl_state (List, i));
}

/* ---- to the disk and back: a value is a text, its key the position ---- */

static void
list_measure (G_GNUC_UNUSED const PlAggregateCall *call, const guint8 *state, PlValueTotals *totals)
{
  const List *list = (const List *) (gconstpointer) state;
  *totals = (PlValueTotals){list->n, list->records.length - list->n * sizeof (Head), list->records.length};
}

static gboolean
list_give (G_GNUC_UNUSED const PlAggregateCall *call, guint8 *state, PlValueSink sink, gpointer data, GError **error)
{
  List *list = (List *) (gpointer) state;
  pl_leased_auto Entry *order = pl_leased (g_new (Entry, list->n));
  gboolean ok = TRUE;
  order_records (list, order);
  for (gsize i = 0; i < list->n && ok; i++)
    {
      Head head;
      guint8 key[sizeof head.position];
      const char *record = list->records.data + order[i].offset;
      memcpy (&head, record, sizeof head);
      pl_value_put_int ((gint64) head.position, key);
      const PlValue value = {key, sizeof key, (const guint8 *) record + sizeof head, head.length, 1};
      ok = sink (&value, data, error);
    }
  clear_records (list);
  return ok;
}

typedef struct
{
  char *start, *end;
  gsize gap;
  guint64 n; /* texts so far */
} Joining;

static gpointer
list_begin (const PlAggregateCall *call, const PlValueTotals *totals, PlArena *arena, GError **error)
{
  const gsize gap = strlen (call->data), length = totals->bytes + (totals->n > 0 ? totals->n - 1 : 0) * gap;
  if (length > G_MAXUINT32)
    {
      fail_beyond (call, length, error);
      return NULL;
    }
  if (length > ALWAYS_FITS && !pl_lease_has_room (COPIES * length))
    {
      g_set_error (
          error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
          "%s gives a text of %" G_GSIZE_FORMAT " MiB, which memory-limit has no room for: a cell is in memory "
          "as a whole, and needs %" G_GSIZE_FORMAT " MiB beside what else the run has; set memory-limit higher",
          call->label, length >> 20, COPIES * length >> 20);
      return NULL;
    }
  Joining *joining = g_new (Joining, 1);
  *joining = (Joining){.start = pl_arena_alloc (arena, MAX (length, 1)), .gap = gap};
  joining->end = joining->start;
  return joining;
}

static void
list_take (const PlAggregateCall *call, gpointer known, const PlValue *value)
{
  Joining *joining = known;
  if (joining->n++ > 0)
    joining->end = mempcpy (joining->end, call->data, joining->gap);
  if (value->data_length > 0)
    joining->end = mempcpy (joining->end, value->data, value->data_length);
}

static void
list_end (G_GNUC_UNUSED const PlAggregateCall *call, gpointer known, PlColumn *out, G_GNUC_UNUSED PlArena *arena)
{
  g_autofree Joining *joining = known;
  if (out == NULL)
    return;
  out->nulls[0] = joining->n == 0;
  out->texts[0] = (PlText){.data = joining->start, .length = (guint32) (joining->end - joining->start)};
}

static const PlAggregateValues list_values = {list_measure, list_give, list_begin, list_take, list_end};

const PlAggregate pl_aggregate_list = {
    .name = "list",
    .signature = "list(x[, separator])",
    .summary = "The values as text in input order, joined by the separator (;)",
    .example = "list(carrier, ', ')",
    .min_args = 1,
    .max_args = 2,
    .bind = list_bind,
    .unbind = list_unbind,
    .update = list_update,
    .reads_positions = TRUE,
    .combine = list_combine,
    .finalize = list_finalize,
    .save = list_save,
    .load = list_load,
    .clear = list_clear,
    .values = &list_values,
};
