// The short cut for several keys of few values: what it finds is what the table finds, and it ends where it does not
// pay.
#include "../keys/group-keys.h"

#include <functional>
#include <random>

extern "C"
{
#include "../../../pipeline/groups/codes.h"
}

namespace
{

struct Codes : Keys
{
  PlGroupTable *table;
  PlGroupCodes codes;
  explicit Codes (const std::vector<PlType> &types) : Keys (types), table (pl_group_table_new (layout, 1))
  {
    pl_group_codes_init (&codes, layout);
  }
  ~Codes ()
  {
    pl_group_codes_clear (&codes);
    pl_group_table_free (table);
  }

  // One batch, checked against the table. Returns: how many rows were missed, or -1 when the short cut has ended.
  gssize
  look_up (const std::vector<PlColumn *> &columns, gsize n)
  {
    std::vector<guint32> groups (n), indices (n), missed (n), expected (n);
    gsize n_missed;
    std::vector<PlColumn *> settled;
    const gsize known = table->n_groups;
    for (PlColumn *column : columns)
      settled.push_back (slice (column, 0, n));
    pl_group_table_find (table, settled.data (), n, expected.data (), arena);
    if (!pl_group_codes_find (&codes, columns.data (), n, groups.data (), indices.data (), missed.data (), &n_missed,
                              arena))
      {
        EXPECT_FALSE (codes.enabled);
        return -1;
      }
    std::vector<guint32> learned;
    for (gsize i = 0, next = 0; i < n; i++)
      if (next < n_missed && missed[next] == i)
        {
          EXPECT_GE (expected[i], known) << "a combination that had been learned, in row " << i;
          learned.push_back (expected[i]);
          next++;
        }
      else
        EXPECT_EQ (groups[i], expected[i]) << "row " << i;
    pl_group_codes_learn (&codes, indices.data (), missed.data (), n_missed, learned.data ());
    return (gssize) n_missed;
  }

  PlColumn *
  with_nulls (PlColumn *column, const std::vector<bool> &nulls)
  {
    pl_column_add_nulls (column, arena, nulls.size ());
    std::copy (nulls.begin (), nulls.end (), column->nulls);
    return column;
  }
};

const PlType text = PL_TYPE (PL_STRING), whole = PL_TYPE (PL_INT), date = PL_TYPE (PL_DATE),
             boolean = PL_TYPE (PL_BOOL);

// Every kind of key with every other, values that spread both ways as they come, nulls among them, texts in slices and
// settled.
TEST (GroupCodes, FindWhatTheTableFinds)
{
  std::mt19937 random (5);
  for (const std::vector<PlType> &types : {std::vector<PlType>{text, text},
                                           {text, whole},
                                           {whole, text, boolean},
                                           {date, whole},
                                           {boolean, boolean, date}})
    for (bool sliced : {false, true})
      {
        Codes keys (types);
        ASSERT_TRUE (keys.codes.enabled);
        const gsize n = 300;
        for (int round = 1; round <= 40; round++)
          {
            std::vector<PlColumn *> columns;
            for (const PlType &type : types)
              {
                std::vector<std::string> texts (n);
                std::vector<gint64> ints (n);
                std::vector<bool> nulls (n);
                for (gsize i = 0; i < n; i++)
                  {
                    nulls[i] = random () % 10 == 0;
                    ints[i] = (gint64) (random () % (unsigned) (2 * round)) - round;
                    texts[i]
                        = nulls[i] ? "-" : std::string (random () % (1 + round % 31), (char) ('a' + random () % 3));
                  }
                PlColumn *column = type.kind == PL_STRING ? text_column (keys.arena, texts, sliced)
                                                          : pl_column_new (keys.arena, type, n);
                for (gsize i = 0; i < n; i++)
                  if (type.kind == PL_DATE)
                    column->dates[i] = (gint32) ints[i];
                  else if (type.kind == PL_BOOL)
                    column->bools[i] = ints[i] >= 0;
                  else if (type.kind == PL_INT)
                    column->ints[i] = ints[i];
                columns.push_back (type.kind == PL_STRING || random () % 2 ? column : keys.with_nulls (column, nulls));
              }
            ASSERT_GE (keys.look_up (columns, n), 0);
            EXPECT_EQ (keys.look_up (columns, n), 0);
          }
        EXPECT_LE (keys.codes.bits, (guint) PL_GROUP_CODE_BITS);
      }
}

TEST (GroupCodes, NumbersAtTheEndsOfTheirType)
{
  for (gint64 end : {G_MININT64, G_MAXINT64})
    {
      Codes keys ({whole, whole});
      const gint64 inward = end < 0 ? 1 : -1;
      PlColumn *one = keys.ints ({end, end + inward, end, end + 100 * inward}), *two = keys.ints ({1, 1, 1, 0});
      EXPECT_EQ (keys.look_up ({one, two}, 4), 4);
      EXPECT_EQ (keys.look_up ({one, two}, 4), 0);
      PlColumn *beside = keys.ints ({end + 101 * inward, end, end + 1000 * inward, end + 50 * inward});
      EXPECT_EQ (keys.look_up ({beside, two}, 4), 3);
      EXPECT_EQ (keys.look_up ({beside, two}, 4), 0);
    }
}

// The value below the least is not null, whose code it would have.
TEST (GroupCodes, TheValueBelowTheLeastIsNotNull)
{
  Codes keys ({whole, whole});
  PlColumn *one = keys.with_nulls (keys.ints ({5, 6, 0}), {false, false, true}), *two = keys.ints ({1, 1, 1});
  EXPECT_EQ (keys.look_up ({one, two}, 3), 3);
  EXPECT_EQ (keys.look_up ({keys.ints ({4, 5, 6}), two}, 3), 1);
}

TEST (GroupCodes, EndWhereValuesAreMany)
{
  Codes far ({whole, whole});
  EXPECT_EQ (far.look_up ({far.ints ({0, 1 << PL_GROUP_CODE_BITS}), far.ints ({1, 1})}, 2), -1);
  Codes both ({whole, whole});
  EXPECT_EQ (both.look_up ({both.ints ({0, 1000}), both.ints ({0, 1000})}, 2), 2);
  EXPECT_EQ (both.look_up ({both.ints ({0, 1022}), both.ints ({0, 1023})}, 2), -1);
  Codes texts ({text, text});
  PlColumn *longer = text_column (texts.arena, {std::string (31, 'x'), std::string (32, 'x')}, true);
  EXPECT_EQ (texts.look_up ({longer, longer}, 1), 1);
  EXPECT_EQ (texts.look_up ({longer, longer}, 2), -1);
}

TEST (GroupCodes, ServeSeveralKeysOfServedTypes)
{
  EXPECT_FALSE (Codes ({text}).codes.enabled);
  EXPECT_FALSE (Codes ({text, PL_TYPE (PL_FLOAT)}).codes.enabled);
  EXPECT_FALSE (Codes ({PL_TYPE (PL_TIMESTAMP), whole}).codes.enabled);
}

} // namespace
