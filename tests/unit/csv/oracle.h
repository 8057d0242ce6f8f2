/* What libcsv makes of a text: the reference for boundaries and for the reader. Of text behind closing quotes, which
 * libcsv takes for quoted, the reference is the csv module of Python. */
#pragma once
#include <csv.h>
#include <string>
#include <vector>

namespace oracle
{

using Records = std::vector<std::vector<std::string> >;

/* Whether all takes some twenty times as long here. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool watched = true;
#else
constexpr bool watched = false;
#endif

/* How many random texts a test reads, of the @n that it reads without sanitizers. */
constexpr int
texts (int n)
{
  return watched ? n / 10 : n;
}

struct Collector
{
  Records records;
  std::vector<std::string> fields;
};

inline void
field (void *data, size_t length, void *collector)
{
  static_cast<Collector *> (collector)->fields.emplace_back (static_cast<const char *> (data), length);
}

inline void
record (int, void *collector)
{
  auto *self = static_cast<Collector *> (collector);
  self->records.push_back (std::move (self->fields));
  self->fields.clear ();
}

inline int
no_space (unsigned char)
{
  return 0;
}

/* As Python's csv module reads, without its strictness. @tail: whether text stands behind a closing quote; @unclosed:
 * whether a quote is open at the end. */
inline Records
read_plainly (const std::string &text, char delimiter, char quote, bool *tail, bool *unclosed)
{
  Records records;
  std::vector<std::string> fields;
  std::string field;
  enum
  {
    START,
    PLAIN,
    QUOTED,
    CLOSED
  } state
      = START;
  bool open = false;
  *tail = false;
  auto end_record = [&] {
    if (open)
      {
        fields.push_back (field);
        records.push_back (fields);
      }
    fields.clear ();
    field.clear ();
    state = START;
    open = false;
  };
  for (char c : text)
    {
      if (state == QUOTED)
        {
          if (c == quote)
            state = CLOSED;
          else
            field += c;
        }
      else if (c == '\n' || c == '\r')
        end_record ();
      else if (c == delimiter)
        {
          fields.push_back (field);
          field.clear ();
          state = START;
          open = true;
        }
      else if (c == quote && (state == START || state == CLOSED))
        {
          if (state == CLOSED)
            field += c;
          state = QUOTED;
          open = true;
        }
      else
        {
          *tail = *tail || state == CLOSED;
          field += c;
          state = PLAIN;
          open = true;
        }
    }
  *unclosed = state == QUOTED;
  end_record ();
  return records;
}

inline Records
read (const std::string &text, char delimiter = ',', char quote = '"')
{
  bool tail, unclosed;
  Records plainly = read_plainly (text, delimiter, quote, &tail, &unclosed);
  if (tail)
    return plainly;
  struct csv_parser parser;
  csv_init (&parser, 0);
  csv_set_space_func (&parser, no_space);
  csv_set_delim (&parser, (unsigned char) delimiter);
  csv_set_quote (&parser, (unsigned char) quote);
  Collector collector;
  csv_parse (&parser, text.data (), text.size (), field, record, &collector);
  csv_fini (&parser, field, record, &collector);
  csv_free (&parser);
  return collector.records;
}

/* A small generator with a fixed sequence, the same on every machine. */
struct Random
{
  guint64 state;
  guint32
  next ()
  {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (guint32) (state >> 33);
  }
  guint32
  below (guint32 n)
  {
    return next () % n;
  }
};

} // namespace oracle
