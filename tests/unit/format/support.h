/* Batches for the tests of formats, written as they read: Table ({ { "name", PL_TYPE (PL_INT) } }).row (…). */
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

extern "C"
{
#include "../../../pipeline/format/format.h"
#include "../../../pipeline/format/registry.h"
}

/* Columns are filled by the test; the batch lives as long as this. */
class Table
{
public:
  explicit Table (gsize n_rows) : n_rows_ (n_rows), arena_ (pl_arena_new ()), schema_ (pl_schema_new ())
  {
  }
  ~Table ()
  {
    pl_schema_unref (schema_);
    pl_arena_free (arena_);
  }
  Table (const Table &) = delete;
  Table &operator= (const Table &) = delete;

  PlColumn *
  add (const char *name, PlType type)
  {
    pl_schema_add (schema_, name, type);
    columns_.push_back (pl_column_new (arena_, type, n_rows_));
    return columns_.back ();
  }
  PlColumn *
  ints (const char *name, const std::vector<std::optional<gint64> > &values)
  {
    PlColumn *column = add (name, PL_TYPE (PL_INT));
    for (gsize i = 0; i < n_rows_; i++)
      set (column, i, values[i].has_value (), column->ints[i] = values[i].value_or (0));
    return column;
  }
  PlColumn *
  floats (const char *name, const std::vector<std::optional<double> > &values)
  {
    PlColumn *column = add (name, PL_TYPE (PL_FLOAT));
    for (gsize i = 0; i < n_rows_; i++)
      set (column, i, values[i].has_value (), column->floats[i] = values[i].value_or (0));
    return column;
  }
  PlColumn *
  strings (const char *name, const std::vector<std::optional<std::string> > &values, guint32 flags = 0)
  {
    PlColumn *column = add (name, PL_TYPE (PL_STRING));
    for (gsize i = 0; i < n_rows_; i++)
      set (column, i, values[i].has_value (), column->texts[i] = text (values[i].value_or (""), flags));
    return column;
  }
  void
  lexical (PlColumn *column, const std::vector<std::string> &texts)
  {
    column->lexical = static_cast<PlText *> (pl_arena_alloc (arena_, sizeof (PlText) * n_rows_));
    for (gsize i = 0; i < n_rows_; i++)
      column->lexical[i] = text (texts[i], 0);
  }
  /* The same, still in their records: an edge before each field and behind the last. */
  void
  sliced (guint first, const std::vector<const char *> &names, const std::vector<std::string> &records)
  {
    gsize stride = names.size () + 1;
    guint32 *edges = static_cast<guint32 *> (pl_arena_alloc (arena_, sizeof (guint32) * stride * n_rows_));
    std::string all;
    for (gsize row = 0; row < n_rows_; row++)
      {
        edges[row * stride] = static_cast<guint32> (all.size ()) - 1;
        all += records[row] + "\n";
        guint32 end = edges[row * stride];
        for (gsize field = 1; field < stride; field++)
          edges[row * stride + field] = end = static_cast<guint32> (all.find_first_of (",\n", end + 1));
      }
    const char *data = text (all, 0).data;
    for (gsize field = 0; field < names.size (); field++)
      {
        PlColumn *column = add (names[field], PL_TYPE (PL_STRING));
        column->texts = nullptr;
        column->raw = first + static_cast<guint> (field) + 1;
        column->slices = {data, edges + field, stride, nullptr, 0};
      }
  }
  /* Fields @names of @records, which are raw from field @first on, as a reader gives them. */
  void
  raw (guint first, const std::vector<const char *> &names, const std::vector<std::string> &records)
  {
    std::vector<PlColumn *> added;
    for (gsize field = 0; field < names.size (); field++)
      {
        added.push_back (add (names[field], PL_TYPE (PL_STRING)));
        added[field]->raw = first + static_cast<guint> (field) + 1;
      }
    for (gsize row = 0; row < n_rows_; row++)
      {
        PlText record = text (records[row], PL_TEXT_PLAIN);
        const char *start = record.data, *end = record.data + record.length;
        for (PlColumn *column : added)
          {
            const char *comma = std::find (start, end, ',');
            column->texts[row] = PlText{start, static_cast<guint32> (comma - start), PL_TEXT_PLAIN};
            set (column, row, comma > start, 0);
            start = comma + 1;
          }
      }
  }
  PlText
  text (const std::string &bytes, guint32 flags)
  {
    /* A heap copy of exactly this length: a sanitizer sees any read beyond it. */
    kept_.push_back (std::vector<char> (bytes.begin (), bytes.end ()));
    return PlText{kept_.back ().data (), static_cast<guint32> (bytes.size ()), flags};
  }
  PlSchema *
  schema ()
  {
    return schema_;
  }
  PlBatch *
  batch ()
  {
    pl_batch_init (&batch_, schema_, arena_);
    for (gsize i = 0; i < columns_.size (); i++)
      batch_.columns[i] = columns_[i];
    batch_.n_rows = n_rows_;
    return &batch_;
  }

private:
  template <typename T>
  void
  set (PlColumn *column, gsize row, bool present, const T &)
  {
    if (present)
      return;
    pl_column_add_nulls (column, arena_, n_rows_);
    column->nulls[row] = 1;
  }
  gsize n_rows_;
  PlArena *arena_;
  PlSchema *schema_;
  std::vector<PlColumn *> columns_;
  std::vector<std::vector<char> > kept_;
  PlBatch batch_;
};

/* Options with a format's defaults; strings are borrowed from literals. */
static inline PlFormatOptions
options_for (const char *format)
{
  PlFormatOptions options = {};
  options.format = pl_format_find (format);
  options.header = TRUE;
  options.null_text = const_cast<char *> ("");
  options.quoting = PlFormatOptions::PL_QUOTING_MINIMAL;
  return options;
}

/* Everything a sink would write for the one batch. */
static inline std::string
render (const PlFormatOptions &options, Table &table, GError **error = nullptr)
{
  PlBuffer rows = PL_BUFFER_INIT;
  PlBuffer out = PL_BUFFER_INIT;
  std::string result;

  if (options.format->layout == nullptr)
    options.format->begin (&options, table.schema (), &out);
  PlBuffer *target = options.format->layout == nullptr ? &out : &rows;
  gboolean ok = options.format->rows (&options, table.batch (), target, error);
  if (ok && options.format->layout != nullptr)
    ok = options.format->layout (&options, table.schema (), &rows, &out, error);
  if (ok && out.length > 0)
    result.assign (out.data, out.length);
  pl_buffer_clear (&rows);
  pl_buffer_clear (&out);
  return result;
}
