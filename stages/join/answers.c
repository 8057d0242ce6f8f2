/* See answers.h. */
#include "answers.h"
#include "entries.h"

/* Answers that are stepped over on the way to the next row: of more than that it is looked up where the row's begin.
 * What lies between are rows that other workers have. */
#define MOST_STEPS 4096

/* Bytes of records that wait for the output. */
#define MOST_BYTES ((gsize) 1 << 20)

void
pl_join_answers_init (PlJoinAnswers *answers, const PlJoinDisk *disk, const PlRecord *null)
{
  *answers = (PlJoinAnswers){.disk = disk, .null = null, .arena = pl_arena_new ()};
}

void
pl_join_answers_clear (PlJoinAnswers *answers)
{
  g_clear_pointer (&answers->reading, pl_spill_merge_close);
  g_clear_pointer (&answers->arena, pl_arena_free);
}

gboolean
pl_join_answers_check (const PlJoinAnswers *answers, PlBatch *batch, GError **error)
{
  const PlJoinDisk *disk = answers->disk;
  for (gsize i = 0; disk->failure != NULL && i < batch->n_rows; i++)
    if (pl_batch_source (batch, i) >= disk->bound)
      {
        /* It was not there the second time, so what follows is not known. */
        batch->failed_row = i;
        g_propagate_error (error, g_error_copy (disk->failure));
        return FALSE;
      }
  return TRUE;
}

/* ---- reading on ---- */

static gboolean
look_up (PlJoinAnswers *answers, guint64 position, GError **error)
{
  const PlSpillEntry start = {.prefix = position};
  g_clear_pointer (&answers->reading, pl_spill_merge_close);
  answers->reading = pl_spill_merge_between (answers->disk->answers, &start, NULL, error);
  return answers->reading != NULL;
}

/* Goes to the answers of the row at @position. */
static gboolean
seek (PlJoinAnswers *answers, guint64 position, GError **error)
{
  guint n = 0;
  if ((answers->reading == NULL || position < answers->from) && !look_up (answers, position, error))
    return FALSE;
  for (;;)
    {
      const PlSpillEntry *entry = pl_spill_merge_peek (answers->reading);
      if (entry == NULL || entry->prefix >= position)
        break;
      if (!(++n > MOST_STEPS ? look_up (answers, position, error) : pl_spill_merge_step (answers->reading, error)))
        {
          g_clear_pointer (&answers->reading, pl_spill_merge_close);
          return FALSE;
        }
    }
  answers->from = position;
  return TRUE;
}

static const PlRecord *
take_record (PlJoinAnswers *answers, const PlSpillEntry *entry)
{
  answers->bytes += entry->data_length;
  return pl_join_record_of (entry, answers->arena);
}

/* The records that wait have gone. */
static void
forget_records (PlJoinAnswers *answers)
{
  pl_arena_reset (answers->arena);
  answers->bytes = 0;
}

/* What the row at @position finds. */
typedef struct
{
  const PlRecord **records;
  gsize n, capacity;
  gboolean is_answered; /* also of a test, which finds no records */
  PlJoinMany many;      /* n: 0 where there are not many */
} Found;

static void
add_found (PlJoinAnswers *answers, Found *found, const PlSpillEntry *entry)
{
  found->is_answered = TRUE;
  if (entry->flag)
    {
      memcpy (&found->many, entry->data, sizeof found->many);
      return;
    }
  if (found->n == found->capacity)
    {
      const PlRecord **before = found->records;
      found->capacity = MAX (2 * found->capacity, 16);
      found->records = pl_arena_new_array (answers->arena, const PlRecord *, found->capacity);
      if (found->n > 0)
        memcpy (found->records, before, found->n * sizeof *before);
    }
  found->records[found->n++] = entry->data_length > 0 ? take_record (answers, entry) : NULL;
}

static gboolean
find (PlJoinAnswers *answers, guint64 position, Found *found, GError **error)
{
  const PlSpillEntry *entry;
  *found = (Found){0};
  if (!seek (answers, position, error))
    return FALSE;
  while ((entry = pl_spill_merge_peek (answers->reading)) != NULL && entry->prefix == position)
    {
      add_found (answers, found, entry);
      if (!pl_spill_merge_step (answers->reading, error))
        {
          g_clear_pointer (&answers->reading, pl_spill_merge_close);
          return FALSE;
        }
    }
  answers->from = position + 1;
  return TRUE;
}

/* ---- giving ---- */

/* The rows of @reading, beside row @row. */
static gboolean
give_reading (PlJoinAnswers *answers, PlJoinOutput *output, guint32 row, PlSpillMerge *reading, GError **error)
{
  const PlSpillEntry *entry;
  while ((entry = pl_spill_merge_peek (reading)) != NULL)
    {
      if (!pl_join_output_room (output, 1))
        return FALSE;
      if (output->n == 0)
        forget_records (answers);
      output->rows[output->n] = row;
      output->records[output->n++] = take_record (answers, entry);
      if (!pl_spill_merge_step (reading, error))
        {
          output->batch->failed_row = row;
          return FALSE;
        }
    }
  return TRUE;
}

/* Many rows are read anew for each row that asks. */
static gboolean
give_many (PlJoinAnswers *answers, PlJoinOutput *output, guint32 row, const PlJoinMany *many, GError **error)
{
  const gboolean is_cross = output->join->how == PL_JOIN_CROSS;
  const PlSpillEntry start = {.prefix = is_cross ? 0 : many->id}, end = {.prefix = many->id + 1};
  if (!pl_join_output_room (output, many->n))
    return FALSE;
  g_autoptr (PlSpillMerge) reading
      = pl_spill_merge_between (answers->disk->many, &start, is_cross ? NULL : &end, error);
  if (reading == NULL)
    {
      output->batch->failed_row = row;
      return FALSE;
    }
  return give_reading (answers, output, row, reading, error);
}

static gboolean
give_tested (PlJoinOutput *output, guint32 row, gboolean is_answered)
{
  output->rows[output->n] = row;
  output->n += is_answered == (output->join->how == PL_JOIN_SEMI);
  return TRUE;
}

static gboolean
give_row (PlJoinAnswers *answers, PlJoinOutput *output, guint32 row, GError **error)
{
  const PlJoinHow how = output->join->how;
  Found found;
  if (!find (answers, pl_batch_position (output->batch, row), &found, error))
    {
      output->batch->failed_row = row;
      return FALSE;
    }
  if (pl_join_is_test (output->join))
    return give_tested (output, row, found.is_answered);
  if (found.many.n > 0)
    return give_many (answers, output, row, &found.many, error);
  if (found.n == 0 && (how == PL_JOIN_LEFT || how == PL_JOIN_FULL))
    return pl_join_output_add (output, row, &answers->null, 1);
  return pl_join_output_add (output, row, found.records, found.n);
}

gboolean
pl_join_answers_give (PlJoinAnswers *answers, PlJoinOutput *output, GError **error)
{
  const PlJoinMany all = {0, pl_spill_order_entries (answers->disk->many)};
  for (gsize i = 0; i < output->batch->n_rows; i++)
    {
      if (answers->bytes > MOST_BYTES && !pl_join_output_give (output))
        return FALSE;
      if (output->n == 0)
        forget_records (answers);
      if (output->join->how == PL_JOIN_CROSS ? !give_many (answers, output, (guint32) i, &all, error)
                                             : !give_row (answers, output, (guint32) i, error))
        return FALSE;
    }
  return pl_join_output_give (output);
}
