// The table behind group-by, distinct and top-k against std::map: every type of key, growth, colliding hashes, merging.
#include "../keys/group-keys.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

extern "C"
{
#include "../../../pipeline/memory/big-array.h"
#include "../../../pipeline/groups/direct.h"
#include "../../../pipeline/groups/merge.h"
#include "../../../pipeline/keys/decode.h"
#include "../../../pipeline/groups/find.h"
}

namespace
{

const double nan_value = std::numeric_limits<double>::quiet_NaN ();

// A column of @type whose row i holds choice i % 8; choice 7 is null.
PlColumn *
choices (PlArena *arena, PlType type, gsize n)
{
  static const double floats[] = {0.0, -0.0, 1.5, nan_value, -nan_value, HUGE_VAL, -1.5, 0};
  static const char *texts[]
      = {"",
         "a",
         "abcdefgh",
         "abcdefghijklmno",
         "abcdefghijklmnop",
         "a text of thirty-three bytes, say",
         "a text of more than sixty-four bytes, which is hashed by other means than shorter ones",
         ""};
  PlColumn *column = pl_column_new (arena, type, n);
  pl_column_add_nulls (column, arena, n);
  for (gsize i = 0; i < n; i++)
    {
      const gsize choice = i % 8;
      column->nulls[i] = choice == 7;
      switch ((PlTypeKind) type.kind)
        {
        case PL_BOOL:
          column->bools[i] = choice & 1;
          break;
        case PL_INT:
        case PL_TIMESTAMP:
          column->ints[i] = choice == 0 ? G_MININT64 : choice == 1 ? G_MAXINT64 : (gint64) choice - 3;
          break;
        case PL_FLOAT:
          column->floats[i] = floats[choice];
          break;
        case PL_DECIMAL:
          column->decimals[i] = ((PlInt128) choice << 70) - 3;
          break;
        case PL_STRING:
          column->texts[i] = PlText{texts[choice], (guint32) strlen (texts[choice]), 0};
          break;
        case PL_DATE:
          column->dates[i] = (gint32) choice - 3;
          break;
        case PL_NULL:
          break;
        }
    }
  return column;
}

TEST (GroupTable, EveryTypeOfKey)
{
  // By hand: what is equal among the eight choices.
  const std::map<int, guint> distinct
      = {{PL_BOOL, 3}, {PL_INT, 8}, {PL_TIMESTAMP, 8}, {PL_FLOAT, 6}, {PL_DECIMAL, 8}, {PL_STRING, 8}, {PL_DATE, 8}};
  for (auto [kind, n_groups] : distinct)
    {
      PlType type = kind == PL_DECIMAL ? PL_TYPE_DECIMAL (38, 2) : PL_TYPE ((PlTypeKind) kind);
      Keys keys ({type});
      PlGroupTable *table = pl_group_table_new (keys.layout, 0);
      PlColumn *column = choices (keys.arena, type, 64);
      std::vector<guint32> groups = keys.find (table, {column}, 64);
      EXPECT_EQ (table->n_groups, n_groups) << pl_type_name (type);
      for (gsize i = 0; i < 64; i++)
        {
          const guint64 *row = pl_group_table_key (table, groups[i]);
          PlColumn *decoded = pl_keys_decode (table->layout, 0, &row, 1, keys.arena);
          EXPECT_EQ (pl_column_compare (column, i, decoded, 0), 0) << pl_type_name (type) << " " << i;
          EXPECT_EQ (groups[i], groups[i % 8]);
        }
      pl_group_table_free (table);
    }
}

TEST (GroupTable, SeveralColumns)
{
  Keys keys ({PL_TYPE (PL_STRING), PL_TYPE (PL_INT), PL_TYPE (PL_STRING), PL_TYPE (PL_BOOL)});
  const gsize n = 4096;
  PlColumn *text = choices (keys.arena, PL_TYPE (PL_STRING), n), *number = choices (keys.arena, PL_TYPE (PL_INT), n);
  std::vector<guint32> shuffled (n), turned (n);
  for (gsize i = 0; i < n; i++)
    {
      shuffled[i] = (guint32) ((i / 8) % 8);
      turned[i] = (guint32) ((i / 64) % 8);
    }
  PlColumn *other = pl_column_gather (text, shuffled.data (), n, keys.arena);
  PlColumn *flags = pl_column_gather (choices (keys.arena, PL_TYPE (PL_BOOL), 8), turned.data (), n, keys.arena);
  PlGroupTable *table = pl_group_table_new (keys.layout, 0);
  keys.find (table, {text, number, other, flags}, n);
  // Choices go together in the first two columns; 8 texts; false, true and null.
  EXPECT_EQ (table->n_groups, 8u * 8u * 3u);
  pl_group_table_free (table);
}

// Keys that need ever wider fields: what was found before keeps its number, and nothing is lost on the way.
struct Widening
{
  Keys keys{{PL_TYPE (PL_INT), PL_TYPE (PL_STRING), PL_TYPE (PL_BOOL)}};
  std::vector<std::vector<PlColumn *> > batches;

  Widening ()
  {
    add ({1, -1, G_MAXINT32}, {"", "a", "sevenby"});
    add ({7, 7, 7}, {"null", "a", "b"}, true);
    add ({1, G_MININT32, G_MININT64}, {"eightbyt", "fifteen bytes..", "a"});
    add ({1, (gint64) G_MAXINT32 + 1, 5}, {"sixteen bytes...", "thirty-one bytes, not one more.", "a"});
    add ({1, 1, 2},
         {"thirty-two bytes, one more of it", "thirty-two bytes, the same but x", "thirty-two bytes, one more of it"});
  }

  void
  add (const std::vector<gint64> &ints, const std::vector<const char *> &texts, bool null_first = false)
  {
    PlColumn *text = pl_column_new (keys.arena, PL_TYPE (PL_STRING), texts.size ());
    PlColumn *number = keys.ints (ints), *flag = choices (keys.arena, PL_TYPE (PL_BOOL), 8);
    for (gsize i = 0; i < texts.size (); i++)
      text->texts[i] = PlText{texts[i], (guint32) strlen (texts[i]), 0};
    if (null_first)
      for (PlColumn *column : {number, text})
        {
          pl_column_add_nulls (column, keys.arena, 3);
          column->nulls[0] = 1;
        }
    batches.push_back ({number, text, flag});
  }

  // The batches in that order, twice over.
  PlGroupTable *
  fill (const std::vector<gsize> &order)
  {
    PlGroupTable *table = pl_group_table_new (keys.layout, 2);
    for (int round = 0; round < 2; round++)
      for (gsize b : order)
        {
          const std::vector<guint32> groups = keys.find (table, batches[b], 3);
          for (gsize i = 0; i < 3; i++)
            {
              const guint64 *key = pl_group_table_key (table, groups[i]);
              for (guint f = 0; f < 3; f++)
                {
                  PlColumn *decoded = pl_keys_decode (table->layout, f, &key, 1, keys.arena);
                  EXPECT_EQ (pl_column_compare (batches[b][f], i, decoded, 0), 0) << b << " " << i << " " << f;
                }
              guint64 *payload = pl_group_table_payloads (table) + groups[i] * table->stride;
              EXPECT_EQ (payload[0], round == 0 ? 0 : b * 3 + i + 1);
              payload[0] = b * 3 + i + 1;
              EXPECT_EQ (payload[1], 0u);
            }
        }
    EXPECT_EQ (table->n_groups, 3 * order.size ());
    return table;
  }
};

TEST (GroupTable, KeysWidenAndKeepTheirGroups)
{
  Widening w;
  PlGroupTable *table = w.fill ({0, 1, 2, 3, 4});
  // 8 bytes of null bits, 32 of text, 8 of int, 1 of bool.
  EXPECT_EQ (table->layout->n_words, 7u);
  pl_group_table_free (table);
  table = w.fill ({0});
  EXPECT_EQ (table->layout->n_words, 2u);
  pl_group_table_free (table);
}

TEST (GroupTable, TheLayoutInTheEndDependsOnTheKeysAlone)
{
  Widening w;
  std::vector<std::vector<std::string> > results;
  for (const auto &spread : std::vector<std::vector<std::vector<gsize> > >{
           {{0, 1, 2, 3, 4}}, {{4, 3, 2, 1, 0}}, {{0, 1}, {2, 3, 4}}, {{0}, {1}, {2}, {3}, {4}}, {{3, 1}, {4}, {2, 0}}})
    {
      std::vector<PlGroupTable *> tables;
      for (const auto &order : spread)
        tables.push_back (w.fill (order));
      pl_group_table_unify (tables.data (), (guint) tables.size (), pl_parallel_serial ());
      PlGroupIds merged;
      pl_group_merge (
          tables.data (), (guint) tables.size (),
          [] (guint, guint, const guint32 *, const guint32 *, gsize, gpointer) {}, nullptr, pl_parallel_serial (),
          &merged);
      const guint64 n = merged.n;
      std::vector<guint64> ids (n);
      pl_group_ids_get (&merged, 0, n, ids.data ());
      std::vector<std::string> keys;
      for (guint64 i = 0; i < n; i++)
        {
          const guint64 *key = pl_group_table_key (tables[ids[i] >> 32], (guint32) ids[i]);
          PlColumn *number = pl_keys_decode (tables[0]->layout, 0, &key, 1, w.keys.arena);
          PlColumn *text = pl_keys_decode (tables[0]->layout, 1, &key, 1, w.keys.arena);
          keys.push_back (std::to_string (number->ints[0]) + (pl_column_is_null (number, 0) ? "null" : "") + "/"
                          + std::string (text->texts[0].data, text->texts[0].length));
        }
      results.push_back (keys);
      pl_group_ids_clear (&merged);
      for (PlGroupTable *table : tables)
        pl_group_table_free (table);
    }
  EXPECT_EQ (results[0].size (), 15u);
  for (const auto &keys : results)
    EXPECT_EQ (keys, results[0]);
}

TEST (GroupTable, SavesAndLoads)
{
  Widening w;
  for (const auto &order : std::vector<std::vector<gsize> >{{0}, {0, 1}, {0, 1, 2}, {0, 1, 2, 3, 4}})
    {
      PlGroupTable *table = w.fill (order);
      PlBuffer buffer = PL_BUFFER_INIT;
      pl_group_table_save (table, &buffer);
      for (gsize length = 0; length <= buffer.length; length++)
        {
          PlGroupTable *loaded = pl_group_table_new (w.keys.layout, 2);
          PlCursor cursor = {(const guint8 *) buffer.data, length, 0, FALSE};
          EXPECT_EQ (pl_group_table_load (loaded, &cursor), length == buffer.length) << length;
          for (gsize b : order)
            {
              if (length < buffer.length)
                break;
              for (guint32 group : w.keys.find (loaded, w.batches[b], 3))
                EXPECT_LT (group, table->n_groups);
            }
          pl_group_table_free (loaded);
        }
      // Of each field a width that there is not, and what is neither true nor false.
      for (gsize f = 0; f < 12; f++)
        {
          const char before = buffer.data[f];
          buffer.data[f] = 64;
          PlGroupTable *loaded = pl_group_table_new (w.keys.layout, 2);
          PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
          EXPECT_FALSE (pl_group_table_load (loaded, &cursor));
          pl_group_table_free (loaded);
          buffer.data[f] = before;
        }
      pl_buffer_clear (&buffer);
      pl_group_table_free (table);
    }
}

// Keys of several columns, packed: every length of texts and width of ints, between neighbours of other kinds, against
// a map.
TEST (GroupTable, PackedKeysAgainstAMap)
{
  std::mt19937_64 random (5);
  for (int round = 0; round < 60; round++)
    {
      const std::vector<PlTypeKind> kinds = {PL_STRING, PL_STRING, PL_INT, PL_BOOL, PL_DATE, PL_FLOAT};
      std::vector<PlType> types;
      for (gsize c = 2 + random () % 4; c > 0; c--)
        types.push_back (PL_TYPE (kinds[random () % kinds.size ()]));
      Keys keys (types);
      PlGroupTable *table = pl_group_table_new (keys.layout, 1);
      std::map<std::string, guint32> known;
      const guint longest = (guint) std::vector<int>{0, 3, 6, 7, 8, 15, 19, 31, 40}[random () % 9];
      const guint bits = (guint) std::vector<int>{3, 7, 8, 15, 16, 31, 32, 63}[random () % 8];
      for (int batch = 0; batch < 8; batch++)
        {
          const gsize n = 300;
          std::vector<std::string> names (n);
          std::vector<PlColumn *> columns;
          for (PlType type : types)
            {
              PlColumn *column = pl_column_new (keys.arena, type, n);
              pl_column_add_nulls (column, keys.arena, n);
              for (gsize i = 0; i < n; i++)
                {
                  // Little by little: layouts grow on the way.
                  const gint64 value
                      = (gint64) (random () % 3 == 0 ? random () >> (63 - (bits - 1) * (guint) (batch + 1) / 8)
                                                     : random () % 3)
                        * (random () % 2 == 0 ? -1 : 1);
                  const std::string text (random () % 3 == 0 ? (random () % (longest + 1)) * (gsize) (batch + 1) / 8
                                                             : 0,
                                          (char) ('a' + random () % 2));
                  column->nulls[i] = random () % 9 == 0;
                  if (type.kind == PL_STRING)
                    column->texts[i]
                        = {pl_arena_copy (keys.arena, text.data (), text.size () + 1), (guint32) text.size (), 0};
                  else if (type.kind == PL_INT)
                    column->ints[i] = value;
                  else if (type.kind == PL_DATE)
                    column->dates[i] = (gint32) (value % 100000);
                  else if (type.kind == PL_BOOL)
                    column->bools[i] = value & 1;
                  else
                    column->floats[i] = (double) (value % 1000);
                  names[i] += column->nulls[i]         ? "null|"
                              : type.kind == PL_STRING ? "'" + text + "'|"
                              : type.kind == PL_BOOL   ? std::to_string (column->bools[i]) + "|"
                              : type.kind == PL_DATE   ? std::to_string (column->dates[i]) + "|"
                              : type.kind == PL_FLOAT  ? std::to_string ((gint64) column->floats[i]) + "|"
                                                       : std::to_string (value) + "|";
                }
              columns.push_back (column);
            }
          const std::vector<guint32> groups = keys.find (table, columns, n);
          for (gsize i = 0; i < n; i++)
            {
              ASSERT_EQ (known.insert ({names[i], groups[i]}).first->second, groups[i]) << names[i];
              const guint64 *key = pl_group_table_key (table, groups[i]);
              for (guint f = 0; f < types.size (); f++)
                {
                  PlColumn *decoded = pl_keys_decode (table->layout, f, &key, 1, keys.arena);
                  ASSERT_EQ (pl_column_compare (columns[f], i, decoded, 0), 0) << names[i];
                }
            }
          ASSERT_EQ (table->n_groups, known.size ());
        }
      pl_group_table_free (table);
    }
}

// Texts whose last byte is the last that may be read.
TEST (GroupTable, TextsAtTheEndOfMemory)
{
  const gsize page = 4096;
  char *pages
      = static_cast<char *> (mmap (nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_EQ (mprotect (pages + page, page, PROT_NONE), 0);
  for (gsize i = 0; i < page; i++)
    pages[i] = (char) ('a' + i % 26);
  for (auto [n, n_columns] : std::vector<std::pair<gsize, gsize> >{
           {3, 1}, {15, 1}, {31, 1}, {40, 1}, {0, 2}, {3, 2}, {6, 2}, {7, 2}, {12, 2}, {20, 3}, {31, 2}, {40, 2}})
    {
      Keys keys (std::vector<PlType> (n_columns, PL_TYPE (PL_STRING)));
      PlGroupTable *table = pl_group_table_new (keys.layout, 0);
      PlColumn *texts = pl_column_new (keys.arena, PL_TYPE (PL_STRING), n + 1);
      for (gsize i = 0; i <= n; i++)
        texts->texts[i] = PlText{pages + page - i, (guint32) i, 0};
      const std::vector<guint32> groups = keys.find (table, std::vector<PlColumn *> (n_columns, texts), n + 1);
      EXPECT_EQ (table->n_groups, n + 1);
      for (gsize i = 0; i <= n; i++)
        {
          const guint64 *key = pl_group_table_key (table, groups[i]);
          PlColumn *decoded = pl_keys_decode (table->layout, 0, &key, 1, keys.arena);
          EXPECT_EQ (std::string (decoded->texts[0].data, decoded->texts[0].length),
                     std::string (texts->texts[i].data, i));
        }
      pl_group_table_free (table);
    }
  munmap (pages, 2 * page);
}

TEST (GroupTable, GrowsAndFindsAgain)
{
  Keys keys ({PL_TYPE (PL_INT)});
  PlGroupTable *table = pl_group_table_new (keys.layout, 0);
  std::vector<gint64> values;
  for (gint64 i = 0; i < 300000; i++)
    values.push_back (i * 7919 % 300007);
  PlColumn *column = keys.ints (values);
  for (int round = 0; round < 2; round++)
    {
      std::vector<guint32> groups = keys.find (table, {column}, values.size ());
      for (gsize i = 0; i < values.size (); i++)
        ASSERT_EQ (groups[i], i);
    }
  EXPECT_EQ (table->n_groups, values.size ());
  pl_group_table_free (table);
}

// Records of 3, 6 and 7 words get a half of a cache line or all of it, and nothing else changes.
TEST (GroupTable, RecordsAreAligned)
{
  const gsize strides[] = {1, 2, 4, 4, 5, 8, 8, 8, 9};
  std::vector<gint64> values (60000);
  for (gsize i = 0; i < values.size (); i++)
    values[i] = (gint64) (i * 7919 % 60013);
  for (gsize n_payload = 0; n_payload < G_N_ELEMENTS (strides); n_payload++)
    for (gsize n : {(gsize) 100, (gsize) 50000})
      {
        Keys keys ({PL_TYPE (PL_INT)});
        PlGroupTable *table = pl_group_table_new (keys.layout, n_payload);
        const auto word = [&] (gsize group, gsize i) -> guint64 & {
          return pl_group_table_payloads (table)[group * table->stride + i];
        };
        PlColumn *column = keys.ints (values);
        keys.find (table, {column}, n);
        for (gsize group = 0; group < n; group++)
          for (gsize i = 0; i < n_payload; i++)
            word (group, i) = group * 10 + i;
        pl_group_table_align (table);
        EXPECT_EQ (table->stride, n == 100 ? 1 + n_payload : strides[n_payload]);
        std::vector<guint32> groups = keys.find (table, {column}, values.size ());
        for (gsize row = 0; row < groups.size (); row++)
          {
            ASSERT_EQ (groups[row], row);
            for (gsize i = 0; i < n_payload; i++)
              ASSERT_EQ (word (row, i), row < n ? row * 10 + i : 0) << n_payload << " " << row;
          }
        pl_group_table_free (table);
      }
}

// All of one hash, the highest: probing runs off the end of the slots, which must grow there.
TEST (GroupTable, EqualHashesAtTheEnd)
{
  Keys keys ({PL_TYPE (PL_DATE)});
  PlGroupTable *table = pl_group_table_new (keys.layout, 0);
  std::vector<guint64> rows (2000);
  std::vector<guint32> hashes (2000, G_MAXUINT32), groups (2000);
  for (gsize i = 0; i < rows.size (); i++)
    rows[i] = i;
  for (int round = 0; round < 2; round++)
    {
      pl_group_table_find_rows (table, rows.data (), hashes.data (), rows.size (), groups.data ());
      for (gsize i = 0; i < rows.size (); i++)
        ASSERT_EQ (groups[i], i);
    }
  EXPECT_EQ (table->slots[table->n_slots + table->n_spare - 1], 0u);
  pl_group_table_free (table);
}

using Met = std::set<std::pair<guint64, guint64> >;

void
remember (guint owner, guint source, const guint32 *into, const guint32 *from, gsize n, gpointer data)
{
  for (gsize i = 0; i < n; i++)
    static_cast<Met *> (data)->insert ({(guint64) source << 32 | from[i], (guint64) owner << 32 | into[i]});
}

// Spreads keys 0 … n_keys - 1, some to several sources, and merges. Returns: the keys in the merged order.
std::vector<guint64>
merge_spread (guint n_sources, guint n_keys, guint32 (*hash) (guint64), unsigned seed)
{
  Keys keys ({PL_TYPE (PL_DATE)});
  std::mt19937 random (seed);
  std::vector<PlGroupTable *> tables;
  std::vector<std::vector<guint64> > held (n_sources);
  for (guint64 key = 0; key < n_keys; key++)
    {
      held[random () % n_sources].push_back (key);
      for (guint s = 0; s < n_sources; s++)
        if (random () % 3 == 0 && (held[s].empty () || held[s].back () != key))
          held[s].push_back (key);
    }
  gsize n_held = 0;
  for (auto &rows : held)
    {
      std::shuffle (rows.begin (), rows.end (), random);
      tables.push_back (pl_group_table_new (keys.layout, 0));
      std::vector<guint32> hashes, groups (rows.size ());
      for (guint64 row : rows)
        hashes.push_back (hash (row));
      for (gsize first = 0; first < rows.size (); first += PL_BATCH_ROWS)
        pl_group_table_find_rows (tables.back (), rows.data () + first, hashes.data () + first,
                                  MIN (rows.size () - first, PL_BATCH_ROWS), groups.data () + first);
      n_held += rows.size ();
    }
  Met met;
  PlGroupIds merged;
  pl_group_merge (tables.data (), n_sources, remember, &met, pl_parallel_serial (), &merged);
  const guint64 n = merged.n;
  std::vector<guint64> ids (n);
  /* In pieces that are none of its own, some of them empty. */
  for (guint64 first = 0, step = 0; first < n; first += step)
    {
      step = MIN (n - first, 1 + first % 5000);
      pl_group_ids_get (&merged, first, step, ids.data () + first);
    }
  pl_group_ids_get (&merged, n, 0, ids.data () + n);
  auto key_of = [&] (guint64 id) { return *pl_group_table_key (tables[id >> 32], (guint32) id); };
  std::vector<guint64> order;
  std::set<guint64> owners (ids.begin (), ids.end ());
  for (guint64 i = 0; i < n; i++)
    order.push_back (key_of (ids[i]));
  EXPECT_EQ (met.size () + n, n_held);
  for (auto [from, into] : met)
    {
      EXPECT_EQ (key_of (from), key_of (into));
      EXPECT_TRUE (owners.count (into));
      EXPECT_FALSE (owners.count (from));
    }
  pl_group_ids_clear (&merged);
  for (PlGroupTable *table : tables)
    pl_group_table_free (table);
  return order;
}

guint32
spread_hash (guint64 key)
{
  return (guint32) (key * 2654435761u);
}

guint32
few_hashes (guint64 key)
{
  return key % 3 == 0 ? G_MAXUINT32 : (guint32) (key % 5) << 29;
}

TEST (GroupMerge, OrderDoesNotDependOnTheSpread)
{
  for (auto [hash, n_keys] :
       std::vector<std::pair<guint32 (*) (guint64), guint> >{{spread_hash, 40000}, {few_hashes, 500}})
    {
      std::vector<guint64> expected;
      for (guint64 key = 0; key < n_keys; key++)
        expected.push_back (key);
      std::stable_sort (expected.begin (), expected.end (),
                        [f = hash] (guint64 a, guint64 b) { return f (a) < f (b); });
      for (guint n_sources : {1u, 2u, 3u, 8u})
        EXPECT_EQ (merge_spread (n_sources, n_keys, hash, n_sources), expected) << n_sources;
    }
}

TEST (GroupDirect, WidensBothWaysAndGivesUp)
{
  Keys keys ({PL_TYPE (PL_INT)});
  PlGroupDirect direct;
  pl_group_direct_init (&direct, keys.layout);
  ASSERT_TRUE (direct.enabled);
  std::vector<guint32> groups (4), missed (4);
  std::map<gint64, guint32> known;
  for (gint64 base : {1000, 1003, 900, 50000, -70000, 1000})
    {
      std::vector<gint64> values = {base, base + 1, base + 2, base};
      PlColumn *column = keys.ints (values);
      gsize n_missed = pl_group_direct_find (&direct, column, 4, groups.data (), missed.data ());
      gsize expected = 0;
      for (gsize i = 0; i < 4; i++)
        if (known.count (values[i]))
          EXPECT_EQ (groups[i], known[values[i]]);
        else
          EXPECT_EQ (missed[expected++], i);
      EXPECT_EQ (n_missed, expected);
      for (gint64 value : values)
        known.insert ({value, (guint32) known.size ()});
      for (gsize i = 0; i < 4; i++)
        groups[i] = known[values[i]];
      pl_group_direct_learn (&direct, column, 4, groups.data (), known.size ());
    }
  PlColumn *nulls = keys.ints ({1000, 1001, 1002, 7});
  pl_column_add_nulls (nulls, keys.arena, 4);
  nulls->nulls[1] = 1;
  EXPECT_EQ (pl_group_direct_find (&direct, nulls, 4, groups.data (), missed.data ()), 2u);
  EXPECT_EQ (missed[0], 1u);
  EXPECT_EQ (missed[1], 3u);
  PlColumn *far = keys.ints ({G_MININT64, G_MAXINT64});
  EXPECT_EQ (pl_group_direct_find (&direct, far, 2, groups.data (), missed.data ()), 2u);
  pl_group_direct_learn (&direct, far, 2, groups.data (), known.size () + 2);
  EXPECT_FALSE (direct.enabled);
  EXPECT_EQ (direct.groups, nullptr);
  pl_group_direct_clear (&direct);
}

TEST (BigArray, KeepsItsBytesAcrossTheBorder)
{
  gsize bytes = 100;
  guint8 *array = static_cast<guint8 *> (pl_big_resize (nullptr, 0, bytes));
  memset (array, 7, bytes);
  for (gsize next : {(gsize) 5000, (gsize) 1 << 20, (gsize) 3 << 20, ((gsize) 3 << 20) + 1, (gsize) 20 << 20})
    {
      array = static_cast<guint8 *> (pl_big_resize (array, bytes, next));
      for (gsize i = 0; i < bytes; i++)
        ASSERT_EQ (array[i], 7);
      memset (array, 7, next);
      bytes = next;
    }
  pl_big_free (array, bytes);
}

} // namespace
