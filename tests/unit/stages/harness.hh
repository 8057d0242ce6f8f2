// The stage harness for C++ tests: strings in, strings out.
#pragma once
#include "../../stages/harness.h"
#include <gtest/gtest.h>
#include <string>

static inline std::string
take (char *text)
{
  std::string result (text);
  g_free (text);
  return result;
}

// Under many splits of the rows over workers and batches, all of which must agree.
static inline std::string
run (const char *kind, const std::string &settings, const std::string &rows)
{
  return take (pl_harness_run_splits (kind, settings.c_str (), rows.c_str ()));
}

// What is wrong with the settings.
static inline std::string
issues (const char *kind, const std::string &settings, const std::string &header)
{
  return take (pl_harness_run (kind, settings.c_str (), (header + "\n").c_str (), PlSplit{}));
}
