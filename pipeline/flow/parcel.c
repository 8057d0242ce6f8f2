/* Rows as parcels: see parcel.h. */
#include "parcel.h"
#include "../memory/leased.h"
#include "../rows/gather.h"
#include "../rows/wire.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

struct PlParcels
{
  const PlSegment *segment;
  PlRows *rows;
  PlSourced sourced;
  /* Where the number of rows is not known: */
  pthread_mutex_t lock;
  pthread_cond_t counted;
  guint64 *counts;   /* per piece: its rows, G_MAXUINT64: not packed yet */
  guint64 *before;   /* per piece, up to n_counted: the rows of those before it */
  guint64 n_counted; /* the first pieces, all of them packed */
};

void
pl_parcel_init (PlSourced *sourced, const PlSegment *segment)
{
  g_autofree guint8 *input_uses = g_new0 (guint8, segment->schema->n_fields + 1);
  pl_sourced_init (sourced, segment->schema);
  pl_sourced_require (sourced, segment->uses, input_uses);
}

PlRows *
pl_parcel_rows (const PlSourced *sourced, const PlBuffer *bytes, guint64 first, guint64 n)
{
  PlCursor cursor = {(const guint8 *) bytes->data, bytes->length, 0, FALSE};
  g_autoptr (PlStore) store = pl_sourced_store (sourced);
  if (!pl_store_load (store, &cursor) || cursor.offset != cursor.length || first > pl_store_n_rows (store)
      || n > pl_store_n_rows (store) - first)
    return NULL;
  PlStore **stores = g_new (PlStore *, 1);
  const PlRecord **records = pl_leased ((gpointer) g_new (const PlRecord *, MAX (n, 1)));
  for (guint64 row = 0; row < n; row++)
    records[row] = pl_store_record (store, first + row);
  stores[0] = g_steal_pointer (&store);
  return pl_sourced_rows (sourced, pl_store_rows (sourced->stored, stores, 1, records, n));
}

PlParcels *
pl_parcels_new (const PlSegment *segment, PlRows *rows)
{
  PlParcels *parcels = g_new0 (PlParcels, 1);
  parcels->segment = segment;
  parcels->rows = rows;
  pl_parcel_init (&parcels->sourced, segment);
  pthread_condattr_t attributes;
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&parcels->counted, &attributes);
  pthread_condattr_destroy (&attributes);
  pthread_mutex_init (&parcels->lock, NULL);
  if (rows->n_rows != PL_ROWS_UNKNOWN && !rows->pieces_vary)
    return parcels;
  parcels->counts = g_new (guint64, rows->n_pieces + 1);
  memset (parcels->counts, 0xff, (rows->n_pieces + 1) * sizeof *parcels->counts);
  parcels->before = g_new0 (guint64, rows->n_pieces + 1);
  return parcels;
}

void
pl_parcels_free (PlParcels *parcels)
{
  if (parcels == NULL)
    return;
  pl_sourced_clear (&parcels->sourced);
  pthread_cond_destroy (&parcels->counted);
  pthread_mutex_destroy (&parcels->lock);
  g_free (parcels->counts);
  g_free (parcels->before);
  g_free (parcels);
}

void
pl_packer_init (PlPacker *packer, PlParcels *parcels)
{
  *packer = (PlPacker){.parcels = parcels, .arena = pl_arena_new ()};
  pl_kept_init (&packer->kept, parcels->segment->origin != NULL ? parcels->segment->origin->source : NULL);
}

void
pl_packer_clear (PlPacker *packer)
{
  pl_kept_clear (&packer->kept);
  pl_arena_free (packer->arena);
}

/* Reads at most @n rows of @piece into @batch. @given: (inout): how many it has given. */
static gboolean
read_batch (PlPacker *packer, PlPiece *piece, gsize n, guint64 *given, PlBatch *batch, GError **error)
{
  PlRows *rows = packer->parcels->rows;
  pl_arena_reset (packer->arena);
  pl_batch_init (batch, rows->schema, packer->arena);
  gboolean ok = pl_piece_next (rows, piece, n, batch, error);
  batch->position = *given;
  if (ok && batch->n_rows > 0)
    pl_kept_adopt (&packer->kept, batch);
  *given += ok ? batch->n_rows : 0;
  return ok;
}

/* Reads and packs at most @n rows of @piece; those before one that fails are had by reading them again. */
static gboolean
pack_batch (PlPacker *packer, PlPiece *piece, gsize n, PlStore *store, guint64 *given, GError **error)
{
  PlBatch batch;
  GError *failure = NULL;
  if (read_batch (packer, piece, n, given, &batch, &failure))
    {
      pl_sourced_append (&packer->parcels->sourced, store, &batch, 0, batch.n_rows);
      return TRUE;
    }
  if (batch.failed_row > 0 && !pack_batch (packer, piece, batch.failed_row, store, given, error))
    {
      g_error_free (failure);
      return FALSE;
    }
  g_propagate_error (error, failure);
  return FALSE;
}

static void
set_count (PlParcels *parcels, guint64 index, guint64 n_rows)
{
  if (parcels->counts == NULL)
    return;
  pthread_mutex_lock (&parcels->lock);
  parcels->counts[index] = n_rows;
  for (; parcels->counts[parcels->n_counted] != G_MAXUINT64; parcels->n_counted++)
    parcels->before[parcels->n_counted + 1] = parcels->before[parcels->n_counted] + parcels->counts[parcels->n_counted];
  pthread_cond_broadcast (&parcels->counted);
  pthread_mutex_unlock (&parcels->lock);
}

gboolean
pl_packer_pack (PlPacker *packer, guint64 index, PlBuffer *out, guint64 *n_rows, GError **error)
{
  PlParcels *parcels = packer->parcels;
  PlLease *before = pl_lease_enter (parcels->segment->lease);
  PlStore *store = pl_sourced_store (&parcels->sourced);
  PlPiece piece;
  gboolean ok = pl_piece_open (parcels->rows, index, &piece, error), is_open = ok;
  *n_rows = 0;
  while (ok && !piece.ended)
    ok = pack_batch (packer, &piece, PL_BATCH_ROWS, store, n_rows, error);
  if (is_open)
    pl_piece_close (parcels->rows, &piece);
  pl_store_save (store, out);
  pl_store_free (store);
  pl_lease_enter (before);
  set_count (parcels, index, *n_rows);
  return ok;
}

gboolean
pl_packer_before (PlPacker *packer, guint64 index, guint64 microseconds, guint64 *before)
{
  PlParcels *parcels = packer->parcels;
  *before = index * PL_PIECE_ROWS;
  if (parcels->counts == NULL)
    return TRUE;
  struct timespec until;
  clock_gettime (CLOCK_MONOTONIC, &until);
  guint64 nanoseconds = (guint64) until.tv_nsec + microseconds * 1000;
  until.tv_sec += (time_t) (nanoseconds / 1000000000);
  until.tv_nsec = (long) (nanoseconds % 1000000000);
  pthread_mutex_lock (&parcels->lock);
  int failure = 0;
  while (parcels->n_counted < index && failure == 0)
    failure = pthread_cond_timedwait (&parcels->counted, &parcels->lock, &until);
  gboolean ok = parcels->n_counted >= index;
  if (ok)
    *before = parcels->before[index];
  pthread_mutex_unlock (&parcels->lock);
  return ok;
}

char *
pl_packer_place (PlPacker *packer, guint64 index, guint64 row, guint64 before, PlText *origin)
{
  PlRows *rows = packer->parcels->rows;
  PlPiece piece;
  PlBatch batch = {.n_rows = 0};
  guint64 given = 0;
  char *place = NULL;
  gboolean is_open = pl_piece_open (rows, index, &piece, NULL), ok = is_open;
  while (ok && !piece.ended && given <= row)
    ok = read_batch (packer, &piece, PL_BATCH_ROWS, &given, &batch, NULL);
  if (is_open)
    pl_piece_close (rows, &piece);
  *origin = (PlText){.data = ""};
  if (ok && given > row && batch.originate != NULL)
    {
      *origin = batch.originate (&batch, row - batch.position, batch.locate_data);
      place = batch.locate (&batch, row - batch.position, batch.locate_data);
    }
  return place != NULL
             ? place
             : g_strdup_printf ("row %" G_GUINT64_FORMAT " of [%s]", before + row + 1, packer->parcels->segment->label);
}
