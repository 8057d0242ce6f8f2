/* Nanoseconds a row of aggregates' update() over batches that stay in the cache, 1,000 groups; the best of several
 * rounds. The first line is what they are measured against: doubles added in order of arrival. Columns: n ints of 0 to
 * 999, f floats as written with two digits (uniform scale), m the same with scales that differ, d doubles without a
 * decimal form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../pipeline/expression/expression.h"
#include "../../stages/aggregates/aggregate.h"
#include "../../stages/functions/registry.h"
#include "../../pipeline/expression/check.h"
#include "../../pipeline/expression/parser.h"
#include "../../stages/aggregates/registry.h"

#define ROWS PL_BATCH_ROWS
#define GROUPS 1000
#define ROUNDS 9
#define BATCHES 300

enum
{
  N,
  F,
  M,
  D,
  COLUMNS
};

typedef struct
{
  const char *aggregate;
  const char *args[3];
  guint columns[2];
} Case;

static const Case cases[] = {
    {"sum", {"n"}, {N}},          {"sum", {"f"}, {F}},     {"sum", {"m"}, {M}},     {"sum", {"d + 0"}, {D}},
    {"mean", {"f"}, {F}},         {"min", {"n"}, {N}},     {"max", {"d"}, {D}},     {"var", {"n"}, {N}},
    {"var", {"f"}, {F}},          {"var", {"d + 0"}, {D}}, {"skew", {"n"}, {N}},    {"corr", {"n", "n"}, {N, N}},
    {"corr", {"n", "f"}, {N, F}}, {"median", {"f"}, {F}},  {"nunique", {"n"}, {N}},
};

static guint32 groups[ROWS];
static guint64 positions[ROWS];
static PlColumn columns[COLUMNS];
static double doubles[ROWS];

/* In nanoseconds, of this process: other programs do not show. */
static gint64
cpu_time (void)
{
  struct timespec time;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (gint64) time.tv_sec * 1000000000 + time.tv_nsec;
}

static void
fill (void)
{
  guint64 state = 1;
  for (guint c = 0; c < COLUMNS; c++)
    columns[c] = (PlColumn){.type = PL_TYPE (c == N ? PL_INT : PL_FLOAT), .values = g_new0 (guint64, ROWS)};
  columns[F].exact = g_new (gint64, ROWS);
  columns[F].exact_scale = 2;
  columns[M].exact = g_new (gint64, ROWS);
  columns[M].exact_scales = g_new (guint8, ROWS);
  for (gsize i = 0; i < ROWS; i++)
    {
      state = state * 6364136223846793005u + 1442695040888963407u;
      groups[i] = (guint32) (state >> 33) % GROUPS;
      columns[N].ints[i] = (gint64) (state >> 40) % 1000;
      columns[F].exact[i] = (gint64) (state >> 30) % 100000 - 30000;
      columns[F].floats[i] = (double) columns[F].exact[i] / 100;
      columns[M].exact_scales[i] = (state >> 60) == 0 ? 1 : 2;
      columns[M].exact[i] = columns[F].exact[i];
      columns[M].floats[i] = columns[F].floats[i];
      doubles[i] = columns[D].floats[i] = columns[F].floats[i] * 1.1;
    }
}

static void
measure_naive (void)
{
  struct
  {
    double sum;
    gint64 count;
  } *sums = g_malloc0 (GROUPS * sizeof *sums);
  gint64 best = G_MAXINT64;

  for (guint round = 0; round < ROUNDS; round++)
    {
      gint64 start = cpu_time ();
      for (guint b = 0; b < BATCHES; b++)
        for (gsize i = 0; i < ROWS; i++)
          {
            sums[groups[i]].sum += doubles[i];
            sums[groups[i]].count++;
          }
      best = MIN (best, cpu_time () - start);
    }
  printf ("%-24s %6.2f\n", "doubles, unordered", (double) best / (BATCHES * (double) ROWS));
  g_free (sums);
}

static PlAggregateCall *
bind (const Case *test, PlSchema *schema)
{
  PlExpression *args[2];
  guint offset, n = 0;
  for (; test->args[n] != NULL; n++)
    {
      args[n] = pl_expression_parse (test->args[n], &offset, NULL);
      g_assert (pl_expression_check (args[n], schema, pl_function_table (), &offset, NULL));
    }
  PlAggregateCall *call = pl_aggregate_call_new (pl_aggregate_find (test->aggregate), test->aggregate, args, n, NULL);
  for (guint i = 0; i < n; i++)
    pl_expression_free (args[i]);
  return call;
}

static void
measure (const Case *test, PlSchema *schema)
{
  PlAggregateCall *call = bind (test, schema);
  const PlAggregate *self = call->aggregate;
  guint8 *states = g_malloc (GROUPS * call->state_size);
  PlColumn *args[2] = {&columns[test->columns[0]], &columns[test->columns[1]]};
  PlArena *arena = pl_arena_new ();
  PlColumn *out = pl_column_new (arena, call->result, GROUPS);
  gint64 best = G_MAXINT64, best_end = G_MAXINT64;
  gsize failed;
  guint32 places[ROWS], all[GROUPS];

  for (gsize i = 0; i < ROWS; i++)
    places[i] = (guint32) (groups[i] * call->state_size / PL_WORD);
  for (guint32 i = 0; i < GROUPS; i++)
    all[i] = (guint32) (i * call->state_size / PL_WORD);
  pl_column_add_nulls (out, arena, GROUPS);
  for (guint round = 0; round < ROUNDS; round++)
    {
      memset (states, 0, GROUPS * call->state_size);
      if (self->init != NULL)
        self->init (call, states, all, GROUPS);
      gint64 start = cpu_time ();
      for (guint b = 0; b < BATCHES; b++)
        self->update (call, states, places, NULL, ROWS, args, positions);
      gint64 middle = cpu_time ();
      self->finalize (call, states, all, GROUPS, out, arena, &failed, NULL);
      best_end = MIN (best_end, cpu_time () - middle);
      best = MIN (best, middle - start);
      if (self->clear != NULL)
        self->clear (call, states, all, GROUPS);
    }
  g_autofree char *label = g_strconcat (test->aggregate, "(", test->args[0], test->args[1] != NULL ? ", " : "",
                                        test->args[1] != NULL ? test->args[1] : "", ")", NULL);
  printf ("%-24s %6.2f  finalize %8.1f a group, %zu bytes\n", label, (double) best / (BATCHES * (double) ROWS),
          (double) best_end / GROUPS, call->state_size);
  pl_arena_free (arena);
  g_free (states);
  pl_aggregate_call_free (call);
}

int
main (void)
{
  static const char *const names[] = {"n", "f", "m", "d"};
  PlSchema *schema = pl_schema_new ();

  fill ();
  for (guint c = 0; c < COLUMNS; c++)
    pl_schema_add (schema, names[c], columns[c].type);
  measure_naive ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    measure (&cases[i], schema);
  pl_schema_unref (schema);
  for (guint c = 0; c < COLUMNS; c++)
    {
      g_free (columns[c].values);
      g_free (columns[c].exact);
      g_free (columns[c].exact_scales);
    }
  return 0;
}
