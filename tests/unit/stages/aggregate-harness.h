// Runs one aggregate call over columns: in one state, and again split over states that are saved, loaded and combined
// in random order. Both must print the same; that text is the result.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

extern "C"
{
#include "../../../pipeline/table/parse.h"
#include "../../../pipeline/table/print.h"
#include "../../../stages/aggregates/aggregate.h"
#include "../../../stages/aggregates/values.h"
#include "../../../stages/functions/registry.h"
#include "../../../pipeline/expression/check.h"
#include "../../../pipeline/expression/parser.h"
#include "../../../stages/aggregates/registry.h"
}

struct AggregateHarness
{
  PlArena *arena = pl_arena_new ();
  PlSchema *schema = pl_schema_new ();
  std::vector<PlColumn *> columns;
  std::vector<std::string> texts; // keeps what columns point to
  gsize n_rows = 0;
  std::string error; // of the last call that failed

  AggregateHarness ()
  {
    texts.reserve (10000);
  }
  ~AggregateHarness ()
  {
    pl_schema_unref (schema);
    pl_arena_free (arena);
  }

  PlColumn *
  add (const char *name, PlType type, gsize n)
  {
    PlColumn *column = pl_column_new (arena, type, n);
    pl_schema_add (schema, name, type);
    columns.push_back (column);
    n_rows = n;
    return column;
  }

  // Values from text; "" is null. With exact, a float column has its decimals, and its doubles only where they are
  // needed.
  void
  add_texts (const char *name, PlType type, const std::vector<std::string> &values, bool exact = false)
  {
    PlColumn *column = add (name, type, values.size ());
    if (exact)
      {
        column->exact = pl_arena_new_array (arena, gint64, values.size ());
        column->exact_scales = pl_arena_new_array (arena, guint8, values.size ());
      }
    for (gsize i = 0; i < values.size (); i++)
      {
        texts.push_back (values[i]);
        const char *data = texts.back ().data ();
        gsize length = texts.back ().size ();
        gboolean zoned;
        bool ok = false;
        if (type.kind != PL_NULL)
          memset ((guint8 *) column->values + i * pl_type_width (type), 0, pl_type_width (type));
        if (exact)
          column->exact[i] = column->exact_scales[i] = 0;
        if (length == 0)
          {
            pl_column_add_nulls (column, arena, n_rows);
            column->nulls[i] = 1;
            if (type.kind == PL_STRING)
              column->texts[i].data = "";
            continue;
          }
        switch (type.kind)
          {
          case PL_BOOL:
            ok = pl_parse_bool (data, length, &column->bools[i]);
            break;
          case PL_INT:
            ok = pl_parse_int (data, length, &column->ints[i]);
            break;
          case PL_FLOAT:
            ok = pl_parse_float (data, length, &column->floats[i]);
            break;
          case PL_DECIMAL:
            ok = pl_parse_decimal (data, length, type.precision, type.scale, &column->decimals[i]);
            break;
          case PL_DATE:
            ok = pl_parse_date (data, length, &column->dates[i]);
            break;
          case PL_TIMESTAMP:
            ok = pl_parse_timestamp (data, length, &column->ints[i], &zoned);
            break;
          case PL_STRING:
            column->texts[i] = {data, (guint32) length, 0};
            ok = true;
            break;
          }
        ASSERT_TRUE (ok) << values[i];
        if (exact && !pl_parse_exact (data, length, &column->exact[i], &column->exact_scales[i]))
          column->exact_scales[i] = PL_SCALE_INEXACT;
      }
  }

  PlExpression *
  parse (const char *text)
  {
    GError *problem = nullptr;
    guint offset;
    PlExpression *expression = pl_expression_parse (text, &offset, &problem);
    if (expression == nullptr || !pl_expression_check (expression, schema, pl_function_table (), &offset, &problem))
      {
        ADD_FAILURE () << text << ": " << problem->message;
        g_clear_error (&problem);
      }
    return expression;
  }

  PlAggregateCall *
  bind (const char *name, const std::vector<const char *> &args)
  {
    GError *problem = nullptr;
    std::vector<PlExpression *> expressions;
    std::string label = std::string (name) + "(";
    for (const char *arg : args)
      {
        expressions.push_back (parse (arg));
        label += (label.back () == '(' ? "" : ", ") + std::string (arg);
      }
    PlAggregateCall *call = pl_aggregate_call_new (pl_aggregate_find (name), (label + ")").c_str (),
                                                   expressions.data (), (guint) expressions.size (), &problem);
    error = problem != nullptr ? problem->message : "";
    g_clear_error (&problem);
    for (PlExpression *expression : expressions)
      pl_expression_free (expression);
    return call;
  }

  static std::vector<guint32>
  addresses_of (const PlAggregateCall *call, const std::vector<guint32> &groups)
  {
    std::vector<guint32> addresses;
    for (guint32 group : groups)
      addresses.push_back ((guint32) (group * call->state_size / PL_WORD));
    return addresses;
  }

  static std::vector<guint32>
  all_places (const PlAggregateCall *call, guint n_groups)
  {
    std::vector<guint32> groups (n_groups);
    for (guint32 i = 0; i < n_groups; i++)
      groups[i] = i;
    return addresses_of (call, groups);
  }

  static void
  init (const PlAggregateCall *call, guint8 *states, guint n_groups)
  {
    memset (states, 0, call->state_size * n_groups);
    if (call->aggregate->init != nullptr)
      call->aggregate->init (call, states, all_places (call, n_groups).data (), n_groups);
  }

  static void
  clear (const PlAggregateCall *call, guint8 *states, guint n_groups)
  {
    if (call->aggregate->clear != nullptr)
      call->aggregate->clear (call, states, all_places (call, n_groups).data (), n_groups);
  }

  // Column i of the table stands for argument i.
  void
  update (const PlAggregateCall *call, guint8 *states, const std::vector<guint32> *groups,
          const std::vector<guint32> *rows)
  {
    gsize n = rows != nullptr ? rows->size () : n_rows;
    std::vector<guint64> positions (n + 1);
    for (gsize i = 0; i < n; i++)
      positions[i] = 1000 + (rows != nullptr ? (*rows)[i] : i);
    std::vector<guint32> addresses = addresses_of (call, groups != nullptr ? *groups : std::vector<guint32> ());
    call->aggregate->update (call, states, groups != nullptr ? addresses.data () : nullptr,
                             rows != nullptr ? rows->data () : nullptr, n, columns.data (), positions.data ());
  }

  std::string
  finish (const PlAggregateCall *call, guint8 *states, guint n_groups)
  {
    return finish (call, states, all_places (call, n_groups));
  }

  // The states may be another call's.
  std::string
  finish (const PlAggregateCall *call, guint8 *states, const std::vector<guint32> &addresses)
  {
    const guint n_groups = (guint) addresses.size ();
    PlColumn *out = pl_column_new (arena, call->result, n_groups);
    pl_column_add_nulls (out, arena, n_groups);
    gsize failed = G_MAXSIZE;
    GError *problem = nullptr;
    std::string result;
    error = "";
    if (!call->aggregate->finalize (call, states, addresses.data (), n_groups, out, arena, &failed, &problem))
      {
        error = problem->message;
        EXPECT_LT (failed, n_groups);
        g_clear_error (&problem);
        return "error";
      }
    for (guint i = 0; i < n_groups; i++)
      {
        PlBuffer buffer = PL_BUFFER_INIT;
        pl_print_value (&buffer, out, i);
        result += (i > 0 ? "|" : "") + (pl_column_is_null (out, i) ? "null" : std::string (buffer.data, buffer.length));
        pl_buffer_clear (&buffer);
      }
    return result;
  }

  // Rows dealt to n_states states at random, each saved and loaded, then combined in random order.
  std::string
  run_split (const PlAggregateCall *call, const std::vector<guint32> *groups, guint n_groups, guint n_states,
             guint seed)
  {
    const PlAggregate *self = call->aggregate;
    const gsize size = call->state_size * n_groups;
    std::mt19937 random (seed);
    std::vector<std::vector<guint32> > rows (n_states), row_groups (n_states);
    std::vector<guint32> order (n_rows), all = all_places (call, n_groups);
    for (guint i = 0; i < n_rows; i++)
      order[i] = i;
    std::shuffle (order.begin (), order.end (), random);
    for (guint32 row : order)
      {
        guint state = (guint) (random () % n_states);
        rows[state].push_back (row);
        row_groups[state].push_back (groups != nullptr ? (*groups)[row] : 0);
      }

    guint8 *total = (guint8 *) g_malloc (size), *part = (guint8 *) g_malloc (size),
           *loaded = (guint8 *) g_malloc (size);
    init (call, total, n_groups);
    for (guint s = 0; s < n_states; s++)
      {
        init (call, part, n_groups);
        update (call, part, groups != nullptr ? &row_groups[s] : nullptr, &rows[s]);
        for (guint g = 0; g < n_groups; g++)
          {
            PlBuffer buffer = PL_BUFFER_INIT;
            self->save (call, part + g * call->state_size, &buffer);
            PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
            init (call, loaded + g * call->state_size, 1);
            EXPECT_TRUE (self->load (call, loaded + g * call->state_size, &cursor));
            EXPECT_EQ (cursor.offset, buffer.length);
            pl_buffer_clear (&buffer);
          }
        self->combine (call, total, all.data (), loaded, all.data (), n_groups);
        // What has been taken in is left without rows.
        self->combine (call, total, all.data (), loaded, all.data (), n_groups);
        for (guint8 *states : {part, loaded})
          clear (call, states, n_groups);
      }
    std::string result = finish (call, total, n_groups);
    clear (call, total, n_groups);
    g_free (total);
    g_free (part);
    g_free (loaded);
    return result;
  }

  // A value as it goes to disk.
  struct Given
  {
    std::string key, data;
    guint64 count;
  };

  static gboolean
  keep_value (const PlValue *value, gpointer data, GError **)
  {
    std::vector<Given> *all = (std::vector<Given> *) data;
    auto text = [] (const guint8 *bytes, gsize n) { return n > 0 ? std::string ((const char *) bytes, n) : ""; };
    all->push_back ({text (value->key, value->key_length), text (value->data, value->data_length), value->count});
    return TRUE;
  }

  // The values of a state of @owner, which is left cleared.
  static std::vector<Given>
  give (const PlAggregateCall *owner, guint8 *state, PlValueTotals *totals)
  {
    std::vector<Given> values;
    PlValueTotals own;
    owner->aggregate->values->measure (owner, state, &own);
    totals->n += own.n;
    totals->bytes += own.bytes;
    EXPECT_TRUE (owner->aggregate->values->give (owner, state, keep_value, &values, nullptr));
    for (gsize i = 1; i < values.size (); i++)
      EXPECT_LE (values[i - 1].key, values[i].key) << owner->label;
    owner->aggregate->values->measure (owner, state, &own);
    EXPECT_EQ (own.n + own.bytes + own.size, 0u) << owner->label;
    return values;
  }

  // What @call makes of values, in any order here.
  std::string
  take (const PlAggregateCall *call, std::vector<Given> values, const PlValueTotals &totals)
  {
    GError *problem = nullptr;
    PlColumn *out = pl_column_new (arena, call->result, 1);
    pl_column_add_nulls (out, arena, 1);
    std::stable_sort (values.begin (), values.end (), [] (const Given &a, const Given &b) { return a.key < b.key; });
    gpointer known = call->aggregate->values->begin (call, &totals, arena, &problem);
    EXPECT_NE (known, nullptr);
    for (const Given &given : values)
      {
        const PlValue value = {(const guint8 *) given.key.data (), given.key.size (),
                               (const guint8 *) given.data.data (), given.data.size (), given.count};
        call->aggregate->values->take (call, known, &value);
      }
    call->aggregate->values->end (call, known, out, arena);
    PlBuffer buffer = PL_BUFFER_INIT;
    pl_print_value (&buffer, out, 0);
    std::string result = pl_column_is_null (out, 0) ? "null" : std::string (buffer.data, buffer.length);
    pl_buffer_clear (&buffer);
    return result;
  }

  // Rows dealt to n_states states at random, some of which are combined; then all go by way of their values.
  std::vector<std::string>
  run_values (const PlAggregateCall *owner, const std::vector<const PlAggregateCall *> &calls, guint n_states,
              guint seed)
  {
    std::mt19937 random (seed);
    std::vector<std::vector<guint32> > rows (n_states);
    std::vector<Given> all;
    PlValueTotals totals = {};
    const guint32 zero = 0;
    for (guint32 row = 0; row < n_rows; row++)
      rows[random () % n_states].push_back (row);
    guint8 *small = (guint8 *) g_malloc (owner->state_size), *state = (guint8 *) g_malloc (owner->state_size);
    init (owner, small, 1);
    for (guint s = 0; s < n_states; s++)
      {
        std::vector<Given> values;
        init (owner, state, 1);
        update (owner, state, nullptr, &rows[s]);
        if (s % 2 == 1)
          owner->aggregate->combine (owner, small, &zero, state, &zero, 1);
        else
          values = give (owner, state, &totals);
        all.insert (all.end (), values.begin (), values.end ());
        clear (owner, state, 1);
      }
    std::vector<Given> rest = give (owner, small, &totals);
    all.insert (all.end (), rest.begin (), rest.end ());
    clear (owner, small, 1);
    g_free (small);
    g_free (state);
    std::vector<std::string> results;
    for (const PlAggregateCall *call : calls)
      results.push_back (take (call, all, totals));
    return results;
  }

  std::string
  run (const char *name, const std::vector<const char *> &args, const std::vector<guint32> *groups = nullptr,
       guint n_groups = 1)
  {
    PlAggregateCall *call = bind (name, args);
    if (call == nullptr)
      return "refused";
    guint8 *states = (guint8 *) g_malloc (call->state_size * n_groups);
    init (call, states, n_groups);
    update (call, states, groups, nullptr);
    std::string result = finish (call, states, n_groups), message = error;
    clear (call, states, n_groups);
    g_free (states);
    for (guint seed = 0; seed < 6; seed++)
      EXPECT_EQ (run_split (call, groups, n_groups, 1 + seed, seed), result) << name << " with seed " << seed;
    EXPECT_EQ (error, message);
    for (guint seed = 0; seed < (grows (call) && n_groups == 1 ? 4u : 0u); seed++)
      EXPECT_EQ (run_values (call, {call}, 1 + seed, seed)[0], result) << name << " of values, with seed " << seed;
    pl_aggregate_call_free (call);
    return result;
  }

  // Whether states of @call grow with their rows: all that can go to disk do, but products of ints.
  static bool
  grows (const PlAggregateCall *call)
  {
    return call->aggregate->values != nullptr && call->aggregate->values->give != nullptr
           && !(strcmp (call->aggregate->name, "product") == 0 && call->result.kind == PL_INT);
  }
};
