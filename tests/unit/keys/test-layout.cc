// Keys as words and their hashes, and the short cut for keys that are one short text.
#include "group-keys.h"

#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <set>

extern "C"
{
#include "../../../pipeline/base/seed.h"
#include "../../../pipeline/groups/text.h"
#include "../../../pipeline/keys/encode.h"
#include "../../../pipeline/keys/row.h"
#include "../../../pipeline/groups/text-find.h"
}

namespace
{

std::vector<PlGroupTextKernel>
kernels ()
{
  std::vector<PlGroupTextKernel> all;
  for (const PlGroupTextKernel *kernel = pl_group_text_kernels (); kernel->name != nullptr; kernel++)
    all.push_back (*kernel);
  return all;
}

class GroupText : public testing::TestWithParam<PlGroupTextKernel>
{
};

INSTANTIATE_TEST_SUITE_P (Kernels, GroupText, testing::ValuesIn (kernels ()),
                          [] (const auto &info) { return std::string (info.param.name); });

// Every row's group by the short cut is the table's, or missed; and only what cannot be found is missed.
TEST_P (GroupText, FindsWhatTheTableFinds)
{
  std::mt19937 random (11);
  for (gsize widest : {3, 7, 8, 12, 15, 16, 31, 40})
    for (bool sliced : {false, true})
      {
        Keys keys ({PL_TYPE (PL_STRING)});
        PlGroupTable *table = pl_group_table_new (keys.layout, 1);
        PlGroupText index = {};
        EXPECT_FALSE (pl_group_text_serves (table));
        for (int round = 0; round < 20; round++)
          {
            std::vector<std::string> values (500);
            for (std::string &value : values)
              value = random () % 20 == 0 ? "-" : std::string (random () % (widest + 1), (char) ('a' + random () % 9));
            const gsize n = values.size (), known = table->n_groups;
            std::vector<guint32> groups (n), missed (n), found (n), hashes (n), expected_hashes (n);
            gsize n_missed = n;
            PlColumn *column = text_column (keys.arena, values, sliced);
            const guint n_words = table->layout->n_words, width = MIN (n_words * 8, 16), find_width = n_words * 8;
            std::vector<guint64> rows (n * n_words), expected_rows (n * n_words);
            bool fits = false;
            if (round > 0)
              {
                ASSERT_TRUE (pl_group_text_serves (table));
                ASSERT_TRUE (pl_group_text_learn (&index, table));
                n_missed = GetParam ().find (&index, table, column, n, groups.data (), missed.data ());
                for (guint32 &place : groups)
                  place /= (guint32) table->stride;
                fits = pl_group_text_encode (table, column, n, rows.data (), hashes.data ());
                EXPECT_EQ (fits, std::all_of (values.begin (), values.end (),
                                              [width] (const std::string &value) { return value.size () < width; }));
              }
            pl_column_settle (column, n, keys.arena);
            if (fits)
              {
                ASSERT_TRUE (pl_keys_encode (table->layout, &column, n, expected_rows.data ()));
                pl_keys_hash (table->layout, expected_rows.data (), n, expected_hashes.data ());
                EXPECT_EQ (rows, expected_rows);
                EXPECT_EQ (hashes, expected_hashes);
              }
            pl_group_table_find (table, &column, n, found.data (), keys.arena);
            for (gsize i = 0, next = 0; i < n && round > 0; i++)
              if (next < n_missed && missed[next] == i)
                {
                  const PlText &text = column->texts[i];
                  const bool at_end = !sliced && ((guintptr) text.data & 4095) > 4096 - find_width;
                  EXPECT_TRUE (text.length == 0 || text.length >= find_width || found[i] >= known || at_end)
                      << values[i];
                  next++;
                }
              else
                EXPECT_EQ (groups[i], found[i]) << values[i];
          }
        pl_group_text_clear (&index);
        pl_group_table_free (table);
      }
}

// Texts chosen so that their cheap hashes are equal (1 less in the first word for 1 more in the third) are found by the
// table; no group is mistaken.
TEST_P (GroupText, ChosenTextsAreOnlyMissed)
{
  Keys keys ({PL_TYPE (PL_STRING)});
  std::vector<std::string> values;
  for (int a = 0; a < 4; a++)
    for (int b = 0; b < 4; b++)
      for (int c = 0; c < 4; c++)
        {
          std::string value (24, 'm');
          for (auto [at, step] : {std::pair{0, a}, {1, b}, {2, c}})
            {
              value[at] = (char) ('z' - step);
              value[16 + at] = (char) ('a' + step);
            }
          values.push_back (value);
        }
  const gsize n = values.size ();
  PlGroupTable *table = pl_group_table_new (keys.layout, 0);
  PlColumn *column = text_column (keys.arena, values, true), *settled = text_column (keys.arena, values, false);
  const std::vector<guint32> expected = keys.find (table, {settled}, n);
  PlGroupText index = {};
  ASSERT_TRUE (pl_group_text_learn (&index, table));
  std::vector<guint32> addresses (n), missed (n);
  const gsize n_missed = GetParam ().find (&index, table, column, n, addresses.data (), missed.data ());
  EXPECT_EQ (n_missed, n - 4);
  for (gsize i = 0, next = 0; i < n; i++)
    if (next < n_missed && missed[next] == i)
      next++;
    else
      EXPECT_EQ (addresses[i], expected[i] * table->stride);
  pl_group_text_clear (&index);
  pl_group_table_free (table);
}

// Keys that differ in the last bytes of a word have slots of their own.
TEST_P (GroupText, LastBytesOfWordsReachThePlaces)
{
  for (gsize head : {3, 5, 12, 20, 21})
    {
      Keys keys ({PL_TYPE (PL_STRING)});
      const gsize n = 1000;
      std::vector<std::string> values;
      for (gsize i = 0; i < n; i++)
        values.push_back (std::string (head, 'n') + std::to_string (1000 + i).substr (1));
      PlGroupTable *table = pl_group_table_new (keys.layout, 0);
      keys.find (table, {text_column (keys.arena, values, false)}, n);
      PlGroupText index = {};
      ASSERT_TRUE (pl_group_text_learn (&index, table));
      std::vector<guint32> addresses (n), missed (n);
      EXPECT_LE (GetParam ().find (&index, table, text_column (keys.arena, values, true), n, addresses.data (),
                                   missed.data ()),
                 1u)
          << head;
      pl_group_text_clear (&index);
      pl_group_table_free (table);
    }
}

// The last bytes before memory that must not be touched.
TEST_P (GroupText, ReadsNothingBehindAPage)
{
  const gsize page = (gsize) sysconf (_SC_PAGESIZE);
  char *memory
      = static_cast<char *> (mmap (nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_EQ (mprotect (memory + page, page, PROT_NONE), 0);
  Keys keys ({PL_TYPE (PL_STRING)});
  PlGroupTable *table = pl_group_table_new (keys.layout, 0);
  keys.find (table, {text_column (keys.arena, {"abcdefghij"}, false)}, 1);
  PlGroupText index = {};
  ASSERT_TRUE (pl_group_text_learn (&index, table));
  for (guint32 length = 1; length <= 15; length++)
    {
      memset (memory + page - length, 'z', length);
      PlColumn *column = pl_column_new (keys.arena, PL_TYPE (PL_STRING), 1);
      column->texts[0] = PlText{memory + page - length, length, 0};
      guint32 group, missed, hash;
      guint64 row[4];
      EXPECT_EQ (GetParam ().find (&index, table, column, 1, &group, &missed), 1u);
      ASSERT_TRUE (pl_group_text_encode (table, column, 1, row, &hash));
      EXPECT_EQ (row[1] >> 56, length);
      EXPECT_EQ (((const char *) row)[length - 1], 'z');
    }
  pl_group_text_clear (&index);
  pl_group_table_free (table);
  munmap (memory, 2 * page);
}

// Texts of 32 bytes that differ where words have their highest bytes, which a sum of products would let meet whatever
// the secret.
TEST (GroupKey, HighestBytesReachTheHash)
{
  Keys keys ({PL_TYPE (PL_STRING)});
  const gsize n = 1 << 11;
  std::vector<std::string> texts (n, std::string (30, 'x'));
  for (gsize i = 0; i < n; i++)
    {
      texts[i][7] = (char) ('a' + i % 16);
      texts[i][15] = (char) ('a' + i / 16 % 16);
      texts[i][23] = (char) ('a' + i / 256);
    }
  PlColumn *column = text_column (keys.arena, texts, false);
  pl_key_layout_fit (keys.layout, &column, n);
  ASSERT_EQ (keys.layout->n_words, 4u);
  std::vector<guint64> rows (n * 4);
  std::vector<guint32> hashes (n);
  ASSERT_TRUE (pl_keys_encode (keys.layout, &column, n, rows.data ()));
  pl_keys_hash (keys.layout, rows.data (), n, hashes.data ());
  EXPECT_GE (std::set<guint32> (hashes.begin (), hashes.end ()).size (), n - 2);
  // Nor do the homes, which are the top bits, crowd: by chance half of them are empty at most.
  std::set<guint32> homes;
  for (guint32 hash : hashes)
    homes.insert (hash >> 21);
  EXPECT_GE (homes.size (), n / 2);
}

/* Keys that meet under one secret part under another, of every length that is hashed in its own way; and where hashes
 * are seen they are the same whatever the secret is. */
TEST (GroupKey, HashesDependOnTheSecret)
{
  const guint64 before = pl_hash_seed;
  const std::vector<std::string> texts = {"", "short", "thirteen bytes", std::string (40, 'x'), std::string (100, 'y')};
  auto hashes = [&] (guint64 seed, bool fixed) {
    pl_hash_seed_set (seed);
    Keys keys ({PL_TYPE (PL_STRING), PL_TYPE (PL_INT)});
    if (fixed)
      pl_key_layout_fix_seed (keys.layout);
    PlColumn *text = pl_column_new (keys.arena, PL_TYPE (PL_STRING), texts.size ());
    for (gsize i = 0; i < texts.size (); i++)
      text->texts[i] = {texts[i].data (), (guint32) texts[i].size (), 0};
    PlColumn *columns[] = {text, keys.ints ({1, 2, 3, 4, 5})};
    pl_key_layout_fit (keys.layout, columns, texts.size ());
    std::vector<guint64> rows (texts.size () * keys.layout->n_words);
    std::vector<guint32> result (texts.size ());
    EXPECT_TRUE (pl_keys_encode (keys.layout, columns, texts.size (), rows.data ()));
    pl_keys_hash (keys.layout, rows.data (), texts.size (), result.data ());
    return result;
  };
  auto one = hashes (1, false), other = hashes (2, false);
  for (gsize i = 0; i < texts.size (); i++)
    EXPECT_NE (one[i], other[i]) << texts[i];
  EXPECT_EQ (hashes (1, false), one);
  EXPECT_EQ (hashes (1, true), hashes (2, true));
  pl_hash_seed_set (before);
}

// As bytes, keys stand in the order that merging tables gives those of one hash.
TEST (GroupKey, BytesHaveTheOrderOfWords)
{
  std::mt19937 random (3);
  for (const bool with_long : {false, true})
    {
      Keys keys ({PL_TYPE (PL_STRING), PL_TYPE (PL_INT), PL_TYPE (PL_STRING)});
      const gsize n = 120;
      std::vector<std::string> texts[2];
      std::vector<gint64> numbers (n);
      for (gsize i = 0; i < n; i++)
        {
          numbers[i] = (gint64) (random () % 3) - 1;
          for (std::vector<std::string> &column : texts)
            {
              const char last = (char) ('a' + random () % 2);
              const gsize lengths[] = {0, 1, 7, 20, 31, 32, 33, 40};
              const gsize length = lengths[random () % (with_long ? 8 : 4)];
              column.push_back (random () % 9 == 0 ? "-" : std::string (length, 'x') + last);
            }
        }
      PlColumn *columns[]
          = {text_column (keys.arena, texts[0], false), keys.ints (numbers), text_column (keys.arena, texts[1], false)};
      pl_key_layout_fit (keys.layout, columns, n);
      std::vector<guint64> rows (n * keys.layout->n_words);
      ASSERT_TRUE (pl_keys_encode (keys.layout, columns, n, rows.data ()));
      EXPECT_EQ (keys.layout->has_long != FALSE, with_long);
      std::vector<std::string> bytes;
      for (gsize i = 0; i < n; i++)
        {
          PlBuffer buffer = PL_BUFFER_INIT;
          pl_key_put_order (keys.layout, &rows[i * keys.layout->n_words], &buffer);
          bytes.emplace_back (buffer.data, buffer.length);
          pl_buffer_clear (&buffer);
        }
      auto sign = [] (int order) { return (order > 0) - (order < 0); };
      for (gsize a = 0; a < n; a++)
        for (gsize b = 0; b < n; b++)
          EXPECT_EQ (
              sign (bytes[a].compare (bytes[b])),
              sign (pl_key_order (keys.layout, &rows[a * keys.layout->n_words], &rows[b * keys.layout->n_words])));
    }
}

} // namespace
