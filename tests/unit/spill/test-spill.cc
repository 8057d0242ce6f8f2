// Entries that go to disk in runs, and come back in one order.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

extern "C"
{
#include "../../../pipeline/base/error.h"
#include "../../../pipeline/base/lease.h"
#include "../../../pipeline/keys/prefix.h"
#include "../../../pipeline/spill/sorter.h"
#include "../../../pipeline/spill/window.h"
}

namespace
{

struct Row
{
  std::string key;
  guint64 place, sub;
  std::string data;
  bool flag;
  bool
  operator<(const Row &other) const
  {
    return std::tie (key, place, sub) < std::tie (other.key, other.place, other.sub);
  }
  bool
  operator== (const Row &other) const
  {
    return key == other.key && place == other.place && sub == other.sub && data == other.data && flag == other.flag;
  }
};

PlSpillEntry
entry_of (const Row &row)
{
  PlSpillEntry entry = {};
  entry.prefix = pl_key_prefix (row.key.data (), row.key.size ());
  entry.place = row.place;
  entry.sub = row.sub;
  if (row.key.size () > 8)
    {
      entry.rest = reinterpret_cast<const guint8 *> (row.key.data ()) + 8;
      entry.rest_length = static_cast<guint32> (row.key.size () - 8);
    }
  entry.data = reinterpret_cast<const guint8 *> (row.data.data ());
  entry.data_length = static_cast<guint32> (row.data.size ());
  entry.flag = row.flag;
  return entry;
}

// Keys have eight bytes at least here.
Row
row_of (const PlSpillEntry *entry)
{
  char prefix[8];
  pl_key_prefix_put (entry->prefix, prefix);
  Row row = {std::string (prefix, 8), entry->place, entry->sub, "", entry->flag != FALSE};
  row.key.append (reinterpret_cast<const char *> (entry->rest), entry->rest_length);
  row.data.assign (reinterpret_cast<const char *> (entry->data), entry->data_length);
  return row;
}

std::vector<Row>
make_rows (std::mt19937_64 &random, gsize n, guint n_keys)
{
  std::vector<Row> rows;
  for (gsize i = 0; i < n; i++)
    {
      const guint64 key = random () % n_keys;
      std::string text = std::to_string (100000000 + key);
      if (key % 3 == 0)
        text += std::string (key % 300, 'k') + std::string (1, '\0') + "\xff";
      rows.push_back ({text, i, i * 7 % 5 << 40, std::string (random () % 100, static_cast<char> (i)), i % 2 == 0});
    }
  rows[n / 2].data.assign (300000, 'd');
  return rows;
}

void
write_run (PlSpill *spill, std::vector<Row> rows)
{
  GError *error = nullptr;
  std::sort (rows.begin (), rows.end ());
  ASSERT_TRUE (pl_spill_begin (spill, &error));
  for (const Row &row : rows)
    {
      const PlSpillEntry entry = entry_of (row);
      ASSERT_TRUE (pl_spill_put (spill, &entry, &error));
    }
  ASSERT_TRUE (pl_spill_end (spill, &error));
}

PlSpill *last_spill; // of spill_all()

// Writes @rows as @n_runs runs of @n_files files, and gives back all pieces, one behind the other.
PlSpillOrder *
spill_all (const std::vector<Row> &rows, guint n_files, guint n_runs, guint64 piece_bytes, gboolean whole_keys)
{
  GPtrArray *spills = g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (pl_spill_free));
  for (guint f = 0; f < n_files; f++)
    g_ptr_array_add (spills, last_spill = pl_spill_new ());
  for (guint r = 0; r < n_runs; r++)
    {
      std::vector<Row> part;
      for (gsize i = r; i < rows.size (); i += n_runs)
        part.push_back (rows[i]);
      write_run (static_cast<PlSpill *> (spills->pdata[r % n_files]), part);
    }
  return pl_spill_order_new (spills, piece_bytes, whole_keys ? pl_spill_cut_place : nullptr, nullptr);
}

std::vector<Row>
read_piece (PlSpillOrder *order, guint64 piece)
{
  GError *error = nullptr;
  std::vector<Row> rows;
  PlSpillMerge *merge = pl_spill_merge_open (order, piece, &error);
  EXPECT_NE (merge, nullptr);
  while (const PlSpillEntry *entry = pl_spill_merge_peek (merge))
    {
      rows.push_back (row_of (entry));
      EXPECT_TRUE (pl_spill_merge_step (merge, &error));
    }
  pl_spill_merge_close (merge);
  return rows;
}

TEST (Spill, RunsComeBackInOneOrderWhateverTheyAreCutInto)
{
  std::mt19937_64 random (1);
  for (guint n_keys : {1u, 50u, 1000000u})
    for (guint n_runs : {1u, 2u, 7u, 33u})
      for (guint64 piece_bytes : {G_GUINT64_CONSTANT (1), G_GUINT64_CONSTANT (200000), G_MAXUINT64})
        {
          std::vector<Row> rows = make_rows (random, 20000, n_keys), read;
          PlSpillOrder *order = spill_all (rows, 3, n_runs, piece_bytes, FALSE);
          const guint64 n_pieces = pl_spill_order_pieces (order);
          EXPECT_EQ (n_pieces > 1, piece_bytes != G_MAXUINT64) << n_keys << " " << n_runs;
          for (guint64 p = 0; p < n_pieces; p++)
            for (Row &row : read_piece (order, p))
              read.push_back (std::move (row));
          std::sort (rows.begin (), rows.end ());
          EXPECT_TRUE (read == rows) << n_keys << " keys, " << n_runs << " runs, pieces of " << piece_bytes;
          pl_spill_order_free (order);
        }
}

TEST (Spill, EntriesOfOneKeyAreInOnePieceWhereThatIsWanted)
{
  std::mt19937_64 random (2);
  std::vector<Row> rows = make_rows (random, 20000, 20), read;
  PlSpillOrder *order = spill_all (rows, 2, 5, 1, TRUE);
  const guint64 n_pieces = pl_spill_order_pieces (order);
  EXPECT_GT (n_pieces, 5u);
  EXPECT_LE (n_pieces, 20u);
  for (guint64 p = 0; p < n_pieces; p++)
    {
      std::vector<Row> piece = read_piece (order, p);
      ASSERT_FALSE (piece.empty () && p > 0);
      EXPECT_TRUE (read.empty () || piece.empty () || read.back ().key != piece.front ().key);
      read.insert (read.end (), piece.begin (), piece.end ());
    }
  std::sort (rows.begin (), rows.end ());
  EXPECT_TRUE (read == rows);
  pl_spill_order_free (order);
}

// Of runs that are far apart, of ones that lie in each other, and in files that stay their owner's.
TEST (Spill, EntriesAreFoundByTheirNumber)
{
  std::mt19937_64 random (6);
  for (guint n_keys : {1u, 300u, 1000000u})
    for (guint n_runs : {1u, 2u, 19u})
      {
        std::vector<Row> rows = make_rows (random, 5000, n_keys);
        PlSpillOrder *order = spill_all (rows, 2, n_runs, 50000, FALSE);
        PlBuffer rest = PL_BUFFER_INIT;
        std::sort (rows.begin (), rows.end ());
        for (guint64 n : {0, 1, 777, 2500, 4998, 4999})
          {
            PlSpillEntry entry;
            guint64 before = 0;
            ASSERT_TRUE (pl_spill_order_nth (order, n, &rest, &entry, nullptr));
            const PlSpillEntry wanted = entry_of (rows[n]);
            EXPECT_EQ (pl_spill_compare (&entry, &wanted), 0) << n;
            ASSERT_TRUE (pl_spill_order_count (order, &entry, &before, nullptr));
            EXPECT_EQ (before, n);
          }
        for (guint64 p = 0, before = 0; p < pl_spill_order_pieces (order); p++)
          {
            PlSpillMerge *merge = pl_spill_merge_open (order, p, nullptr);
            EXPECT_EQ (pl_spill_merge_before (merge), before);
            pl_spill_merge_close (merge);
            before += read_piece (order, p).size ();
          }
        pl_buffer_clear (&rest);
        pl_spill_order_free (order);
      }
}

TEST (Spill, AnOrderIsClipped)
{
  std::mt19937_64 random (7);
  const std::pair<guint64, guint64> windows[]
      = {{0, 3000}, {0, 1}, {2999, 1}, {10, 2000}, {0, 0}, {3000, 0}, {1500, 0}, {500, 2500}, {0, 1234}};
  for (const auto &[first, n] : windows)
    {
      std::vector<Row> rows = make_rows (random, 3000, 400), read;
      PlSpillOrder *order = spill_all (rows, 3, 7, 20000, FALSE);
      std::sort (rows.begin (), rows.end ());
      ASSERT_TRUE (pl_spill_order_clip (order, first, n, nullptr));
      EXPECT_EQ (pl_spill_order_entries (order), n);
      EXPECT_EQ (pl_spill_order_pieces (order) == 0, n == 0);
      for (guint64 p = 0; p < pl_spill_order_pieces (order); p++)
        for (Row &row : read_piece (order, p))
          read.push_back (std::move (row));
      const auto start = rows.begin () + static_cast<gssize> (first);
      EXPECT_TRUE (read == std::vector<Row> (start, start + static_cast<gssize> (n))) << first << " " << n;
      pl_spill_order_free (order);
    }
}

TEST (Spill, WhoLooksIntoFilesLeavesThem)
{
  std::mt19937_64 random (8);
  std::vector<Row> rows = make_rows (random, 1000, 1000);
  PlSpill *spill = pl_spill_new ();
  write_run (spill, rows);
  std::sort (rows.begin (), rows.end ());
  for (guint turn = 0; turn < 2; turn++)
    {
      GPtrArray *spills = g_ptr_array_new ();
      PlBuffer rest = PL_BUFFER_INIT;
      PlSpillEntry entry;
      g_ptr_array_add (spills, spill);
      PlSpillOrder *order = pl_spill_order_look (spills);
      EXPECT_EQ (pl_spill_order_entries (order), 1000u);
      ASSERT_TRUE (pl_spill_order_nth (order, 600, &rest, &entry, nullptr));
      const PlSpillEntry wanted = entry_of (rows[600]);
      EXPECT_EQ (pl_spill_compare (&entry, &wanted), 0);
      pl_buffer_clear (&rest);
      pl_spill_order_free (order);
    }
  pl_spill_free (spill);
}

// Two runs at once is all there is room for.
TEST (Spill, ManyRunsAreMergedInPasses)
{
  std::mt19937_64 random (4);
  PlLease all{}, lease{};
  lease.all = &all;
  all.low = 1;
  for (guint n_runs : {2u, 3u, 4u, 9u, 40u})
    {
      std::vector<Row> rows = make_rows (random, 3000, 50), read;
      PlLease *before = pl_lease_enter (&lease);
      PlSpillOrder *order = spill_all (rows, 3, n_runs, 100000, FALSE);
      EXPECT_EQ (pl_spill_order_entries (order), rows.size ()) << n_runs;
      for (guint64 p = 0; p < pl_spill_order_pieces (order); p++)
        for (Row &row : read_piece (order, p))
          read.push_back (std::move (row));
      std::sort (rows.begin (), rows.end ());
      EXPECT_TRUE (read == rows) << n_runs << " runs";
      pl_spill_order_free (order);
      pl_lease_enter (before);
    }
}

// A sorter makes runs of what comes in any order; without a limit a megabyte at a time.
TEST (Spill, ASorterTakesEntriesInAnyOrder)
{
  std::mt19937_64 random (5);
  for (gsize n : {0u, 1u, 100u, 60000u})
    {
      GError *error = nullptr;
      std::vector<Row> rows = n > 0 ? make_rows (random, n, 1000) : std::vector<Row> (), read;
      PlSpillSorter *sorter = pl_spill_sorter_new ();
      for (const Row &row : rows)
        {
          const PlSpillEntry entry = entry_of (row);
          ASSERT_TRUE (pl_spill_sorter_put (sorter, &entry, &error));
        }
      PlSpill *spill = pl_spill_sorter_end (sorter, &error);
      ASSERT_NE (spill, nullptr);
      if (n < 60000)
        EXPECT_EQ (pl_spill_runs (spill)->len, n > 0);
      else
        EXPECT_GT (pl_spill_runs (spill)->len, 3u);
      GPtrArray *spills = g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (pl_spill_free));
      g_ptr_array_add (spills, spill);
      PlSpillOrder *order = pl_spill_order_new (spills, G_MAXUINT64, nullptr, nullptr);
      for (guint64 p = 0; p < pl_spill_order_pieces (order); p++)
        for (Row &row : read_piece (order, p))
          read.push_back (std::move (row));
      std::sort (rows.begin (), rows.end ());
      EXPECT_TRUE (read == rows) << n;
      pl_spill_order_free (order);
    }
  // What is not ended is forgotten.
  PlSpillSorter *sorter = pl_spill_sorter_new ();
  const PlSpillEntry entry = {};
  EXPECT_TRUE (pl_spill_sorter_put (sorter, &entry, nullptr));
  pl_spill_sorter_free (sorter);
}

// What a run that could not be written has left does not stand in the way of the next one.
TEST (Spill, ARunThatFailsIsForgotten)
{
  struct rlimit before, little;
  GError *error = nullptr;
  std::mt19937_64 random (5);
  std::vector<Row> rows = make_rows (random, 5000, 100), read;
  std::sort (rows.begin (), rows.end ());
  PlSpill *spill = pl_spill_new ();
  ASSERT_TRUE (pl_spill_begin (spill, nullptr));
  ASSERT_EQ (getrlimit (RLIMIT_FSIZE, &before), 0);
  little = before;
  little.rlim_cur = 100000;
  auto *handler = signal (SIGXFSZ, SIG_IGN);
  ASSERT_EQ (setrlimit (RLIMIT_FSIZE, &little), 0);
  gboolean ok = TRUE;
  for (gsize i = 0; ok && i < rows.size (); i++)
    {
      const PlSpillEntry entry = entry_of (rows[i]);
      ok = pl_spill_put (spill, &entry, &error);
    }
  ASSERT_EQ (setrlimit (RLIMIT_FSIZE, &before), 0);
  signal (SIGXFSZ, handler);
  EXPECT_FALSE (ok);
  ASSERT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_WRITE));
  EXPECT_NE (strstr (error->message, "set memory-limit higher"), nullptr) << error->message;
  g_error_free (error);
  write_run (spill, rows);
  GPtrArray *spills = g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (pl_spill_free));
  g_ptr_array_add (spills, spill);
  PlSpillOrder *order = pl_spill_order_new (spills, G_MAXUINT64, nullptr, nullptr);
  EXPECT_TRUE (read_piece (order, 0) == rows);
  pl_spill_order_free (order);
}

// The first and the second run of three; the file keeps its length, and has less on disk where it can have holes.
TEST (Spill, RunsThatAreForgottenAreGone)
{
  std::mt19937_64 random (9);
  PlSpill *spill = pl_spill_new ();
  std::vector<Row> kept = make_rows (random, 1000, 100);
  write_run (spill, make_rows (random, 1000, 100));
  write_run (spill, kept);
  write_run (spill, make_rows (random, 1000, 100));
  std::sort (kept.begin (), kept.end ());
  EXPECT_EQ (static_cast<PlSpillRun *> (pl_spill_runs (spill)->pdata[1])->last,
             pl_key_prefix (kept.back ().key.data (), 8));
  pl_spill_forget (spill, 0);
  pl_spill_forget (spill, 1);
  ASSERT_EQ (pl_spill_runs (spill)->len, 1u);
  GPtrArray *spills = g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (pl_spill_free));
  g_ptr_array_add (spills, spill);
  PlSpillOrder *order = pl_spill_order_new (spills, G_MAXUINT64, nullptr, nullptr);
  EXPECT_TRUE (read_piece (order, 0) == kept);
  pl_spill_order_free (order);
}

TEST (Spill, NothingSpilledIsNoPiece)
{
  GPtrArray *spills = g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (pl_spill_free));
  PlSpill *spill = pl_spill_new ();
  g_ptr_array_add (spills, spill);
  write_run (spill, {});
  EXPECT_EQ (pl_spill_runs (spill)->len, 0u);
  PlSpillOrder *order = pl_spill_order_new (spills, 1, nullptr, nullptr);
  EXPECT_EQ (pl_spill_order_pieces (order), 0u);
  pl_spill_order_free (order);
}

// The descriptor of the only file of ours that has no name.
int
find_nameless ()
{
  for (int fd = 3; fd < 64; fd++)
    {
      char path[64], target[512];
      g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
      const gssize n = readlink (path, target, sizeof target - 1);
      if (n > 0 && std::string (target, static_cast<gsize> (n)).find (" (deleted)") != std::string::npos)
        return fd;
    }
  return -1;
}

TEST (Spill, ABitThatFlipsIsFound)
{
  std::mt19937_64 random (3);
  std::vector<Row> rows = make_rows (random, 100, 100);
  PlSpillOrder *order = spill_all (rows, 1, 1, G_MAXUINT64, FALSE);
  const int fd = find_nameless ();
  ASSERT_GE (fd, 0);
  for (off_t at : {0, 5, 9, 17, 24, 30, 3000})
    {
      GError *error = nullptr;
      guint8 byte, wrong;
      ASSERT_EQ (pread (fd, &byte, 1, at), 1);
      wrong = byte ^ 0x10;
      ASSERT_EQ (pwrite (fd, &wrong, 1, at), 1);
      PlSpillMerge *merge = pl_spill_merge_open (order, 0, &error);
      EXPECT_EQ (merge, nullptr) << at;
      ASSERT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_READ)) << at;
      EXPECT_NE (strstr (error->message, "is damaged at byte 0"), nullptr) << error->message;
      g_clear_error (&error);
      ASSERT_EQ (pwrite (fd, &byte, 1, at), 1);
    }
  EXPECT_EQ (read_piece (order, 0).size (), 100u);
  pl_spill_order_free (order);
  // The second chunk is compressed: it stands behind the first one.
  rows = make_rows (random, 3000, 100);
  order = spill_all (rows, 1, 1, G_MAXUINT64, FALSE);
  const auto *run = static_cast<const PlSpillRun *> (pl_spill_runs (last_spill)->pdata[0]);
  ASSERT_GT (run->chunks->len, 2u);
  const PlSpillChunk *second = &g_array_index (run->chunks, PlSpillChunk, 1);
  ASSERT_LT (second->place.length, second->length);
  for (guint64 at = 0; at < second->place.length; at += 37)
    {
      PlBuffer buffer = PL_BUFFER_INIT;
      GError *error = nullptr;
      guint8 byte, wrong;
      const off_t place = static_cast<off_t> (second->place.offset + at);
      ASSERT_EQ (pread (find_nameless (), &byte, 1, place), 1);
      wrong = byte ^ 0x01;
      ASSERT_EQ (pwrite (find_nameless (), &wrong, 1, place), 1);
      EXPECT_EQ (pl_spill_read (run->spill, second, &buffer, &error), nullptr) << at;
      EXPECT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_READ)) << at;
      g_clear_error (&error);
      ASSERT_EQ (pwrite (find_nameless (), &byte, 1, place), 1);
      EXPECT_NE (pl_spill_read (run->spill, second, &buffer, &error), nullptr) << at;
      pl_buffer_clear (&buffer);
    }
  pl_spill_order_free (order);
  // Cut short: what has been read once is not read again.
  order = spill_all (rows, 1, 1, G_MAXUINT64, FALSE);
  ASSERT_EQ (ftruncate (find_nameless (), 1000), 0);
  GError *error = nullptr;
  EXPECT_EQ (pl_spill_merge_open (order, 0, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_READ));
  g_clear_error (&error);
  pl_spill_order_free (order);
}

TEST (Spill, BytesThatAreNoEntryAreRefused)
{
  PlSpillEntry entry = {};
  gsize offset = 0;
  const guint8 cut[] = {0x01, 0x00, 0x00, 0x05, 0x02, 'a'};
  EXPECT_FALSE (pl_spill_entry_get (&entry, cut, sizeof cut, &offset));
  const guint8 endless[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01};
  offset = 0;
  EXPECT_FALSE (pl_spill_entry_get (&entry, endless, sizeof endless, &offset));
  offset = 0;
  EXPECT_FALSE (pl_spill_entry_get (&entry, cut, 0, &offset));
}

} // namespace
