/* Tests of this program once more, as on a processor without vectors: what is written for AVX2 has a portable twin
 * beside it, which no test on a machine that has AVX2 meets otherwise. What `__builtin_cpu_supports` answers from is
 * the compiler's own and no part of its interface, but old and the same in gcc and clang. */
#pragma once
#include <glib.h>
#include <gtest/gtest.h>
#include <string>

#if defined(__x86_64__)
extern "C" struct PortableCpuModel
{
  unsigned vendor, type, subtype, features;
} __cpu_model __attribute__ ((visibility ("hidden")));

static void __attribute__ ((constructor)) portable_forget_vectors (void)
{
  if (g_getenv ("PIPELINE_TEST_PORTABLE") != nullptr)
    {
      __builtin_cpu_init ();
      __cpu_model.features = 0;
    }
}
#endif

/* Expects of the tests of @filter that they pass on a processor without vectors, too. */
static inline void
expect_portable (const char *filter)
{
#if defined(__x86_64__)
  std::string tests = std::string ("--gtest_filter=") + filter;
  const char *argv[] = {"/proc/self/exe", tests.c_str (), "--gtest_brief=1", nullptr};
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "PIPELINE_TEST_PORTABLE", "1", TRUE);
  /* All of them, when this process does but a share of the tests. */
  environment = g_environ_unsetenv (environment, "GTEST_TOTAL_SHARDS");
  environment = g_environ_unsetenv (environment, "GTEST_SHARD_INDEX");
  g_autofree char *output = nullptr;
  int status = -1;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", nullptr);
  argv[0] = self;
  ASSERT_TRUE (g_spawn_sync (nullptr, (char **) argv, environment, G_SPAWN_DEFAULT, nullptr, nullptr, &output, nullptr,
                             &status, nullptr));
  EXPECT_EQ (status, 0) << output;
  EXPECT_EQ (strstr (output, "[  PASSED  ] 0 tests."), nullptr) << filter;
#else
  (void) filter;
#endif
}
