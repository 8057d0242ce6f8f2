/* Blocks of any size, fetched by any number of workers, give every record once: the spans joined in order are the
 * file. */
#include "../../../pipeline/base/error.h"
#include "../../../pipeline/flow/range.h"
#include "../../../pipeline/flow/pool.h"
#include "../../../pipeline/flow/producer.h"
#include "../engine/support.h"
#include <atomic>
#include <thread>
#include <vector>

namespace
{

struct Piece
{
  std::string text;
  guint64 offset = 0, line = 0;
  bool final = false;
};

std::vector<Piece>
fetch_all (const PlSource *source, guint64 block_size, guint n_workers)
{
  PlShared shared;
  guint depth = 2 * n_workers + 2;
  EXPECT_TRUE (pl_shared_open (&shared, FALSE, depth, 0, 0, nullptr));
  PlProducer *producer = pl_producer_new (source, 0, &shared, block_size, 0);
  std::vector<PlBlockTask> tasks;
  PlBlock block{};
  while (pl_producer_fill (producer, &block, nullptr, nullptr))
    tasks.push_back (block.task);
  pl_producer_free (producer);

  std::vector<Piece> pieces (tasks.size ());
  std::atomic<gsize> next{0}, done{0};
  std::vector<std::thread> workers;
  for (guint i = 0; i < n_workers; i++)
    workers.emplace_back ([&] {
      PlFetch fetch;
      pl_fetch_init (&fetch, source);
      for (gsize mine; (mine = next++) < tasks.size ();)
        {
          PlSpan span;
          while (mine >= done + depth)
            std::this_thread::yield ();
          if (pl_fetch_block (&fetch, &tasks[mine], shared.chain, &span, nullptr) == PL_FETCH_SPAN)
            pieces[mine] = {std::string (span.data, span.length), span.offset, span.line, span.final != 0};
          while (done != mine)
            std::this_thread::yield ();
          done = mine + 1;
        }
      pl_fetch_clear (&fetch);
    });
  for (auto &worker : workers)
    worker.join ();
  pl_shared_close (&shared);
  return pieces;
}

/* Line number of @offset: 1 and the line ends before it, CR LF as one. */
guint64
line_of (const std::string &text, gsize offset)
{
  guint64 line = 1;
  for (gsize i = 0; i < offset; i++)
    line += text[i] == '\r' || (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'));
  return line;
}

void
check_pieces (const std::string &text, const std::vector<Piece> &pieces)
{
  gsize offset = 0;
  for (const Piece &piece : pieces)
    if (!piece.text.empty ())
      {
        /* An LF of a CR LF that was cut between two blocks belongs to neither span. */
        if (offset > 0 && offset + 1 == piece.offset && text[offset] == '\n' && text[offset - 1] == '\r')
          offset++;
        ASSERT_EQ (piece.offset, offset);
        EXPECT_EQ (piece.text, text.substr (offset, piece.text.size ()));
        EXPECT_EQ (piece.line, line_of (text, offset));
        offset += piece.text.size ();
        EXPECT_EQ (piece.final, offset == text.size ());
      }
  if (offset + 1 == text.size () && offset > 0 && text[offset] == '\n' && text[offset - 1] == '\r')
    offset++;
  EXPECT_EQ (offset, text.size ());
}

TEST (Fetch, BlocksOfAnySizeGiveEveryRecordOnce)
{
  support::Folder folder;
  support::Random random{20240607};
  for (guint round = 0; round < 40; round++)
    {
      std::string text = support::random_text (random, 1 + random.below (600), round % 2 != 0);
      support::Source source (folder.write ("data.csv", text), text.size (), true);
      for (guint64 size : {1, 2, 7, 64, 1000})
        for (guint workers : {1u, 3u})
          {
            SCOPED_TRACE (testing::Message () << "round " << round << " size " << size << " workers " << workers);
            check_pieces (text, fetch_all (&source.source, size, workers));
          }
    }
}

TEST (Fetch, SpansBeginWithRecords)
{
  support::Folder folder;
  std::string text = "a,\"x\ny\"\nb,2\nc,3\n";
  support::Source source (folder.write ("data.csv", text), text.size (), true);
  auto pieces = fetch_all (&source.source, 5, 2);
  ASSERT_EQ (pieces.size (), 4u);
  EXPECT_EQ (pieces[0].text, "a,\"x\ny\"\n");
  EXPECT_EQ (pieces[1].text, "b,2\n");
  EXPECT_EQ (pieces[1].line, 3u);
  EXPECT_EQ (pieces[2].text, "c,3\n");
  EXPECT_EQ (pieces[3].text, "");
}

TEST (Fetch, RecordsBeyondTheLimitAreCut)
{
  support::Folder folder;
  std::string text = "a\n" + std::string (50000, 'x') + "\nb\n";
  support::Source source (folder.write ("data.csv", text), text.size (), true);
  source.source.max_record_size = 1000;
  auto pieces = fetch_all (&source.source, 16, 2);
  EXPECT_GT (pieces[0].text.size (), 1000u);
  EXPECT_LT (pieces[0].text.size (), 20000u);
  EXPECT_FALSE (pieces[0].final);
  EXPECT_EQ (pieces[text.size () / 16].text, "b\n");
}

TEST (Fetch, AFileThatBecameShorterIsAnError)
{
  support::Folder folder;
  support::Source source (folder.write ("data.csv", "a\nb\nc\nd\ne\n"), 10, true);
  std::filesystem::resize_file (source.path, 4);
  PlShared shared;
  PlFetch fetch;
  PlSpan span;
  GError *error = nullptr;
  ASSERT_TRUE (pl_shared_open (&shared, FALSE, 1, 0, 0, nullptr));
  pl_fetch_init (&fetch, &source.source);
  PlBlockTask task{};
  task.length = 10;
  task.first = TRUE;
  task.line = 1;
  EXPECT_EQ (pl_fetch_block (&fetch, &task, shared.chain, &span, &error), PL_FETCH_FAILED);
  EXPECT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_BUSY));
  EXPECT_EQ (std::string (error->message),
             source.path + " changed while it was read: it had 10 bytes, now it has 4; run again");
  PlLexPoint point;
  EXPECT_FALSE (pl_chain_wait (shared.chain, 0, &point));
  g_error_free (error);
  pl_fetch_clear (&fetch);
  pl_shared_close (&shared);
}

/* Inputs read by the producer. */
std::vector<Piece>
produce_all (const PlSource *source, guint64 block_size)
{
  GPtrArray *sources = g_ptr_array_new ();
  g_ptr_array_add (sources, const_cast<PlSource *> (source));
  PlShared shared;
  gsize region = 0;
  EXPECT_TRUE (pl_pool_region (sources, block_size, &region, nullptr));
  EXPECT_TRUE (pl_shared_open (&shared, FALSE, 2, region, 0, nullptr));
  PlProducer *producer = pl_producer_new (source, 0, &shared, block_size, 0);
  std::vector<Piece> pieces;
  PlBlock block{};
  guint64 position;
  GError *error = nullptr;
  while (pl_producer_fill (producer, &block, &position, &error))
    {
      EXPECT_EQ (block.task.kind, (guint32) PL_BLOCK_BUFFER);
      EXPECT_EQ (block.task.sequence, pieces.size ());
      pieces.push_back ({std::string (pl_shared_region (&shared, block.task.index), block.task.length),
                         block.task.offset, block.task.line, block.task.final != 0});
      block.task.index ^= 1;
    }
  EXPECT_EQ (error, nullptr);
  pl_producer_free (producer);
  pl_shared_close (&shared);
  g_ptr_array_unref (sources);
  return pieces;
}

TEST (Producer, BuffersHoldWholeRecordsAndAllOfThem)
{
  support::Folder folder;
  support::Random random{77};
  for (guint round = 0; round < 40; round++)
    {
      std::string text = support::random_text (random, 1 + random.below (600), round % 2 != 0);
      support::Source source (folder.write ("data.csv", text), text.size (), false);
      for (guint64 size : {1, 7, 64, 1000})
        {
          SCOPED_TRACE (testing::Message () << "round " << round << " size " << size);
          gsize offset = 0;
          for (const Piece &piece : produce_all (&source.source, size))
            {
              ASSERT_EQ (piece.offset, offset);
              EXPECT_EQ (piece.text, text.substr (offset, piece.text.size ()));
              EXPECT_EQ (piece.line, line_of (text, offset));
              offset += piece.text.size ();
            }
          EXPECT_EQ (offset, text.size ());
        }
    }
}

TEST (Producer, OversizedRecordsGoOutCutAndTheRestIsDropped)
{
  support::Folder folder;
  for (const char *end : {"\n", "\r\n", "\r"})
    for (guint64 size : {1, 16, 4096})
      {
        std::string text = "a\n" + std::string (9000, 'x') + end + "b\nc\n";
        support::Source source (folder.write ("data.csv", text), text.size (), false);
        source.source.max_record_size = 100;
        auto pieces = produce_all (&source.source, size);
        std::string small;
        guint cut = 0;
        for (const Piece &piece : pieces)
          {
            if (piece.text.find ('x') != std::string::npos)
              cut++;
            else
              small += piece.text;
            if (piece.text[0] == 'b')
              {
                EXPECT_EQ (piece.line, 3u);
              }
          }
        EXPECT_GE (cut, 1u);
        EXPECT_LE (cut, 2u);
        EXPECT_EQ (small.substr (small.size () - 4), "b\nc\n");
      }
}

} // namespace
