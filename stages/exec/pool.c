/* Children on loan. A keeper of the pool's own starts all of them, because workers end earlier than they do. */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

/* How long a child may take to be gone when its input has ended and all its rows are answered. It is then killed,
 * without harm. */
#define FAREWELL (G_USEC_PER_SEC / 2)

struct PlChildPool
{
  const PlChildCommand *command;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  guint limit, n_users;
  guint n_children; /* started or being started */
  guint n_lines;    /* of stderr, passed on */
  GPtrArray *idle;  /* of PlChild * */
  PlChildKeeper *keeper;
};

PlChildPool *
pl_child_pool_new (const PlChildCommand *command)
{
  PlChildPool *pool = g_new0 (PlChildPool, 1);
  pool->command = command;
  pool->idle = g_ptr_array_new ();
  pool->keeper = pl_child_keeper_new ();
  pthread_mutex_init (&pool->lock, NULL);
  pthread_cond_init (&pool->changed, NULL);
  return pool;
}

void
pl_child_pool_set_limit (PlChildPool *pool, guint limit)
{
  pool->limit = limit;
}

/* With the lock held, which is let go of meanwhile. */
static PlChild *
start_child (PlChildPool *pool, char **why)
{
  pool->n_children++;
  pthread_mutex_unlock (&pool->lock);
  PlChild *child = pl_child_keeper_start (pool->keeper, pool->command, TRUE, why);
  pthread_mutex_lock (&pool->lock);
  if (child == NULL)
    {
      pool->n_children--;
      pthread_cond_broadcast (&pool->changed);
    }
  return child;
}

PlChild *
pl_child_pool_take (PlChildPool *pool, gboolean is_new, gboolean wait, char **why)
{
  PlChild *child = NULL;
  *why = NULL;
  pthread_mutex_lock (&pool->lock);
  for (;;)
    {
      guint limit = pool->limit != 0 ? pool->limit : MAX (pool->n_users, 1);
      if (pool->idle->len > 0)
        child = g_ptr_array_steal_index (pool->idle, pool->idle->len - 1);
      if (child != NULL && is_new)
        {
          /* One that is to see nothing but the coming rows takes its place. There may be more children than are
           * allowed now, since workers have ended: then others go, too, for nobody will bring news of them. */
          pl_child_free (g_steal_pointer (&child));
          pool->n_children--;
          if (pool->n_children >= limit && pool->idle->len > 0)
            continue;
        }
      if (child != NULL)
        break;
      if (pool->n_children < limit)
        {
          child = start_child (pool, why);
          break;
        }
      if (!wait)
        break;
      pthread_cond_wait (&pool->changed, &pool->lock);
    }
  pthread_mutex_unlock (&pool->lock);
  return child;
}

void
pl_child_pool_give_back (PlChildPool *pool, PlChild *child)
{
  pthread_mutex_lock (&pool->lock);
  g_ptr_array_add (pool->idle, child);
  pthread_cond_broadcast (&pool->changed);
  pthread_mutex_unlock (&pool->lock);
}

void
pl_child_pool_drop (PlChildPool *pool, PlChild *child)
{
  pl_child_free (child);
  pthread_mutex_lock (&pool->lock);
  pool->n_children--;
  pthread_cond_broadcast (&pool->changed);
  pthread_mutex_unlock (&pool->lock);
}

void
pl_child_pool_pass_on (PlChildPool *pool, PlChild *child)
{
  pthread_mutex_lock (&pool->lock);
  pl_child_pass_on (child, pool->command, &pool->n_lines);
  pthread_mutex_unlock (&pool->lock);
}

void
pl_child_pool_join (PlChildPool *pool)
{
  pthread_mutex_lock (&pool->lock);
  pool->n_users++;
  pthread_mutex_unlock (&pool->lock);
}

/* Whether anything but the end comes out of a child that has been told that its input has ended. */
static gboolean
says_more (PlChild *child, gint64 deadline)
{
  char piece[256];
  for (;;)
    {
      gssize n = read (child->out, piece, sizeof piece);
      if (n > 0)
        return TRUE;
      if (n == 0 || (errno != EAGAIN && errno != EINTR) || g_get_monotonic_time () >= deadline)
        return FALSE;
      pl_child_listen (child);
      g_usleep (1000);
    }
}

/* Returns: (transfer full) (nullable): a clause of what is wrong. */
static char *
see_off (PlChildPool *pool, PlChild *child, gint64 deadline)
{
  if (says_more (child, deadline))
    return g_strdup ("answered more rows than it was given");
  PlChildEnd end;
  g_autofree char *fate = pl_child_collect (child, MAX (deadline - g_get_monotonic_time (), 0), &end);
  /* All it was asked is answered: a signal, from outside or on its way out, takes nothing back. */
  if (end != PL_CHILD_FAILED)
    {
      pl_child_pool_pass_on (pool, child);
      return NULL;
    }
  g_autofree char *words = pl_child_take_words (child);
  g_autofree char *line = pl_child_last_line (words);
  return g_strdup_printf ("%s when its input had ended%s%s", fate, line != NULL ? "; its last words: " : "",
                          line != NULL ? line : "");
}

char *
pl_child_pool_leave (PlChildPool *pool)
{
  char *fault = NULL;
  g_autoptr (GPtrArray) leaving = g_ptr_array_new ();
  pthread_mutex_lock (&pool->lock);
  g_assert (pool->n_users > 0);
  if (--pool->n_users == 0)
    {
      GPtrArray *none = leaving;
      leaving = pool->idle;
      pool->idle = none;
      pool->n_children -= leaving->len;
    }
  pthread_mutex_unlock (&pool->lock);
  for (guint i = 0; i < leaving->len; i++)
    {
      PlChild *child = leaving->pdata[i];
      pl_child_look (child);
      pl_child_close (&child->in);
    }
  gint64 deadline = g_get_monotonic_time () + FAREWELL;
  for (guint i = 0; i < leaving->len; i++)
    {
      char *other = see_off (pool, leaving->pdata[i], deadline);
      if (fault == NULL)
        fault = other;
      else
        g_free (other);
      pl_child_free (leaving->pdata[i]);
    }
  return fault;
}

void
pl_child_pool_free (PlChildPool *pool)
{
  if (pool == NULL)
    return;
  for (guint i = 0; i < pool->idle->len; i++)
    pl_child_free (pool->idle->pdata[i]);
  pl_child_keeper_free (pool->keeper);
  g_ptr_array_unref (pool->idle);
  pthread_mutex_destroy (&pool->lock);
  pthread_cond_destroy (&pool->changed);
  g_free (pool);
}
