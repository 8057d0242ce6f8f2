/* A column of nothing but nulls stands for one of any type: whatever takes a column of some type in a place takes it
 * there, and makes null of it where it makes null of nulls; and what comes out fits wherever it does then. */
#include "harness.h"

#include <vector>

namespace
{

const PlType types[] = {
    {PL_BOOL, 0, 0, 0},   {PL_INT, 0, 0, 0},  {PL_FLOAT, 0, 0, 0},     {PL_DECIMAL, 18, 2, 0},
    {PL_STRING, 0, 0, 0}, {PL_DATE, 0, 0, 0}, {PL_TIMESTAMP, 0, 0, 0}, {PL_TIMESTAMP, 0, 0, 1},
};
const char *const names[] = {"bo", "it", "fl", "de", "st", "da", "ti", "zo"};

/* Two rows of small values in a column of each type, and nulls in `nu`. */
struct Columns
{
  PlArena *arena = pl_arena_new ();
  PlSchema *schema = pl_schema_new ();
  PlBatch batch;

  Columns ()
  {
    for (guint i = 0; i < G_N_ELEMENTS (types); i++)
      pl_schema_add (schema, names[i], types[i]);
    pl_schema_add (schema, "nu", PlType{PL_NULL, 0, 0, 0});
    pl_batch_init (&batch, schema, arena);
    batch.n_rows = 2;
    for (guint i = 0; i < G_N_ELEMENTS (types); i++)
      {
        PlColumn *column = batch.columns[i] = pl_column_new (arena, types[i], 2);
        memset (column->values, 0, 2 * pl_type_width (types[i]));
        for (guint row = 0; row < 2 && types[i].kind == PL_STRING; row++)
          column->texts[row] = PlText{"1", 1, 0};
        for (guint row = 0; row < 2 && types[i].kind == PL_INT; row++)
          column->ints[row] = 1 + row;
      }
    batch.columns[G_N_ELEMENTS (types)] = pl_column_null (arena, PlType{PL_NULL, 0, 0, 0}, 2);
  }
  ~Columns ()
  {
    pl_schema_unref (schema);
    pl_arena_free (arena);
  }

  /* Returns: (nullable): the expression, if its types fit; else @message is why not. */
  PlExpression *
  check (const std::string &text, std::string *message = nullptr)
  {
    guint offset = 0;
    GError *error = nullptr;
    PlExpression *expression = pl_expression_parse (text.c_str (), &offset, &error);
    EXPECT_NE (expression, nullptr) << text;
    if (expression != nullptr && pl_expression_check (expression, schema, pl_function_table (), &offset, &error))
      return expression;
    if (message != nullptr)
      *message = error->message;
    g_clear_error (&error);
    pl_expression_free (expression);
    return nullptr;
  }

  bool
  fits (const std::string &text)
  {
    g_autoptr (PlExpression) expression = check (text);
    return expression != nullptr;
  }

  /* @text, in which a column of nulls stands where one of another type would fit. */
  PlType
  expect (const std::string &text, bool is_null)
  {
    std::string message;
    GError *error = nullptr;
    g_autoptr (PlExpression) expression = check (text, &message);
    EXPECT_NE (expression, nullptr) << text << ": " << message;
    if (expression == nullptr)
      return {};
    PlColumn *column = pl_expression_evaluate (expression, &batch, &error);
    EXPECT_NE (column, nullptr) << text << ": " << error->message;
    if (column == nullptr)
      return {};
    for (gsize row = 0; row < 2 && is_null; row++)
      EXPECT_TRUE (pl_column_is_null (column, row)) << text;
    return pl_expression_type (expression);
  }
};

std::string
join (const std::vector<std::string> &parts, const char *separator)
{
  std::string text;
  for (gsize i = 0; i < parts.size (); i++)
    text += (i > 0 ? separator : "") + parts[i];
  return text;
}

/* Which types fit wherever one does, by their places in `names`. */
struct Covers
{
  bool does[G_N_ELEMENTS (types)][G_N_ELEMENTS (types)];

  void
  meet (Columns &columns, const std::string &before, const std::string &behind)
  {
    bool takes[G_N_ELEMENTS (types)];
    for (guint i = 0; i < G_N_ELEMENTS (types); i++)
      takes[i] = columns.fits (before + names[i] + behind);
    for (guint i = 0; i < G_N_ELEMENTS (types); i++)
      for (guint j = 0; j < G_N_ELEMENTS (types); j++)
        does[i][j] = does[i][j] && (!takes[i] || takes[j]);
  }

  Covers ()
  {
    Columns columns;
    memset (does, TRUE, sizeof does);
    for (const char *other : names)
      for (const char *operation : {"+", "-", "*", "/", "//", "%", "**", "=", "<", "||", "and", "like"})
        {
          meet (columns, "", std::string (" ") + operation + " " + other);
          meet (columns, std::string (other) + " " + operation + " ", "");
        }
    for (const PlFunction *const *all = pl_functions (); *all != nullptr; all++)
      {
        const std::string call = std::string ((*all)->name) + "(";
        meet (columns, call, ")");
        for (const char *other : names)
          {
            meet (columns, call, std::string (", ") + other + ")");
            meet (columns, call + other + ", ", ")");
          }
      }
  }

  static guint
  place_of (PlType type)
  {
    guint place = 0;
    while (types[place].kind != type.kind || types[place].zoned != type.zoned)
      place++;
    return place;
  }
};

/* Everything that @build makes of @n operands, each of a type or of @others, is tried; where types fit, it is tried
 * again with each of them null. */
template <typename Build>
guint
try_all (guint n, const std::vector<std::string> &others, bool is_null, Build build)
{
  static const Covers covers;
  Columns columns;
  std::vector<std::string> candidates (names, names + G_N_ELEMENTS (names));
  candidates.push_back ("nu");
  candidates.insert (candidates.end (), others.begin (), others.end ());
  guint n_tried = 0, n_all = 1;
  for (guint i = 0; i < n; i++)
    n_all *= (guint) candidates.size ();
  for (guint code = 0; code < n_all; code++)
    {
      std::vector<std::string> operands;
      for (guint i = 0, rest = code; i < n; i++, rest /= (guint) candidates.size ())
        operands.push_back (candidates[rest % candidates.size ()]);
      g_autoptr (PlExpression) filled = columns.check (build (operands));
      if (filled == nullptr)
        continue;
      const PlType type = pl_expression_type (filled);
      for (guint i = 0; i < n; i++)
        {
          /* Constants stay: they say what is to be done. */
          if (operands[i].size () != 2 || operands[i] == "nu")
            continue;
          std::vector<std::string> with = operands;
          with[i] = "nu";
          const PlType found = columns.expect (build (with), is_null);
          const bool is_covered = found.kind == PL_NULL || type.kind == PL_NULL
                                  || covers.does[Covers::place_of (type)][Covers::place_of (found)];
          EXPECT_TRUE (is_covered) << build (with) << " is " << pl_type_name (found) << ", and " << build (operands)
                                   << " is " << pl_type_name (type);
          n_tried++;
        }
    }
  return n_tried;
}

TEST (Nulls, FitEveryOperator)
{
  for (const char *operation : {"+", "-", "*", "/", "//", "%", "**", "=", "!=", "<", "<=", ">", ">=", "||", "like"})
    EXPECT_GT (try_all (2, {}, true,
                        [&] (const std::vector<std::string> &operands) {
                          return operands[0] + " " + operation + " " + operands[1];
                        }),
               0u)
        << operation;
  for (const char *operation : {"and", "or"})
    EXPECT_GT (try_all (2, {}, false,
                        [&] (const std::vector<std::string> &operands) {
                          return operands[0] + " " + operation + " " + operands[1];
                        }),
               0u);
}

TEST (Nulls, FitEveryForm)
{
  const struct
  {
    const char *before, *separators[2], *behind;
    guint n;
    bool is_null;
  } forms[] = {
      {"-", {}, "", 1, true},
      {"not ", {}, "", 1, true},
      {"", {}, " is null", 1, false},
      {"", {" in (", ", "}, ")", 3, false},
      {"", {" between ", " and "}, "", 3, false},
      {"case ", {" when ", " then 1 else "}, " end", 3, false},
      {"case when bo then ", {" else "}, " end", 2, false},
      {"coalesce(", {", ", ", "}, ")", 3, false},
      {"if(", {", ", ", "}, ")", 3, false},
  };
  for (const auto &form : forms)
    EXPECT_GT (try_all (form.n, {"1", "'1'"}, form.is_null,
                        [&] (const std::vector<std::string> &operands) {
                          std::string text = form.before + operands[0];
                          for (guint i = 1; i < form.n; i++)
                            text += form.separators[i - 1] + operands[i];
                          return text + form.behind;
                        }),
               0u)
        << form.before;
  for (PlType type : types)
    {
      Columns columns;
      columns.expect (std::string ("cast(nu as ") + (type.zoned ? "timestamp" : pl_type_name (type)) + ")", true);
    }
}

TEST (Nulls, FitEveryFunction)
{
  guint n_tried = 0;
  for (const PlFunction *const *all = pl_functions (); *all != nullptr; all++)
    {
      const PlFunction *function = *all;
      const guint most = function->max_args == 0 ? MAX (function->min_args, 2) : MIN (function->max_args, 3);
      guint n_of_this = function->max_args == 0 && function->min_args == 0;
      for (guint n = MAX (function->min_args, 1); n <= most; n++)
        n_of_this += try_all (n, {"1", "'day'", "'%Y-%m-%d'"}, !function->handles_nulls,
                              [&] (const std::vector<std::string> &operands) {
                                return std::string (function->name) + "(" + join (operands, ", ") + ")";
                              });
      EXPECT_GT (n_of_this, 0u) << function->name;
      n_tried += n_of_this;
    }
  EXPECT_GT (n_tried, 1000u);
}

TEST (Nulls, MayBeTimes)
{
  Columns columns;
  for (const char *text : {"nu - da", "da - nu", "nu + da", "da + nu", "nu - ti", "ti - nu", "nu + ti", "ti + nu",
                           "nu - zo", "zo - nu", "nu + zo", "zo + nu", "nu - nu", "(ti - nu) / 2", "(da - nu) * 2"})
    columns.expect (text, true);
}

} // namespace
