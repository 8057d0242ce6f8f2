/* What worker processes can and cannot do to the memory they share, and what the main process believes of what they
 * send. */
#include "../../../pipeline/csv/automaton.h"
#include "../../../pipeline/processes/answer.h"
#include "../../../pipeline/processes/wire.h"
#include "../../../pipeline/base/error-bytes.h"
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace
{

struct Shared
{
  PlShared main{};
  Shared ()
  {
    EXPECT_TRUE (pl_shared_open (&main, TRUE, 4, 8192, 8192, nullptr));
  }
  ~Shared ()
  {
    pl_shared_close (&main);
  }
  /* The status of a process that has joined and done @deed. */
  int
  in_worker (const std::function<void (PlShared *)> &deed)
  {
    pid_t pid = fork ();
    if (pid == 0)
      {
        PlShared worker;
        if (!pl_shared_join (&worker, dup (main.given.fd), dup (main.taken.fd), 4, 8192, 8192))
          _exit (99);
        worker.chain = pl_shared_chain (&worker, PL_CHAIN_WORKER);
        deed (&worker);
        _exit (0);
      }
    int status = 0;
    EXPECT_EQ (waitpid (pid, &status, 0), pid);
    return status;
  }
};

TEST (Shared, WorkersReadWhatIsGivenAndCannotWriteIt)
{
  Shared shared;
  strcpy (pl_shared_region (&shared.main, 2), "decoded");
  pl_chain_lower_bound (shared.main.chain, 12);
  EXPECT_EQ (shared.in_worker ([] (PlShared *worker) {
    if (strcmp (pl_shared_region (worker, 2), "decoded") != 0 || pl_chain_bound (worker->chain) != 12)
      _exit (1);
    /* Not even by who wants to. */
    if (mprotect (worker->given.memory, worker->given.size, PROT_READ | PROT_WRITE) == 0)
      _exit (2);
  }),
             0);
  int status = shared.in_worker ([] (PlShared *worker) {
    signal (SIGSEGV, SIG_DFL); /* a sanitizer's handler would end it by an exit code */
    *pl_shared_region (worker, 2) = 'x';
  });
  EXPECT_TRUE (WIFSIGNALED (status) && WTERMSIG (status) == SIGSEGV) << status;
  EXPECT_STREQ (pl_shared_region (&shared.main, 2), "decoded");
}

TEST (Shared, NobodyMakesItShorter)
{
  Shared shared;
  EXPECT_NE (ftruncate (shared.main.given.fd, 0), 0);
  EXPECT_NE (ftruncate (shared.main.taken.fd, 0), 0);
}

TEST (Shared, WorkersKeepNoDescriptors)
{
  Shared shared;
  EXPECT_EQ (shared.in_worker ([&] (PlShared *worker) {
    if (worker->given.fd != -1 || worker->taken.fd != -1)
      _exit (1);
  }),
             0);
}

TEST (Shared, OutputsAreHeldAgainstTheirChecksums)
{
  Shared shared;
  PlBlock ours, theirs;
  pl_block_init (&ours, 2);
  pl_block_init (&theirs, 2);
  ours.task.kind = theirs.task.kind = PL_BLOCK_BUFFER;
  ours.task.outbox = theirs.task.outbox = TRUE;
  g_auto (PlBuffer) message = PL_BUFFER_INIT;
  pl_block_lend (&theirs, &shared.main, TRUE);
  for (int i = 0; i < 1000; i++)
    {
      pl_buffer_append (&theirs.outputs[0], "row\n", 4);
      /* Outgrows its outbox on the way. */
      pl_buffer_append (&theirs.outputs[1], "another\n", 8);
      if (i % 100 == 0)
        pl_block_digest (&theirs);
    }
  pl_block_digest (&theirs);
  pl_answer_write (&message, &shared.main, &theirs, 0, nullptr);
  PlCursor cursor = {(const guint8 *) message.data, message.length, 0, FALSE};
  guint64 position;
  GError *failure = nullptr;
  ASSERT_TRUE (pl_answer_read (&cursor, &shared.main, &ours.task, &ours, &position, &failure));
  EXPECT_EQ (ours.outputs[0].length, 4000u);
  EXPECT_EQ (ours.outputs[1].length, 8000u);
  EXPECT_TRUE (ours.outputs[0].is_lent);
  EXPECT_FALSE (ours.outputs[1].is_lent);
  EXPECT_TRUE (pl_block_is_sound (&ours, 0));
  EXPECT_TRUE (pl_block_is_sound (&ours, 1));
  ours.outputs[0].data[3999] ^= 1;
  EXPECT_FALSE (pl_block_is_sound (&ours, 0));
  pl_block_clear (&ours);
  pl_block_clear (&theirs);
}

/* What is written over an output before the rest of it has been made shows, too. */
TEST (Shared, ChecksumsAreOfWhatWasMade)
{
  Shared shared;
  PlBlock block;
  pl_block_init (&block, 1);
  pl_block_lend (&block, &shared.main, TRUE);
  pl_buffer_append (&block.outputs[0], "first", 5);
  pl_block_digest (&block);
  block.outputs[0].data[1] = 'X';
  pl_buffer_append (&block.outputs[0], "second", 6);
  pl_block_digest (&block);
  g_auto (PlBuffer) message = PL_BUFFER_INIT;
  pl_answer_write (&message, &shared.main, &block, 0, nullptr);
  block.task.outbox = TRUE;
  PlCursor cursor = {(const guint8 *) message.data, message.length, 0, FALSE};
  guint64 position;
  GError *failure = nullptr;
  block.task.kind = PL_BLOCK_BUFFER;
  ASSERT_TRUE (pl_answer_read (&cursor, &shared.main, &block.task, &block, &position, &failure));
  EXPECT_FALSE (pl_block_is_sound (&block, 0));
  pl_block_clear (&block);
}

/* An answer put together by hand. */
struct Answer
{
  guint64 offset = 0, length = 100;
  std::vector<PlRejectMark> marks = {{1, 3, 0}, {2, 4, 0}};
  gsize cut = 0;
  guint8 record = PL_CHAIN_END, state = PL_LEX_QUOTED, after_cr = 1;
  bool
  is_taken (bool outbox = true, PlBlockKind kind = PL_BLOCK_RANGE) const
  {
    Shared shared;
    PlBlock block;
    pl_block_init (&block, 1);
    block.task.kind = kind;
    block.task.outbox = outbox;
    g_auto (PlBuffer) bytes = PL_BUFFER_INIT;
    pl_buffer_put_u64 (&bytes, 5);
    pl_buffer_put_u64 (&bytes, 3);
    pl_buffer_put_u8 (&bytes, 1);
    pl_buffer_put_u64 (&bytes, offset);
    pl_buffer_put_u64 (&bytes, length);
    pl_buffer_put_u64 (&bytes, 0);
    pl_buffer_put_bytes (&bytes, "abcdefg", 7);
    pl_buffer_put_bytes (&bytes, marks.data (), marks.size () * sizeof (PlRejectMark) - cut);
    pl_buffer_put_u8 (&bytes, record);
    pl_buffer_put_u8 (&bytes, state);
    pl_buffer_put_u8 (&bytes, after_cr);
    pl_buffer_put_u64 (&bytes, 9);
    pl_buffer_put_u64 (&bytes, G_MAXUINT64);
    pl_buffer_put_u64 (&bytes, 0);
    pl_error_put (&bytes, nullptr);
    PlCursor cursor = {(const guint8 *) bytes.data, bytes.length, 0, FALSE};
    guint64 position;
    GError *failure = nullptr;
    bool taken = pl_answer_read (&cursor, &shared.main, &block.task, &block, &position, &failure);
    pl_block_clear (&block);
    return taken;
  }
};

TEST (Answer, IsTakenOnlyWhereItFitsWhatIsThere)
{
  EXPECT_TRUE (Answer ().is_taken ());
  Answer answer;
  EXPECT_FALSE (answer.is_taken (false)) << "no outbox was lent";
  EXPECT_FALSE (answer.is_taken (true, PL_BLOCK_BUFFER)) << "such a block has no end in the chain";
  for (guint64 offset : {guint64 (8093), guint64 (8192), guint64 (1) << 40, G_MAXUINT64 - 50, G_MAXUINT64})
    {
      answer = Answer ();
      answer.offset = offset;
      EXPECT_FALSE (answer.is_taken ()) << offset;
      answer = Answer ();
      answer.length = offset + 100;
      EXPECT_EQ (answer.is_taken (), answer.length <= 8192) << offset;
    }
  for (const auto &marks : {std::vector<PlRejectMark>{{1, 3, 0}, {2, 5, 0}},
                            {{1, 7, 0}, {2, 1, 0}},
                            {{1, 3, 0}},
                            {{1, G_MAXUINT64, 0}, {2, 8, 0}},
                            {}})
    {
      answer = Answer ();
      answer.marks = marks;
      EXPECT_FALSE (answer.is_taken ()) << marks.size ();
    }
  answer = Answer ();
  answer.cut = 1;
  EXPECT_FALSE (answer.is_taken ());
  answer = Answer ();
  answer.state = PL_N_LEX_STATES;
  EXPECT_FALSE (answer.is_taken ());
  answer = Answer ();
  answer.after_cr = 2;
  EXPECT_FALSE (answer.is_taken ());
  for (guint8 record : {0, 3, 255})
    {
      answer = Answer ();
      answer.record = record;
      EXPECT_FALSE (answer.is_taken ()) << (int) record;
    }
}

/* A block that was given up has no end; its answer says so and is taken. */
TEST (Answer, OfABlockThatWasGivenUpIsTaken)
{
  Shared shared;
  PlShared worker = shared.main;
  worker.chain = pl_shared_chain (&shared.main, PL_CHAIN_WORKER);
  PlBlock block;
  pl_block_init (&block, 0);
  block.task.kind = PL_BLOCK_RANGE;
  pl_chain_publish (worker.chain, 0, nullptr);
  g_auto (PlBuffer) message = PL_BUFFER_INIT;
  pl_answer_write (&message, &worker, &block, 0, nullptr);
  PlCursor cursor = {(const guint8 *) message.data, message.length, 0, FALSE};
  guint64 position;
  GError *failure = nullptr;
  EXPECT_TRUE (pl_answer_read (&cursor, &shared.main, &block.task, &block, &position, &failure));
  EXPECT_EQ (pl_chain_look (shared.main.chain, 0, nullptr), PL_CHAIN_VOID);
  pl_chain_free (worker.chain);
  pl_block_clear (&block);
}

gboolean
count_down (gpointer data)
{
  return --*static_cast<int *> (data) > 0;
}

TEST (Wire, HalfAMessageIsNotWaitedForForEver)
{
  for (gsize length : {1, 15, 16, 20})
    {
      int pair[2], patience = 3;
      ASSERT_EQ (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), 0);
      const guint32 header[5] = {0x506c5731u, PL_MESSAGE_DONE, 100, 0, 0};
      ASSERT_EQ (send (pair[1], header, length, 0), (ssize_t) length);
      PlMessageKind kind;
      g_auto (PlBuffer) payload = PL_BUFFER_INIT;
      EXPECT_FALSE (pl_wire_receive_while (pair[0], &kind, &payload, nullptr, count_down, &patience)) << length;
      EXPECT_EQ (patience, 0);
      close (pair[0]);
      close (pair[1]);
    }
}

/* The length that a header claims is no reason to ask for memory. */
TEST (Wire, ALengthIsBelievedAsFarAsBytesHaveCome)
{
  int pair[2], patience = 1;
  ASSERT_EQ (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const guint32 header[5] = {0x506c5731u, PL_MESSAGE_DONE, 0xffffffff, 0x0fffffff, 0};
  ASSERT_EQ (send (pair[1], header, sizeof header, 0), (ssize_t) sizeof header);
  PlMessageKind kind;
  g_auto (PlBuffer) payload = PL_BUFFER_INIT;
  EXPECT_FALSE (pl_wire_receive_while (pair[0], &kind, &payload, nullptr, count_down, &patience));
  EXPECT_LT (payload.capacity, gsize (64) << 20);
  close (pair[0]);
  close (pair[1]);
}

TEST (Wire, LargeMessagesComeWhole)
{
  int pair[2];
  ASSERT_EQ (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), 0);
  g_auto (PlBuffer) sent = PL_BUFFER_INIT;
  for (guint64 i = 0; i < 3000000; i++)
    pl_buffer_put_u64 (&sent, i * i);
  pid_t pid = fork ();
  if (pid == 0)
    _exit (!pl_wire_send (pair[1], PL_MESSAGE_PARTIAL, &sent, -1));
  PlMessageKind kind;
  g_auto (PlBuffer) payload = PL_BUFFER_INIT;
  ASSERT_TRUE (pl_wire_receive (pair[0], &kind, &payload, nullptr));
  EXPECT_EQ (kind, PL_MESSAGE_PARTIAL);
  ASSERT_EQ (payload.length, sent.length);
  EXPECT_EQ (memcmp (payload.data, sent.data, sent.length), 0);
  waitpid (pid, nullptr, 0);
  close (pair[0]);
  close (pair[1]);
}

} // namespace
