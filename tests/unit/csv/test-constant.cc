/* A column of one value is what a column of fields with that text is. */
#include "fixture.h"

/* All that can be known of a row, as text. */
static std::string
describe (const PlColumn *column, gsize row, guint uses)
{
  PlColumn bare = *column;
  std::string all = pl_column_is_null (column, row) ? "null " : "";
  bare.lexical = nullptr;
  if (all.empty () && (column->type.kind == PL_STRING || (uses & PL_USE_VALUE) != 0))
    {
      PlBuffer buffer = PL_BUFFER_INIT;
      pl_print_value (&buffer, &bare, row);
      all += std::string (buffer.data, buffer.length);
      pl_buffer_clear (&buffer);
    }
  if (column->lexical != nullptr)
    all += " as " + std::string (column->lexical[row].data, column->lexical[row].length);
  if (column->exact != nullptr)
    {
      gint64 mantissa = column->exact[row];
      guint scale = column->exact_scales != nullptr ? column->exact_scales[row] : column->exact_scale;
      for (; scale > 0 && scale <= 18 && mantissa % 10 == 0; scale--)
        mantissa /= 10;
      all += " exactly " + std::to_string (mantissa) + "e-" + std::to_string (scale);
    }
  return all;
}

/* Expects that a column of @text in each row's field, and one of a path that says it, are the same. */
static void
compare (PlType type, const char *text, guint uses, gboolean decimal_comma)
{
  fixture::Source source ({type, type}, (guint8) uses, TRUE);
  source.source.dialect.delimiter = ';';
  source.source.dialect.decimal_comma = decimal_comma;
  char *values[] = {const_cast<char *> (text)};
  source.fields[1] = PL_FIELD_OF_PATH;
  source.file.n_fields = 1;
  source.file.path_values = values;
  std::string data = std::string (text) + "\n" + text + "\n" + text + "\n";
  PlSpan span = {};
  span.length = data.size ();
  span.line = 1;
  data.append (64, '\0');
  span.data = data.data ();
  PlCsvReader *reader = pl_csv_reader_new (&source.source);
  pl_csv_reader_open (reader, &span);
  PlArena *arena = pl_arena_new ();
  PlBatch batch;
  guint64 position = 0;
  pl_batch_init (&batch, source.source.schema, arena);
  ASSERT_TRUE (pl_csv_reader_read (reader, &batch, &position, nullptr)) << text;
  ASSERT_EQ (batch.n_rows, 3u);
  pl_batch_settle (&batch);
  for (gsize row = 0; row < 3; row++)
    EXPECT_EQ (describe (batch.columns[1], row, uses), describe (batch.columns[0], row, uses)) << text << " " << uses;
  pl_csv_reader_free (reader);
  pl_arena_free (arena);
}

TEST (Constant, IsAsAFieldOfEachRow)
{
  const struct
  {
    PlType type;
    const char *text;
  } cases[] = {
      {PL_TYPE (PL_STRING), "x"},         {PL_TYPE (PL_STRING), "007"},
      {PL_TYPE (PL_BOOL), "true"},        {PL_TYPE (PL_BOOL), "No"},
      {PL_TYPE (PL_INT), "-12"},          {PL_TYPE (PL_INT), "007"},
      {PL_TYPE (PL_FLOAT), "0.10"},       {PL_TYPE (PL_FLOAT), "-0.0"},
      {PL_TYPE (PL_FLOAT), "1e2"},        {PL_TYPE (PL_FLOAT), "0.1234567890123456789"},
      {PL_TYPE (PL_FLOAT), "1e300"},      {PL_TYPE (PL_FLOAT), "inf"},
      {PL_TYPE_DECIMAL (10, 2), "12.50"}, {PL_TYPE_DECIMAL (38, 0), "99999999999999999999999999999999999999"},
      {PL_TYPE (PL_DATE), "2024-02-29"},  {PL_TYPE (PL_TIMESTAMP), "2024-02-29 10:20:30.123456"},
  };
  for (const auto &it : cases)
    for (guint uses : {(guint) PL_USE_TEXT, (guint) PL_USE_VALUE, (guint) (PL_USE_TEXT | PL_USE_VALUE),
                       (guint) (PL_USE_VALUE | PL_USE_EXACT), (guint) (PL_USE_TEXT | PL_USE_VALUE | PL_USE_EXACT)})
      compare (it.type, it.text, uses, FALSE);
}

TEST (Constant, OfAnotherStyleIsAsAField)
{
  for (guint uses : {(guint) PL_USE_TEXT, (guint) (PL_USE_TEXT | PL_USE_VALUE | PL_USE_EXACT)})
    for (const char *text : {"1,50", "007", "-0,25"})
      for (PlType type : {PL_TYPE (PL_FLOAT), PL_TYPE_DECIMAL (10, 2)})
        compare (type, text, uses, TRUE);
}
