/* Any bytes as what a worker process and its main process send each other: a source, a job, or the state of a stage,
 * told by the first byte. What loads must save again, and what it saved must load. Run it with -malloc_limit_mb: a
 * length that the bytes only claim must not be allocated. */
#include <stdint.h>

#include "../../pipeline/csv/source.h"
#include "../../pipeline/job/job.h"
#include "../../stages/stage.h"
#include "../../pipeline/csv/source-wire.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Stages that have a state, by all columns of which something is kept. */
static const char job_text[]
    = "[source s]\npath = s.csv\n"
      "[group-by g]\nby = k\nn = count()\ns = sum(x)\nm = mean(f)\nv = var(f)\nu = nunique(k)\n"
      "q = median(f)\nf1 = first(k)\nl = list(x)\nc = corr(x, f)\nd = sum(m2)\nb = any(b)\nh = harmonic_mean(f)\n"
      "[group-by whole]\nn = count(k)\nx = max(k)\no = mode(k)\n"
      "[group-by ints]\nby = x; d; b\np = product(x)\na = arg_max(k, f)\n"
      "[sort t]\nby = k; x desc; f\n"
      "[distinct u]\nby = k; x\n"
      "[distinct v]\nby = k\nkeep = last\n"
      "[limit l]\nrows = 3\noffset = 1\n"
      "[tail e]\nrows = 2\n"
      "[row-number r]\nas = i\n"
      "[row-number w]\nas = i\nby = k; d\n"
      "[top-k p]\nby = k\nsort = x desc\nk = 2\n";

typedef struct
{
  const PlStage *stage;
  gpointer config;
} Loader;

/* Each stage twice: where texts alone are wanted of its rows (sort keeps lines then), and where all is. */
static void
add_loaders (GArray *loaders, const PlSettings *group, PlSchema *schema, PlIssues *issues)
{
  static const guint8 wanted[] = {PL_USE_TEXT, PL_USE_TEXT | PL_USE_VALUE | PL_USE_EXACT};
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      PlSchema *output = NULL;
      Loader loader = {.stage = pl_stage_find (group->kind)};
      g_assert_nonnull (loader.stage);
      loader.config = loader.stage->configure (group, schema, &output, issues);
      g_assert_cmpuint (pl_issues_n_errors (issues), ==, 0);
      g_autofree guint8 *uses = g_new (guint8, output->n_fields), *needed = g_new0 (guint8, schema->n_fields);
      memset (uses, wanted[i], output->n_fields);
      loader.stage->require (loader.config, uses, needed);
      pl_schema_unref (output);
      if (loader.stage->reduce != NULL)
        g_array_append_val (loaders, loader);
    }
}

static GArray *
make_loaders (void)
{
  GArray *loaders = g_array_new (FALSE, FALSE, sizeof (Loader));
  PlOverrides overrides = {NULL, NULL, NULL};
  g_autoptr (PlIssues) issues = pl_issues_new ();
  /* Configurations read on in it. */
  static PlJob *job;
  job = pl_job_parse (job_text, sizeof job_text - 1, "job.ini", ".", &overrides, issues);
  g_autoptr (PlSchema) schema = pl_schema_new ();
  pl_schema_add (schema, "k", PL_TYPE (PL_STRING));
  pl_schema_add (schema, "x", PL_TYPE (PL_INT));
  pl_schema_add (schema, "f", PL_TYPE (PL_FLOAT));
  pl_schema_add (schema, "d", PL_TYPE (PL_DATE));
  pl_schema_add (schema, "b", PL_TYPE (PL_BOOL));
  pl_schema_add (schema, "m2", PL_TYPE_DECIMAL (5, 2));
  for (guint i = 1; i < job->groups->len; i++)
    add_loaders (loaders, g_ptr_array_index (job->groups, i), schema, issues);
  g_assert_cmpuint (loaders->len, >, 0);
  return loaders;
}

static void
load_source (PlCursor *cursor)
{
  g_autoptr (PlSource) source = pl_source_load (cursor);
  if (source == NULL)
    return;
  PlBuffer saved = PL_BUFFER_INIT;
  pl_source_save (source, &saved);
  PlCursor again = {.data = (const guint8 *) saved.data, .length = saved.length};
  g_autoptr (PlSource) copy = pl_source_load (&again);
  g_assert_nonnull (copy);
  pl_buffer_clear (&saved);
}

static void
load_job (PlCursor *cursor)
{
  g_autoptr (PlJob) job = pl_job_load_saved (cursor);
  if (job == NULL)
    return;
  PlBuffer saved = PL_BUFFER_INIT;
  pl_job_save (job, &saved);
  PlCursor again = {.data = (const guint8 *) saved.data, .length = saved.length};
  g_autoptr (PlJob) copy = pl_job_load_saved (&again);
  g_assert_nonnull (copy);
  pl_buffer_clear (&saved);
}

static void
load_state (const Loader *loader, PlCursor *cursor)
{
  gpointer state = loader->stage->reduce->load (loader->config, cursor);
  if (state == NULL)
    {
      g_assert_true (cursor->failed);
      return;
    }
  PlBuffer saved = PL_BUFFER_INIT;
  loader->stage->reduce->save (loader->config, state, &saved);
  loader->stage->state_free (state);
  PlCursor again = {.data = (const guint8 *) saved.data, .length = saved.length};
  state = loader->stage->reduce->load (loader->config, &again);
  g_assert_nonnull (state);
  loader->stage->state_free (state);
  pl_buffer_clear (&saved);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static GArray *loaders;
  if (loaders == NULL)
    loaders = make_loaders ();
  if (size == 0)
    return 0;
  PlCursor cursor = {.data = data + 1, .length = size - 1};
  guint what = data[0] % (loaders->len + 2);
  if (what == 0)
    load_source (&cursor);
  else if (what == 1)
    load_job (&cursor);
  else
    load_state (&g_array_index (loaders, Loader, what - 2), &cursor);
  return 0;
}
