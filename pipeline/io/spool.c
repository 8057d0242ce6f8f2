/* Pipes, and programs, that can be read again: whatever is read from one is kept in a nameless temporary file.
 *
 * A source is opened more than once: for its header and sample, for the run, and again when types had to be widened. A
 * pipe gives its bytes once, so all openings of one pipe share a spool, found by the pipe's device and inode numbers,
 * or by the name of the group that says the program. Reading behind the spooled end pulls from the pipe. Any thread; a
 * spool has one lock, which is held while the pipe is waited for. */
#include "spool.h"
#include "decoder.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "program.h"
#include "temporary.h"
#include "../base/child-command.h"

struct PlSpool
{
  gatomicrefcount ref_count;
  dev_t device;
  ino_t inode;
  int pipe;
  char *key;            /* (nullable): of a program's, instead */
  pthread_mutex_t lock; /* guards everything below */
  PlProgram *program;   /* (nullable) */
  int file;             /* -1 until the first byte */
  guint folder;         /* where it is */
  guint64 length;
  gboolean ended;
  GError *failure; /* of the program; met by everybody who comes to the end */
};

/* All spools that pl_input_release_spools() has not forgotten yet; there are rarely more than one. */
static pthread_mutex_t spools_lock = PTHREAD_MUTEX_INITIALIZER;
static GPtrArray *spools;

void
pl_spool_unref (PlSpool *spool)
{
  if (!g_atomic_ref_count_dec (&spool->ref_count))
    return;
  if (spool->pipe > STDIN_FILENO)
    close (spool->pipe);
  if (spool->file >= 0)
    close (spool->file);
  pl_program_free (spool->program);
  g_clear_error (&spool->failure);
  g_free (spool->key);
  pthread_mutex_destroy (&spool->lock);
  g_free (spool);
}

PlSpool *
pl_spool_ref (PlSpool *spool)
{
  g_atomic_ref_count_inc (&spool->ref_count);
  return spool;
}

static PlSpool *
find_locked (dev_t device, ino_t inode)
{
  for (guint i = 0; spools != NULL && i < spools->len; i++)
    {
      PlSpool *spool = g_ptr_array_index (spools, i);

      if (spool->key == NULL && spool->device == device && spool->inode == inode)
        return pl_spool_ref (spool);
    }
  return NULL;
}

/* With the lock held. Returns: (transfer full): one reference is the list's. */
static PlSpool *
add_locked (int pipe)
{
  PlSpool *spool = g_new0 (PlSpool, 1);
  g_atomic_ref_count_init (&spool->ref_count);
  spool->pipe = pipe;
  spool->file = -1;
  pthread_mutex_init (&spool->lock, NULL);
  if (spools == NULL)
    spools = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_spool_unref);
  g_ptr_array_add (spools, spool);
  return pl_spool_ref (spool);
}

PlSpool *
pl_spool_find (dev_t device, ino_t inode)
{
  pthread_mutex_lock (&spools_lock);
  PlSpool *spool = find_locked (device, inode);
  pthread_mutex_unlock (&spools_lock);
  return spool;
}

PlSpool *
pl_spool_get (int fd, dev_t device, ino_t inode)
{
  pthread_mutex_lock (&spools_lock);
  PlSpool *spool = find_locked (device, inode);
  if (spool == NULL)
    {
      spool = add_locked (fd);
      spool->device = device;
      spool->inode = inode;
    }
  else if (fd > STDIN_FILENO)
    close (fd);
  pthread_mutex_unlock (&spools_lock);
  return spool;
}

PlSpool *
pl_spool_start (PlChildCommand *command, GError **error)
{
  PlSpool *spool = NULL;
  pthread_mutex_lock (&spools_lock);
  for (guint i = 0; spools != NULL && i < spools->len && spool == NULL; i++)
    {
      PlSpool *other = g_ptr_array_index (spools, i);
      if (other->key != NULL && strcmp (other->key, command->name) == 0)
        spool = pl_spool_ref (other);
    }
  if (spool == NULL)
    {
      g_autofree char *key = g_strdup (command->name);
      PlProgram *program = pl_program_start (command, error);
      if (program != NULL)
        {
          spool = add_locked (-1);
          spool->key = g_steal_pointer (&key);
          spool->program = program;
        }
    }
  pthread_mutex_unlock (&spools_lock);
  pl_child_command_clear (command);
  return spool;
}

/* Sources that are there still keep their spools, but nobody reads on: programs need not write on either. */
static void
stop (gpointer data, G_GNUC_UNUSED gpointer user_data)
{
  PlSpool *spool = data;
  pthread_mutex_lock (&spool->lock);
  g_clear_pointer (&spool->program, pl_program_free);
  pthread_mutex_unlock (&spool->lock);
}

void
pl_input_release_spools (void)
{
  pthread_mutex_lock (&spools_lock);
  if (spools != NULL)
    g_ptr_array_foreach (spools, stop, NULL);
  g_clear_pointer (&spools, g_ptr_array_unref);
  pthread_mutex_unlock (&spools_lock);
}

/* Returns: bytes, 0 at the end, -1 on error. */
static gssize
read_pipe (const PlSpool *spool, void *data, gsize length, const char *name, GError **error)
{
  gssize n;
  do
    n = read (spool->pipe, data, MIN (length, (gsize) 1 << 30));
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      int code = errno;
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read %s: %s", name, g_strerror (code));
    }
  return n;
}

/* The same, for what ends one way and no other. */
static gssize
read_program (PlSpool *spool, void *data, gsize length, GError **error)
{
  gssize n = 0;
  if (spool->failure == NULL && spool->program != NULL)
    n = pl_program_read (spool->program, data, length, &spool->failure);
  if (spool->failure == NULL)
    return n;
  g_propagate_error (error, g_error_copy (spool->failure));
  return -1;
}

/* Reads from the pipe into @data and keeps a copy. */
static gssize
pull_locked (PlSpool *spool, void *data, gsize length, const char *name, GError **error)
{
  gssize n
      = spool->key != NULL ? read_program (spool, data, length, error) : read_pipe (spool, data, length, name, error);
  if (n < 0)
    return -1;
  if (n == 0)
    {
      spool->ended = TRUE;
      return 0;
    }
  if (spool->file < 0 && (spool->file = pl_temporary_open (spool->folder = pl_temporary_next (), error)) < 0)
    return -1;

  int code = pl_write_all (spool->file, data, (gsize) n, (gint64) spool->length);
  if (code != 0)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE,
                   "cannot keep %s in a temporary file in %s: %s; set TMPDIR or temp-directory to another folder", name,
                   pl_temporary_folder (spool->folder), g_strerror (code));
      return -1;
    }
  spool->length += (guint64) n;
  return n;
}

static gssize
spool_read (PlSpool *spool, guint64 offset, void *data, gsize length, const char *name, GError **error)
{
  gssize n;

  pthread_mutex_lock (&spool->lock);
  if (offset < spool->length)
    {
      n = pl_pread_all (spool->file, data, (gsize) MIN (length, spool->length - offset), offset);
      if (n <= 0)
        {
          int code = n < 0 ? errno : EIO;
          g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read back the temporary copy of %s: %s", name,
                       g_strerror (code));
          n = -1;
        }
    }
  else if (spool->ended)
    n = 0;
  else
    n = pull_locked (spool, data, length, name, error);
  pthread_mutex_unlock (&spool->lock);
  return n;
}

typedef struct
{
  PlDecoder decoder;
  PlSpool *spool;
  const char *name;
  guint64 offset;
} SpoolDecoder;

static gssize
spool_decoder_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  SpoolDecoder *self = (SpoolDecoder *) decoder;
  gssize n = spool_read (self->spool, self->offset, data, length, self->name, error);

  if (n > 0)
    self->offset += (guint64) n;
  return n;
}

static void
spool_decoder_rewind (PlDecoder *decoder, guint64 offset)
{
  SpoolDecoder *self = (SpoolDecoder *) decoder;

  self->offset = offset;
}

static void
spool_decoder_free (PlDecoder *decoder)
{
  SpoolDecoder *self = (SpoolDecoder *) decoder;

  pl_spool_unref (self->spool);
  g_free (self);
}

PlDecoder *
pl_decoder_spool_new (PlSpool *spool, const char *name)
{
  SpoolDecoder *self = g_new0 (SpoolDecoder, 1);

  self->decoder.read = spool_decoder_read;
  self->decoder.rewind = spool_decoder_rewind;
  self->decoder.free = spool_decoder_free;
  self->spool = spool;
  self->name = name;
  return &self->decoder;
}
