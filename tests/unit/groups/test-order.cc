// The order of groups against the comparable keys that sort uses, which are made in another way.
#include "../keys/group-keys.h"

#include <cmath>
#include <limits>
#include <random>
#include <tuple>

extern "C"
{
#include "../../../pipeline/groups/order.h"
#include "../../../pipeline/keys/comparable.h"
#include "../../../pipeline/keys/decode.h"
#include "../../../pipeline/groups/find.h"
}

namespace
{

PlSortItem
item_of (guint64 id)
{
  PlSortItem item{};
  item.id = id;
  return item;
}

// @n values of @type, a null among them now and then, that agree in most bits.
PlColumn *
random_column (PlArena *arena, PlType type, gsize n, unsigned kind, std::mt19937_64 &random)
{
  PlColumn *column = pl_column_new (arena, type, n);
  std::vector<std::string> texts (n);
  pl_column_add_nulls (column, arena, n);
  for (gsize i = 0; i < n; i++)
    {
      const guint64 bits = random (), few = bits % 5;
      const gint64 number = kind % 3 == 0 ? (gint64) (bits % 200) - 100 : (gint64) bits >> (bits % 60);
      column->nulls[i] = kind % 2 == 1 && bits % 13 == 0;
      switch ((PlTypeKind) type.kind)
        {
        case PL_BOOL:
          column->bools[i] = bits & 1;
          break;
        case PL_INT:
        case PL_TIMESTAMP:
          column->ints[i] = few == 0 && kind % 3 == 2 ? G_MININT64 : number;
          break;
        case PL_DATE:
          column->dates[i] = MAX ((gint32) number, G_MININT32 + 1);
          break;
        case PL_FLOAT:
          column->floats[i] = few == 0   ? std::numeric_limits<double>::quiet_NaN ()
                              : few == 1 ? -0.0
                              : few == 2 ? HUGE_VAL
                                         : (double) number / 7;
          break;
        case PL_DECIMAL:
          column->decimals[i] = (PlInt128) number * ((gint64) 1 << (bits % 2 == 0 ? 40 : 0));
          break;
        default:
          texts[i] = std::string (kind % 3 == 0 ? 0 : bits % (kind % 3 == 1 ? 4 : 20), "ab\0c"[bits % 4]);
          texts[i] += kind % 5 < 3 ? std::to_string (bits % 1000) : std::string ();
          break;
        }
    }
  if (type.kind == PL_STRING)
    {
      PlColumn *text = text_column (arena, texts, false);
      text->nulls = column->nulls;
      return text;
    }
  return column;
}

// The table's groups, spread over two tables, come out by value.
void
expect_order (const std::vector<PlType> &types, gsize n, unsigned seed)
{
  std::mt19937_64 random (seed);
  Keys keys (types);
  PlGroupTable *tables[] = {pl_group_table_new (keys.layout, 1), pl_group_table_new (keys.layout, 1)};
  std::vector<PlColumn *> columns;
  std::vector<PlSortItem> items;
  for (gsize c = 0; c < types.size (); c++)
    columns.push_back (random_column (keys.arena, types[c], n, seed + (unsigned) c, random));
  // The second has keys that the first has not: those behind what the first has seen in a table of all.
  PlGroupTable *all = pl_group_table_new (keys.layout, 1);
  std::vector<guint32> groups = keys.find (all, columns, n);
  for (gsize first = 0; first < all->n_groups; first += 1000)
    {
      std::vector<guint32> found (1000);
      const guint t = first / 1000 % 2;
      pl_group_table_unify (std::vector<PlGroupTable *>{tables[t], all}.data (), 2, pl_parallel_serial ());
      const gsize count = MIN (all->n_groups - first, 1000);
      pl_group_table_find_keys (tables[t], all, first, count, found.data ());
      for (gsize i = 0; i < count; i++)
        items.push_back (item_of ((guint64) t << 32 | found[i]));
    }
  pl_group_table_unify (tables, 2, pl_parallel_serial ());
  std::shuffle (items.begin (), items.end (), random);
  pl_group_order (tables, items.data (), items.size (), pl_parallel_serial ());

  std::string before;
  for (const PlSortItem &item : items)
    {
      const guint64 *key = pl_group_table_key (tables[item.id >> 32], (guint32) item.id);
      std::vector<PlColumn *> decoded;
      for (guint c = 0; c < types.size (); c++)
        decoded.push_back (pl_keys_decode (tables[0]->layout, c, &key, 1, keys.arena));
      PlText *text = pl_sort_keys (decoded.data (), nullptr, (guint) types.size (), nullptr, 1, 0, keys.arena);
      std::string now (text->data, text->length);
      ASSERT_LT (before, now) << seed << " " << pl_type_name (types[0]) << " of " << types.size ();
      before = now;
    }
  EXPECT_EQ (items.size (), all->n_groups);
  for (PlGroupTable *table : {tables[0], tables[1], all})
    pl_group_table_free (table);
}

TEST (GroupOrder, IsThatOfTheValues)
{
  const std::vector<PlType> types
      = {PL_TYPE (PL_BOOL),  PL_TYPE (PL_INT),        PL_TYPE (PL_DATE),  PL_TYPE (PL_TIMESTAMP),
         PL_TYPE (PL_FLOAT), PL_TYPE_DECIMAL (38, 2), PL_TYPE (PL_STRING)};
  for (unsigned seed = 0; seed < 30; seed++)
    {
      for (PlType type : types)
        expect_order ({type}, 3000, seed);
      expect_order ({types[seed % 7], types[seed % 5], types[(seed + 3) % 7]}, 4000, seed);
      expect_order ({PL_TYPE (PL_STRING), PL_TYPE (PL_STRING), types[seed % 7], PL_TYPE (PL_INT)}, 5000, seed);
    }
}

// More than one task, and prefixes that many keys have.
TEST (GroupOrder, OfManyKeysThatBeginAlike)
{
  Keys keys ({PL_TYPE (PL_INT), PL_TYPE (PL_INT), PL_TYPE (PL_INT)});
  PlGroupTable *table = pl_group_table_new (keys.layout, 0);
  const gsize n = 90000;
  std::vector<gint64> a (n), b (n), c (n);
  for (gsize i = 0; i < n; i++)
    {
      a[i] = i % 3 == 0 ? (gint64) (i * 2654435761u << 20) : -(gint64) (i % 2);
      b[i] = (gint64) (i % 70) << 50;
      c[i] = (gint64) (i * 7919 % n) - 1000;
    }
  keys.find (table, {keys.ints (a), keys.ints (b), keys.ints (c)}, n);
  ASSERT_EQ (table->n_groups, n);
  std::vector<PlSortItem> items;
  for (guint64 i = 0; i < n; i++)
    items.push_back (item_of (i));
  pl_group_order (&table, items.data (), n, pl_parallel_serial ());
  for (gsize i = 1; i < n; i++)
    {
      const guint64 x = items[i - 1].id, y = items[i].id;
      ASSERT_LT (std::tie (a[x], b[x], c[x]), std::tie (a[y], b[y], c[y]));
    }
  pl_group_table_free (table);
}

} // namespace
