/* Nanoseconds a row of finding groups: encoding keys, hashing them, and all of it with the table, for kinds of keys and
 * numbers of groups; the best of several rounds. Rows come in batches as from a reader, texts stand one after the
 * other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../pipeline/groups/table.h"
#include "../../pipeline/keys/encode.h"

#define ROWS ((gsize) 256 * PL_BATCH_ROWS)
#define ROUNDS 7

typedef struct
{
  const char *name;
  guint n_columns;
  guint length; /* of texts; 0: ints */
  gsize n_groups;
} Case;

static const Case cases[] = {
    {"int", 1, 0, 100},           {"int", 1, 0, 100000},       {"two ints", 2, 0, 10000},
    {"text of 5", 1, 5, 100},     {"text of 12", 1, 12, 100},  {"text of 12", 1, 12, 100000},
    {"text of 20", 1, 20, 10000}, {"text of 40", 1, 40, 1000}, {"two texts of 5", 2, 5, 10000},
};

/* In nanoseconds, of this process: other programs do not show. */
static gint64
cpu_time (void)
{
  struct timespec time;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (gint64) time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Column @index of keys of @group: together the columns tell it apart. */
static void
fill (const Case *test, guint index, PlColumn *column, char *text, gsize row, gsize group)
{
  const gsize share = test->n_columns == 1 ? group : index == 0 ? group % 100 : group / 100;
  if (test->length == 0)
    {
      column->ints[row] = (gint64) share;
      return;
    }
  g_snprintf (text, test->length + 1, "%0*zu", (int) test->length, share);
  column->texts[row] = (PlText){text, test->length, PL_TEXT_PLAIN};
}

static PlColumn **
make_batches (const Case *test, PlArena *arena)
{
  const PlType type = PL_TYPE (test->length == 0 ? PL_INT : PL_STRING);
  const gsize n_batches = ROWS / PL_BATCH_ROWS;
  PlColumn **columns = pl_arena_new_array (arena, PlColumn *, n_batches * test->n_columns);
  char *text = pl_arena_alloc (arena, (test->length + 1) * ROWS * test->n_columns + 1);
  guint64 state = 1;
  for (gsize b = 0; b < n_batches; b++)
    {
      for (guint c = 0; c < test->n_columns; c++)
        columns[b * test->n_columns + c] = pl_column_new (arena, type, PL_BATCH_ROWS);
      for (gsize row = 0; row < PL_BATCH_ROWS; row++)
        {
          state = state * 6364136223846793005u + 1442695040888963407u;
          for (guint c = 0; c < test->n_columns; c++, text += test->length + 1)
            fill (test, c, columns[b * test->n_columns + c], text, row, (gsize) (state >> 33) % test->n_groups);
        }
    }
  return columns;
}

static void
measure (const Case *test)
{
  const PlType types[]
      = {PL_TYPE (test->length == 0 ? PL_INT : PL_STRING), PL_TYPE (test->length == 0 ? PL_INT : PL_STRING)};
  PlArena *arena = pl_arena_new (), *work = pl_arena_new ();
  PlColumn **columns = make_batches (test, arena);
  PlKeyLayout *layout = pl_key_layout_new (types, test->n_columns);
  gint64 best[3] = {G_MAXINT64, G_MAXINT64, G_MAXINT64};
  guint32 hashes[PL_BATCH_ROWS], groups[PL_BATCH_ROWS];
  gsize n_groups = 0;

  pl_key_layout_fit (layout, columns, PL_BATCH_ROWS);
  guint64 *rows = g_new (guint64, PL_BATCH_ROWS * layout->n_words);
  for (guint round = 0; round < ROUNDS; round++)
    {
      gint64 start = cpu_time ();
      for (gsize b = 0; b < ROWS / PL_BATCH_ROWS; b++)
        pl_keys_encode (layout, columns + b * test->n_columns, PL_BATCH_ROWS, rows);
      best[0] = MIN (best[0], cpu_time () - start);
      start = cpu_time ();
      for (gsize b = 0; b < ROWS / PL_BATCH_ROWS; b++)
        pl_keys_hash (layout, rows, PL_BATCH_ROWS, hashes);
      best[1] = MIN (best[1], cpu_time () - start);
      PlGroupTable *table = pl_group_table_new (layout, 4);
      start = cpu_time ();
      for (gsize b = 0; b < ROWS / PL_BATCH_ROWS; b++)
        {
          pl_arena_reset (work);
          pl_group_table_find (table, columns + b * test->n_columns, PL_BATCH_ROWS, groups, work);
        }
      best[2] = MIN (best[2], cpu_time () - start);
      n_groups = table->n_groups;
      pl_group_table_free (table);
    }
  printf ("%-16s %7zu groups: encode %5.2f  hash %5.2f  all %6.2f  key %u bytes\n", test->name, n_groups,
          (double) best[0] / ROWS, (double) best[1] / ROWS, (double) best[2] / ROWS, layout->n_words * 8);
  g_free (rows);
  pl_key_layout_free (layout);
  pl_arena_free (work);
  pl_arena_free (arena);
}

int
main (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    measure (&cases[i]);
  return 0;
}
