/* Sources made by hand, and what a reader gives for a text, as strings. */
#pragma once
#include <gtest/gtest.h>
#include <glib.h>

#include "../../../pipeline/csv/reader.h"
#include "../../../pipeline/table/print.h"
#include "../../../pipeline/csv/reject.h"
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace fixture
{

/* Of a pinned column, or of one whose values so far are the plainest of its type. */
inline PlReading
reading_of (PlType type, gboolean pin)
{
  PlReading reading = {};
  reading.is_pinned = reading.is_certain = pin != FALSE;
  static const PlSeen seen[] = {PL_SEEN_EMPTY, PL_SEEN_BOOL, PL_SEEN_INT,  PL_SEEN_FLOAT,
                                PL_SEEN_BIG,   PL_SEEN_TEXT, PL_SEEN_DATE, PL_SEEN_TIMESTAMP};
  if (!pin && type.kind != PL_NULL)
    reading.guess.seen = 1u << (type.kind == PL_TIMESTAMP && type.zoned ? PL_SEEN_ZONED : seen[type.kind]);
  return reading;
}

struct Source
{
  PlSource source = {};
  PlSourceFile file = {};
  std::vector<PlReading> readings;
  std::vector<guint8> uses;
  std::vector<gint> fields;

  Source (const std::vector<PlType> &types, guint8 use, gboolean pin = FALSE)
  {
    source.name = (char *) "flights";
    source.encoding = (char *) "utf-8";
    source.dialect.delimiter = ',';
    source.dialect.quote = '"';
    source.dialect.escape = '"';
    source.schema = pl_schema_new ();
    const char *names[] = {"a", "b", "c", "d", "e"};
    for (size_t i = 0; i < types.size (); i++)
      {
        pl_schema_add (source.schema, i < 5 ? names[i] : ("c" + std::to_string (i)).c_str (), types[i]);
        fields.push_back ((gint) i);
        uses.push_back (use);
        readings.push_back (reading_of (types[i], pin));
      }
    file.path = file.display = (char *) "flights.csv";
    file.n_fields = (guint) types.size ();
    file.fields = fields.data ();
    source.readings = readings.data ();
    source.uses = uses.data ();
    source.files = g_ptr_array_new ();
    g_ptr_array_add (source.files, &file);
    source.max_record_size = 16 << 20;
    source.limit = source.max_bad_rows = G_MAXUINT64;
    source.max_bad_share = 1;
  }
  ~Source ()
  {
    pl_schema_unref (source.schema);
    g_ptr_array_unref (source.files);
  }
  Source (const Source &) = delete;
};

inline std::vector<PlType>
strings (size_t n)
{
  return std::vector<PlType> (n, PL_TYPE (PL_STRING));
}

struct Result
{
  std::vector<std::vector<std::string> > rows; /* null: "NULL" */
  std::vector<guint32> numbers;                /* low half of each row's position */
  std::vector<std::string> rejects;            /* "line: reason: raw" */
  std::string error;
  int code = -1;
  guint64 position = 0;
  guint64 records = 0;
};

/* Adds what the reader gives for @span, batch by batch, with rows of a failure's batch before the failure. */
inline void
read_span (PlCsvReader *reader, PlSource *source, const PlSpan *span, Result *result)
{
  pl_csv_reader_open (reader, span);
  PlArena *arena = pl_arena_new ();
  for (;;)
    {
      PlBatch batch;
      pl_arena_reset (arena);
      pl_batch_init (&batch, source->schema, arena);
      GError *error = nullptr;
      if (!pl_csv_reader_read (reader, &batch, &result->position, &error))
        {
          result->error = error->message;
          result->code = error->code;
          g_error_free (error);
          break;
        }
      if (batch.n_rows == 0)
        break;
      pl_batch_settle (&batch);
      for (size_t row = 0; row < batch.n_rows; row++)
        {
          std::vector<std::string> fields;
          for (guint i = 0; i < source->schema->n_fields; i++)
            {
              const PlColumn *column = batch.columns[i];
              if (column == nullptr)
                continue;
              /* Where only exact decimals were asked for. */
              if (column->type.kind == PL_FLOAT && column->floats == nullptr)
                continue;
              PlBuffer buffer = PL_BUFFER_INIT;
              pl_print_value (&buffer, column, row);
              fields.push_back (pl_column_is_null (column, row) ? "NULL" : std::string (buffer.data, buffer.length));
              pl_buffer_clear (&buffer);
            }
          result->rows.push_back (fields);
          result->numbers.push_back ((guint32) pl_batch_position (&batch, row));
        }
    }
  const GArray *rejects = pl_csv_reader_rejects (reader);
  for (guint i = 0; i < rejects->len; i++)
    {
      const PlReject *reject = &g_array_index (rejects, PlReject, i);
      result->rejects.push_back (std::to_string (reject->line) + ": " + reject->reason + ": "
                                 + std::string (reject->raw, reject->raw_length));
    }
  result->records += pl_csv_reader_records (reader);
  pl_arena_free (arena);
}

/* What a reader gives for all blocks of @text, each surveyed by it on the way. */
inline Result
read_in_blocks (PlSource *source, const std::string &text, size_t block, size_t ahead)
{
  Result all;
  std::string data = text + std::string (64, '"');
  PlCsvReader *reader = pl_csv_reader_new (source);
  PlLexPoint start = {PL_LEX_RECORD, 0, 1};
  for (size_t offset = 0; offset < text.size (); offset += block)
    {
      size_t length = std::min (block, text.size () - offset), rest = text.size () - offset - length;
      const char *bytes = data.data () + offset;
      gint before = offset == 0 ? -1 : (guint8) bytes[-1];
      PlSurvey survey, alone;
      pl_csv_reader_survey (reader, 0, bytes, length, std::min (ahead, rest), before, &survey);
      pl_csv_survey (&source->dialect, bytes, length, before, &alone);
      EXPECT_EQ (survey.regular[0], alone.regular[0]);
      EXPECT_EQ (survey.regular[1], alone.regular[1]);
      EXPECT_EQ (survey.parity, alone.parity);
      EXPECT_EQ (survey.lines, alone.lines);
      EXPECT_EQ (survey.leading_lf, alone.leading_lf);
      EXPECT_EQ (survey.before, alone.before);
      EXPECT_EQ (survey.last, alone.last);
      PlLexPoint end = pl_csv_resolve (&source->dialect, &survey, bytes, length, start), tail = end, point;
      gsize first = pl_csv_first_record (&source->dialect, bytes, length, start, &point), behind;
      if (first < length)
        {
          if (!pl_csv_record_end (&source->dialect, bytes + length, rest, &tail, &behind))
            behind = rest;
          PlSpan span = {};
          span.data = bytes + first;
          span.length = length - first + behind;
          span.line = point.line;
          read_span (reader, source, &span, &all);
        }
      start = end;
    }
  pl_csv_reader_free (reader);
  return all;
}

/* What the reader gives for @text as one span. */
inline Result
read (PlSource *source, const std::string &text, size_t padding = 64)
{
  Result result;
  /* Behind the span stands what would change everything, were it read. */
  std::string padded = text + std::string (padding, '"');
  PlCsvReader *reader = pl_csv_reader_new (source);
  PlSpan span = {};
  span.data = padded.data ();
  span.length = text.size ();
  span.line = 2;
  span.position = (guint64) 7 << 32;
  span.final = TRUE;
  read_span (reader, source, &span, &result);
  pl_csv_reader_free (reader);
  return result;
}

} // namespace fixture
