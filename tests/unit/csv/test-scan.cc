/* The scan that writes only wanted entries gives those of the scan that writes all, on every kernel that has it. */
#include "../../../pipeline/csv/records-select.h"
#include "fixture.h"
#include "oracle.h"
#include <gtest/gtest.h>

namespace
{

struct Table
{
  std::string text;
  guint n_fields;
  gsize n_rows;
  gboolean has_quote = FALSE, has_cr = FALSE;
};

/* @wrong: this row has a field too few. */
Table
make_table (oracle::Random *random, gsize wrong)
{
  Table table = {"", 2 + random->below (random->below (5) == 0 ? 80 : 9), 1 + random->below (60)};
  guint widest = 1 + random->below (random->below (4) == 0 ? 90 : 12);
  bool quotes = random->below (2) != 0, returns = random->below (4) == 0;
  for (gsize row = 0; row < table.n_rows; row++)
    {
      guint n = table.n_fields - (row == wrong);
      for (guint field = 0; field < n; field++)
        {
          std::string value (random->below (widest), 'x');
          bool quoted = quotes && random->below (3) == 0;
          table.text += quoted ? '"' + value + ",\n" + value + '"' : value;
          table.text += field + 1 < n ? "," : returns ? "\r\n" : "\n";
          table.has_quote |= quoted;
        }
    }
  table.has_cr = returns;
  return table;
}

std::vector<guint32>
scan (const Table &table, const PlScanKernel *kernel, const PlScanSelection *selection, PlScan *result)
{
  std::string data = table.text + std::string (64, '"');
  std::vector<guint32> entries (table.text.size () + PL_SCAN_SLACK + 1);
  *result = {};
  result->data = data.data ();
  result->length = table.text.size ();
  result->delimiter = ',';
  result->quote = '"';
  result->entries = entries.data ();
  result->target = table.text.size () + 1;
  if (selection != nullptr)
    kernel->select (result, selection);
  else
    kernel->index (result);
  entries.resize (result->n_entries);
  return entries;
}

class Select : public testing::TestWithParam<guint>
{
protected:
  fixture::Source source{fixture::strings (1), PL_USE_TEXT};
  PlRecords records;
  oracle::Random random = {5};

  void
  SetUp () override
  {
    pl_records_init (&records, &source.source, FALSE);
  }

  void
  TearDown () override
  {
    pl_records_clear (&records);
  }

  /* Which of @entries are wanted, by a random choice that `records` is told. */
  std::vector<guint32>
  choose (const Table &table, const std::vector<guint32> &entries)
  {
    PlSpan span = {};
    std::vector<gboolean> wanted (table.n_fields + 1);
    span.data = table.text.data ();
    PlSourceFile file = {};
    file.n_fields = table.n_fields;
    pl_records_open (&records, &span, &file);
    guint one_in = 1 + random.below (6);
    for (guint field = 0; field < table.n_fields; field++)
      wanted[field] = random.below (one_in) == 0;
    pl_records_want (&records, wanted.data ());
    records.selection.expected = GetParam ();
    std::vector<guint32> chosen;
    for (gsize i = 0; i < entries.size (); i++)
      {
        guint field = (guint) (i % table.n_fields);
        if (field + 1 == table.n_fields || wanted[field] || wanted[field + 1])
          chosen.push_back (entries[i]);
      }
    return chosen;
  }
};

INSTANTIATE_TEST_SUITE_P (Scan, Select, testing::Values (2, 6, 8, 12, 16),
                          [] (const auto &info) { return "Expecting" + std::to_string (info.param); });

TEST_P (Select, WritesTheWantedEntries)
{
  for (int i = 0; i < 3000; i++)
    {
      Table table = make_table (&random, G_MAXSIZE);
      PlScan all, some;
      std::vector<guint32> entries = scan (table, &pl_scan_portable, nullptr, &all);
      ASSERT_EQ (entries.size (), table.n_rows * table.n_fields);
      std::vector<guint32> chosen = choose (table, entries);
      for (const PlScanKernel *const *kernel = pl_scan_kernels (); *kernel != nullptr; kernel++)
        if ((*kernel)->select != nullptr)
          {
            if (records.selection.counts)
              chosen.clear ();
            ASSERT_EQ (scan (table, *kernel, &records.selection, &some), chosen) << (*kernel)->name << "\n"
                                                                                 << table.text;
            if (records.selection.counts)
              {
                EXPECT_EQ (some.line_end, table.text.size ());
              }
            EXPECT_EQ (some.lines, table.n_rows);
            EXPECT_FALSE (some.irregular);
            EXPECT_EQ (some.has_quote, table.has_quote);
            EXPECT_EQ (some.has_cr, table.has_cr);
          }
    }
}

TEST_P (Select, StopsBeforeARecordOfAnotherNumberOfFields)
{
  for (int i = 0; i < 3000; i++)
    {
      gsize wrong = random.below (60);
      Table table = make_table (&random, wrong);
      if (wrong >= table.n_rows)
        continue;
      PlScan all, some;
      std::vector<guint32> entries = scan (table, &pl_scan_portable, nullptr, &all);
      /* In front of the bad record all is as if it were good. */
      entries.resize (wrong * table.n_fields);
      std::vector<guint32> chosen = choose (table, entries);
      for (const PlScanKernel *const *kernel = pl_scan_kernels (); *kernel != nullptr; kernel++)
        if ((*kernel)->select != nullptr)
          {
            std::vector<guint32> found = scan (table, *kernel, &records.selection, &some);
            ASSERT_TRUE (some.irregular) << (*kernel)->name << "\n" << table.text;
            ASSERT_LE (some.lines, wrong);
            if (records.selection.counts)
              {
                gsize end = some.lines == 0 ? 0 : entries[some.lines * table.n_fields - 1] + 1;
                EXPECT_EQ (some.lines == 0 ? 0 : some.line_end, end);
                continue;
              }
            found.resize (some.lines * records.selection.n_wanted);
            ASSERT_LE (found.size (), chosen.size ());
            EXPECT_TRUE (std::equal (found.begin (), found.end (), chosen.begin ()));
          }
    }
}

} // namespace
