/* All scalar functions, sorted by name once, and the forms of the language that look like functions. */
#include "registry.h"
#include "families.h"

#include <pthread.h>
#include <string.h>

static const PlFunction *const families[]
    = {pl_math_functions, pl_rounding_functions,   pl_text_functions,        pl_text_made_functions,
       pl_date_functions, pl_date_shift_functions, pl_date_format_functions, pl_choice_functions};

#define FORM(n, s, t, e)                                                                                               \
  {                                                                                                                    \
    .name = n, .signature = s, .summary = t, .example = e                                                              \
  }

/* The parser knows these: they evaluate their arguments by need, or hold a type. */
static const PlFunction forms[] = {
    FORM ("case", "case [x] when a then b … [else c] end",
          "The result of the first condition, or value of x, that holds",
          "case 3 when 1 then 'one' when 3 then 'three' else 'many' end = 'three'"),
    FORM ("cast", "cast(x as type)", "x as another type, also written x::type; a value that has none fails",
          "cast('007' as int) = 7"),
    FORM ("coalesce", "coalesce(a, b, …)", "The first of the values that is not null", "coalesce(null, 2, 3) = 2"),
    FORM ("if", "if(condition, then, else)", "One of two values; else where the condition is null",
          "if(2 > 1, 'yes', 'no') = 'yes'"),
    FORM ("ifnull", "ifnull(a, b)", "As coalesce of two values", "ifnull(null, 2) = 2"),
    FORM ("try_cast", "try_cast(x as type)", "As cast, but null where it fails", "try_cast('x' as int) is null"),
    {.name = NULL},
};

typedef struct
{
  const PlFunction **functions;
  const char **names;
  guint n;
} Registry;

static int
compare_functions (const void *a, const void *b)
{
  return strcmp ((*(const PlFunction *const *) a)->name, (*(const PlFunction *const *) b)->name);
}

static Registry everything;

static void
make_registry (void)
{
  GPtrArray *all = g_ptr_array_new ();
  for (gsize f = 0; f < G_N_ELEMENTS (families); f++)
    for (const PlFunction *function = families[f]; function->name != NULL; function++)
      g_ptr_array_add (all, (gpointer) function);
  everything.n = all->len;
  qsort (all->pdata, all->len, sizeof (gpointer), compare_functions);
  everything.names = g_new0 (const char *, everything.n + G_N_ELEMENTS (forms));
  for (guint i = 0; i < everything.n; i++)
    everything.names[i] = ((const PlFunction *) all->pdata[i])->name;
  for (guint i = 0; forms[i].name != NULL; i++)
    everything.names[everything.n + i] = forms[i].name;
  g_ptr_array_add (all, NULL);
  everything.functions = (const PlFunction **) g_ptr_array_free (all, FALSE);
}

static const Registry *
get_registry (void)
{
  /* Not g_once: ThreadSanitizer knows this one. */
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once (&once, make_registry);
  return &everything;
}

const PlFunction *const *
pl_functions (void)
{
  return get_registry ()->functions;
}

const PlFunction *
pl_language_forms (void)
{
  return forms;
}

static const PlFunction *
find_function (const char *name)
{
  const Registry *registry = get_registry ();
  for (guint i = 0; i < registry->n; i++)
    if (strcmp (registry->names[i], name) == 0)
      return registry->functions[i];
  return NULL;
}

static const char *const *
function_names (void)
{
  return get_registry ()->names;
}

const PlFunctionTable *
pl_function_table (void)
{
  static const PlFunctionTable table = {find_function, function_names,
                                        "'pipeline stages --functions' lists what there is; aggregates such as sum "
                                        "and mean stand in [group-by] only"};
  return &table;
}
