/* Rows of both inputs, met by their keys: see disk.h.
 *
 * All runs are read as one, in pieces of whole keys, on all workers. Of each key the rows of the right input come
 * first, then the positions of the left one's, so that neither side has to be kept: of the right one's no more than
 * PL_JOIN_FEW bytes are; where there are more, they go to `many`, and what is written beside each position is where
 * they are. */
#include "answer.h"
#include "entries.h"
#include "sides.h"
#include "../../pipeline/spill/sorter.h"

typedef struct
{
  PlJoinDisk *disk;
  const PlSpillOrder *order;
  guint64 n_pieces;
  guint n_tasks;
  guint64 next;                                   /* atomic: the piece that is read next */
  PlSpill **answers, **many, **rest, **rest_many; /* a task */
  GError **errors;
} Answering;

/* A key. */
typedef struct
{
  PlSpillEntry entry; /* its first one, without data */
  PlBuffer rest;      /* of the key */
  PlBuffer rows;      /* of the right input, few: each position, length, record */
  gboolean is_there;  /* whether the right input has it, */
  gboolean is_found;  /* and the left one does, too */
  gboolean is_many;
  PlJoinMany many;
} Key;

typedef struct
{
  const PlJoin *join;
  PlSpillSorter *answers, *rest;
  PlSpill *many, *rest_many; /* each with one run that is open, or none */
  gboolean has_many;
  guint64 id, step; /* of the next many */
  Key key;
} Task;

/* What stands in front of a record in Key.rows. */
typedef struct
{
  guint64 position;
  guint64 length;
} Kept;

/* Calls with each of the few rows of a key. */
typedef gboolean (*PutRow) (Task *task, guint64 position, const guint8 *record, guint32 length, GError **error);

static gboolean
put_few (Task *task, PutRow put, GError **error)
{
  const PlBuffer *rows = &task->key.rows;
  for (gsize at = 0; at < rows->length;)
    {
      Kept kept;
      memcpy (&kept, rows->data + at, sizeof kept);
      at += sizeof kept;
      if (!put (task, kept.position, (const guint8 *) rows->data + at, (guint32) kept.length, error))
        return FALSE;
      at += kept.length;
    }
  return TRUE;
}

static gboolean
put_rest (Task *task, guint64 position, const guint8 *record, guint32 length, GError **error)
{
  const PlSpillEntry entry = {.prefix = position, .data = record, .data_length = length};
  return pl_spill_sorter_put (task->rest, &entry, error);
}

/* ---- many rows of one key ---- */

/* It is not known yet whether somebody has the key: until then they are the rest, too. */
static gboolean
put_many (Task *task, guint64 position, const guint8 *record, guint32 length, GError **error)
{
  const PlSpillEntry entry = {.prefix = task->key.many.id, .place = position, .data = record, .data_length = length};
  const PlSpillEntry alone = {.prefix = position, .data = record, .data_length = length};
  task->key.many.n++;
  return pl_spill_put (task->many, &entry, error)
         && (!pl_join_has_rest (task->join) || pl_spill_put (task->rest_many, &alone, error));
}

static gboolean
begin_many (Task *task, GError **error)
{
  Key *key = &task->key;
  if (!task->has_many && !pl_spill_begin (task->many, error))
    return FALSE;
  if (pl_join_has_rest (task->join) && !pl_spill_begin (task->rest_many, error))
    return FALSE;
  task->has_many = TRUE;
  key->is_many = TRUE;
  key->many = (PlJoinMany){task->id, 0};
  task->id += task->step;
  const gboolean ok = put_few (task, put_many, error);
  key->rows.length = 0;
  return ok;
}

/* ---- one key ---- */

static void
begin_key (Task *task, const PlSpillEntry *entry)
{
  Key *key = &task->key;
  key->rest.length = key->rows.length = 0;
  pl_buffer_append (&key->rest, entry->rest, entry->rest_length);
  key->entry = *entry;
  key->entry.rest = (const guint8 *) key->rest.data;
  key->is_there = key->is_found = key->is_many = FALSE;
}

static gboolean
end_key (Task *task, GError **error)
{
  const Key *key = &task->key;
  if (!key->is_there || key->is_found || !pl_join_has_rest (task->join))
    return TRUE;
  return key->is_many ? pl_spill_end (task->rest_many, error) : put_few (task, put_rest, error);
}

static gboolean
take_right (Task *task, const PlSpillEntry *entry, GError **error)
{
  Key *key = &task->key;
  const Kept kept = {entry->place, entry->data_length};
  key->is_there = TRUE;
  if (pl_join_is_test (task->join))
    return TRUE;
  if (!key->is_many && key->rows.length > 0 && key->rows.length + sizeof kept + entry->data_length > PL_JOIN_FEW
      && !begin_many (task, error))
    return FALSE;
  if (key->is_many)
    return put_many (task, entry->place, entry->data, entry->data_length, error);
  pl_buffer_append (&key->rows, &kept, sizeof kept);
  pl_buffer_append (&key->rows, entry->data, entry->data_length);
  return TRUE;
}

static gboolean
answer_few (Task *task, guint64 asker, GError **error)
{
  const PlBuffer *rows = &task->key.rows;
  for (gsize at = 0; at < rows->length;)
    {
      Kept kept;
      memcpy (&kept, rows->data + at, sizeof kept);
      at += sizeof kept;
      const PlSpillEntry entry = {.prefix = asker,
                                  .place = kept.position,
                                  .data = (const guint8 *) rows->data + at,
                                  .data_length = (guint32) kept.length};
      if (!pl_spill_sorter_put (task->answers, &entry, error))
        return FALSE;
      at += kept.length;
    }
  return TRUE;
}

static gboolean
take_left (Task *task, const PlSpillEntry *entry, GError **error)
{
  Key *key = &task->key;
  const guint64 asker = entry->place & ~PL_JOIN_BEHIND;
  if (!key->is_there)
    return TRUE;
  key->is_found = TRUE;
  if (!pl_join_is_test (task->join) && !key->is_many)
    return answer_few (task, asker, error);
  const PlSpillEntry answer = {.prefix = asker,
                               .data = (const guint8 *) &key->many,
                               .data_length = key->is_many ? sizeof key->many : 0,
                               .flag = key->is_many};
  return pl_spill_sorter_put (task->answers, &answer, error);
}

/* ---- pieces ---- */

static gboolean
answer_piece (Task *task, PlSpillMerge *merge, GError **error)
{
  const PlSpillEntry *entry;
  gboolean any = FALSE;
  while ((entry = pl_spill_merge_peek (merge)) != NULL)
    {
      if (!any || !pl_spill_same_key (entry, &task->key.entry))
        {
          if (any && !end_key (task, error))
            return FALSE;
          begin_key (task, entry);
        }
      any = TRUE;
      if (!(entry->place & PL_JOIN_BEHIND ? take_left (task, entry, error) : take_right (task, entry, error))
          || !pl_spill_merge_step (merge, error))
        return FALSE;
    }
  return !any || end_key (task, error);
}

static gboolean
answer_pieces (Answering *answering, Task *task, GError **error)
{
  guint64 piece;
  while ((piece = __atomic_fetch_add (&answering->next, 1, __ATOMIC_RELAXED)) < answering->n_pieces)
    {
      g_autoptr (PlSpillMerge) merge = pl_spill_merge_open (answering->order, piece, error);
      if (merge == NULL || !answer_piece (task, merge, error))
        return FALSE;
    }
  return !task->has_many || pl_spill_end (task->many, error);
}

static void
answer_task (guint index, gpointer data)
{
  Answering *answering = data;
  GError **error = &answering->errors[index];
  Task task = {.join = answering->disk->join,
               .answers = pl_spill_sorter_new (),
               .rest = pl_spill_sorter_new (),
               .many = answering->many[index] = pl_spill_new (),
               .rest_many = answering->rest_many[index] = pl_spill_new (),
               .id = index,
               .step = answering->n_tasks};
  if (answer_pieces (answering, &task, error)
      && (answering->answers[index] = pl_spill_sorter_end (g_steal_pointer (&task.answers), error)) != NULL)
    answering->rest[index] = pl_spill_sorter_end (g_steal_pointer (&task.rest), error);
  pl_spill_sorter_free (task.answers);
  pl_spill_sorter_free (task.rest);
  pl_buffer_clear (&task.key.rest);
  pl_buffer_clear (&task.key.rows);
}

/* What tasks have made becomes the disk's; of one that failed nothing does. */
static gboolean
take_answers (PlJoinDisk *disk, const Answering *answering, gboolean ok, GError **error)
{
  g_autoptr (GPtrArray) answers = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_spill_free);
  g_autoptr (GPtrArray) many = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_spill_free);
  for (guint i = 0; i < answering->n_tasks; i++)
    {
      if (answering->answers[i] != NULL)
        g_ptr_array_add (answers, answering->answers[i]);
      g_ptr_array_add (many, answering->many[i]);
      g_ptr_array_add (disk->rest, answering->rest_many[i]);
      if (answering->rest[i] != NULL)
        g_ptr_array_add (disk->rest, answering->rest[i]);
    }
  disk->n_answered++;
  return ok && (disk->answers = pl_join_order_of (answers, NULL, PL_SPILL_PIECE, error)) != NULL
         && (disk->many = pl_join_order_of (many, NULL, PL_SPILL_PIECE, error)) != NULL;
}

gboolean
pl_join_disk_answer (PlJoinDisk *disk, GPtrArray *lefts, PlParallel *parallel, GError **error)
{
  g_autoptr (PlSpillOrder) order = pl_join_order_of (disk->rows, lefts, PL_JOIN_TASK, error);
  const guint n = MAX (parallel->n_workers, 1);
  if (order == NULL)
    return FALSE;
  g_autofree PlSpill **spills = g_new0 (PlSpill *, 4 * (gsize) n);
  g_autofree GError **errors = g_new0 (GError *, n);
  Answering answering = {.disk = disk,
                         .order = order,
                         .n_pieces = pl_spill_order_pieces (order),
                         .n_tasks = n,
                         .answers = spills,
                         .many = spills + n,
                         .rest = spills + 2 * (gsize) n,
                         .rest_many = spills + 3 * (gsize) n,
                         .errors = errors};
  GError *first = NULL;
  parallel->run (parallel, n, answer_task, &answering);
  for (guint i = 0; i < n; i++)
    if (first == NULL)
      first = errors[i];
    else
      g_clear_error (&errors[i]);
  if (first != NULL)
    g_propagate_error (error, first);
  return take_answers (disk, &answering, first == NULL, error);
}
