/* What reads texts and numbers where there is no AVX2. */
#include "../portable.h"
#include "../../../pipeline/csv/scan.h"
#include <cstring>

TEST (Portable, TheProcessorIsTakenForOneWithoutVectors)
{
  if (g_getenv ("PIPELINE_TEST_PORTABLE") == nullptr)
    expect_portable ("Portable.TheProcessorIs*");
  else
    EXPECT_STREQ (pl_scan_kernel ()->name, "portable");
}

TEST (Portable, TextsAndNumbersAreTheSame)
{
  expect_portable (
      "Reader.QuotedTexts*:Reader.OtherDelimiters*:Reader.Trim*:Reader.EveryDefect*:Reader.NoQuote*:Reader.Escapes*:"
      "Values.N*:Values.M*:Values.Exact*:Values.D*:Values.Types:Values.Lex*");
}
