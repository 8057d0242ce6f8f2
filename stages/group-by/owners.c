/* Which aggregate calls of a group-by use the states of another one: see pl_group_find_owners(). Thousands of calls are
 * told apart by what they take, so that none is compared with all the others. */
#include "owners.h"
#include "../aggregates/registry.h"

/* Calls that take the same, by aggregate: one of an aggregate is asked to share, because those behind it would answer
 * alike. */
typedef struct
{
  const PlAggregate *aggregate;
  GQueue calls; /* of GUINT_TO_POINTER: those that nobody has taken in, ascending */
} Alike;

static void
alike_free (gpointer data)
{
  Alike *alike = data;
  g_queue_clear (&alike->calls);
  g_free (alike);
}

static char *
describe_taken (const PlGroupCall *use)
{
  GString *text = g_string_new (NULL);
  g_string_printf (text, "%d", use->filter);
  for (guint i = 0; i < use->call->n_args; i++)
    g_string_append_printf (text, " %u", use->args[i]);
  return g_string_free (text, FALSE);
}

/* Returns: (transfer full): what a call takes → of Alike *, in the order of their first calls. */
static GHashTable *
sort_calls (const PlGroupCall *calls, guint n)
{
  GHashTable *all = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  for (guint c = 0; c < n; c++)
    {
      g_autofree char *taken = describe_taken (&calls[c]);
      GPtrArray *kinds = g_hash_table_lookup (all, taken);
      Alike *alike = NULL;
      if (kinds == NULL)
        {
          kinds = g_ptr_array_new_with_free_func (alike_free);
          g_hash_table_insert (all, g_steal_pointer (&taken), kinds);
        }
      for (guint i = 0; i < kinds->len && alike == NULL; i++)
        if (((Alike *) kinds->pdata[i])->aggregate == calls[c].call->aggregate)
          alike = kinds->pdata[i];
      if (alike == NULL)
        {
          alike = g_new0 (Alike, 1);
          alike->aggregate = calls[c].call->aggregate;
          g_ptr_array_add (kinds, alike);
        }
      g_queue_push_tail (&alike->calls, GUINT_TO_POINTER (c));
    }
  return all;
}

/* The first call of @alike, other than @c, that has states of its own still. Returns: (nullable) */
static GList *
find_owner (Alike *alike, const PlGroupCall *calls, guint c)
{
  GList *link = alike->calls.head;
  while (link != NULL
         && (GPOINTER_TO_UINT (link->data) == c || calls[GPOINTER_TO_UINT (link->data)].call->owner != NULL))
    {
      GList *next = link->next;
      if (GPOINTER_TO_UINT (link->data) != c)
        g_queue_delete_link (&alike->calls, link);
      link = next;
    }
  return link;
}

void
pl_group_find_owners (const PlGroupCall *calls, guint n, guint *owners)
{
  g_autofree gboolean *is_shared = g_new0 (gboolean, n + 1);
  g_autoptr (GHashTable) all = sort_calls (calls, n);
  for (guint c = 0; c < n; c++)
    {
      owners[c] = c;
      if (is_shared[c])
        continue;
      g_autofree char *taken = describe_taken (&calls[c]);
      const GPtrArray *kinds = g_hash_table_lookup (all, taken);
      for (guint i = 0; i < kinds->len && owners[c] == c; i++)
        {
          const GList *link = find_owner (kinds->pdata[i], calls, c);
          guint o = link != NULL ? GPOINTER_TO_UINT (link->data) : c;
          if (o != c && pl_aggregate_call_share (calls[c].call, calls[o].call))
            {
              owners[c] = o;
              is_shared[o] = TRUE;
            }
        }
    }
}
