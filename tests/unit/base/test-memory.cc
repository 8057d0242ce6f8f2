/* Whose limit it was: told from what /proc and the cgroups say, here in folders made for it. */
#include "../../../pipeline/base/error.h"
#include "../../../pipeline/base/memory.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

struct Memory : ::testing::Test
{
  std::filesystem::path root;
  void
  SetUp () override
  {
    std::string name = (std::filesystem::temp_directory_path () / "pipeline-memory-XXXXXX").string ();
    root = mkdtemp (name.data ());
  }
  void
  TearDown () override
  {
    std::filesystem::remove_all (root);
  }
  void
  put (const char *path, const std::string &text)
  {
    std::filesystem::create_directories ((root / path).parent_path ());
    std::ofstream (root / path) << text;
  }
  std::string
  limit (guint64 wanted)
  {
    char text[256];
    pl_memory_limit (root.c_str (), wanted, text, sizeof text);
    return text;
  }
};

TEST_F (Memory, NamesTheMachine)
{
  EXPECT_EQ (limit (5), "the machine has no more");
  put ("proc/meminfo",
       "MemTotal:        2048000 kB\nMemFree: 1 kB\nSwapTotal:       1024000 kB\nCommitLimit:     3000000 kB\n");
  EXPECT_EQ (limit (5), "the machine has 3000 MiB, with its swap");
  put ("proc/sys/vm/overcommit_memory", "2\n");
  EXPECT_EQ (limit (5), "the machine lets all processes together have 2929 MiB (CommitLimit)");
}

TEST_F (Memory, RoomIsTheLeastOfWhatIsThere)
{
  put ("proc/meminfo", "MemTotal:        2048000 kB\n");
  EXPECT_EQ (pl_memory_room (root.c_str ()), G_GUINT64_CONSTANT (2048000) << 10);
  put ("proc/self/cgroup", "0::/outer/inner\n");
  put ("sys/fs/cgroup/outer/inner/memory.max", "max\n");
  EXPECT_EQ (pl_memory_room (root.c_str ()), G_GUINT64_CONSTANT (2048000) << 10);
  put ("sys/fs/cgroup/outer/memory.max", "104857600\n");
  EXPECT_EQ (pl_memory_room (root.c_str ()), 104857600u);
  put ("sys/fs/cgroup/outer/inner/memory.max", "1048576\n");
  EXPECT_EQ (pl_memory_room (root.c_str ()), 1048576u);
}

TEST_F (Memory, RoomIsWhatSlurmAllots)
{
  const guint64 all = G_GUINT64_CONSTANT (2048000) << 10;
  auto room = [this] (const char *node, const char *processor, const char *n) {
    const char *names[] = {"SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE"};
    const char *values[] = {node, processor, n};
    for (int i = 0; i < 3; i++)
      if (values[i] != nullptr)
        g_setenv (names[i], values[i], TRUE);
      else
        g_unsetenv (names[i]);
    guint64 bytes = pl_memory_room (root.c_str ());
    for (auto name : names)
      g_unsetenv (name);
    return bytes;
  };
  put ("proc/meminfo", "MemTotal:        2048000 kB\n");
  EXPECT_EQ (room (nullptr, nullptr, nullptr), all);
  EXPECT_EQ (room ("500", nullptr, nullptr), 500u << 20);
  EXPECT_EQ (room (nullptr, "100", "4"), 400u << 20);
  EXPECT_EQ (room ("1G", "100", "4"), 1u << 30);
  EXPECT_EQ (room ("2048K", nullptr, nullptr), 2u << 20);
  // All there is, what is not known of, and nonsense.
  EXPECT_EQ (room ("0", nullptr, nullptr), all);
  EXPECT_EQ (room (nullptr, "100", nullptr), all);
  EXPECT_EQ (room (nullptr, "100", "many"), all);
  EXPECT_EQ (room ("none", nullptr, nullptr), all);
  EXPECT_EQ (room ("99999999999999999999999", nullptr, nullptr), all);
}

TEST_F (Memory, NamesTheCgroupThatIsFull)
{
  put ("proc/self/cgroup", "0::/outer/inner\n");
  put ("sys/fs/cgroup/outer/inner/memory.max", "max\n");
  put ("sys/fs/cgroup/outer/memory.max", "104857600\n");
  put ("sys/fs/cgroup/outer/memory.current", "104000000\n");
  EXPECT_EQ (limit (1 << 20), "the cgroup /outer has a limit (memory.max) of 100 MiB");
  EXPECT_EQ (limit (0), "the cgroup /outer has a limit (memory.max) of 100 MiB");
  EXPECT_EQ (limit (1000), "the machine has no more");
  put ("sys/fs/cgroup/outer/inner/memory.max", "52428800\n");
  EXPECT_EQ (limit (0), "the cgroup /outer/inner has a limit (memory.max) of 50 MiB");
}

TEST_F (Memory, NamesACgroupOfTheFirstVersion)
{
  put ("proc/self/cgroup", "5:cpu:/\n4:memory:/a\n0::/\n");
  put ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "104857600\n");
  EXPECT_EQ (limit (0), "the cgroup /a has a limit (memory.limit_in_bytes) of 100 MiB");
  put ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ (limit (0), "the machine has no more");
}

TEST_F (Memory, CountsKillsOfTheCgroupOrTheMachine)
{
  EXPECT_EQ (pl_memory_kills (root.c_str ()), 0u);
  put ("proc/vmstat", "nr_free_pages 17\noom_kill 4\nx 1\n");
  EXPECT_EQ (pl_memory_kills (root.c_str ()), 4u);
  put ("proc/self/cgroup", "0::/g\n");
  EXPECT_EQ (pl_memory_kills (root.c_str ()), 4u);
  put ("sys/fs/cgroup/g/memory.events", "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n");
  EXPECT_EQ (pl_memory_kills (root.c_str ()), 2u);
  put ("proc/self/cgroup", "4:memory:/h\n0::/\n");
  put ("sys/fs/cgroup/memory/h/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n");
  EXPECT_EQ (pl_memory_kills (root.c_str ()), 7u);
}

TEST_F (Memory, NamesLimitsOfTheProcess)
{
  for (int kind : {RLIMIT_AS, RLIMIT_DATA})
    {
      pid_t pid = fork ();
      if (pid == 0)
        {
          struct rlimit most = {100 << 20, 100 << 20};
          put ("proc/self/status", "VmSize:   90000 kB\nVmData:   90000 kB\n");
          setrlimit (kind == RLIMIT_AS ? RLIMIT_AS : RLIMIT_DATA, &most);
          std::string expected = kind == RLIMIT_AS ? "RLIMIT_AS (ulimit -v) allows a process 100 MiB"
                                                   : "RLIMIT_DATA (ulimit -d) allows a process 100 MiB";
          _exit (limit (20 << 20) != expected ? 1 : limit (1 << 20) == expected ? 2 : 0);
        }
      int status = 0;
      waitpid (pid, &status, 0);
      EXPECT_EQ (status, 0) << kind;
    }
}

TEST (MemoryMessage, IsMadeOfWhatGLibSays)
{
  char text[512];
  EXPECT_FALSE (pl_memory_explain ("something else", text, sizeof text));
  ASSERT_TRUE (pl_memory_explain ("../glib/gmem.c:136: failed to allocate 4096 bytes", text, sizeof text));
  EXPECT_EQ (std::string (text).rfind ("no memory: 4096 bytes more were asked for, and ", 0), 0u) << text;
}

TEST (MemoryMessage, LackOfItIsNoMistakeOfOurs)
{
  g_autoptr (GError) error = g_error_new_literal (PL_WORKER_ERROR, PL_WORKER_ERROR_NO_MEMORY, "");
  EXPECT_EQ (pl_error_exit_code (error), 75);
  error->code = PL_WORKER_ERROR_DIED;
  EXPECT_EQ (pl_error_exit_code (error), 70);
}

} // namespace
