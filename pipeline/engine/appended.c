/* Comparing first records, as libcsv reads them: quotes and line ends may be written in other ways. See appended.h. */
#include "appended.h"

#include <csv.h>
#include <string.h>

#include "../base/error.h"

/* The first record of a text. */
typedef struct
{
  GPtrArray *fields; /* of char * */
  gboolean done;
} Record;

static void
take_field (void *text, size_t length, void *data)
{
  Record *record = data;
  if (!record->done)
    g_ptr_array_add (record->fields, g_strndup (text, length));
}

static void
end_record (int terminator, void *data)
{
  (void) terminator;
  ((Record *) data)->done = TRUE;
}

/* Returns: (transfer full): its fields, %NULL where the record does not end in @text, from @at on. */
static GPtrArray *
read_first (const PlBuffer *text, gsize at, char delimiter)
{
  Record record = {g_ptr_array_new_with_free_func (g_free), FALSE};
  struct csv_parser parser;
  if (csv_init (&parser, 0) != 0)
    g_error ("failed to allocate a parser");
  csv_set_delim (&parser, (unsigned char) delimiter);
  for (; at < text->length && !record.done; at++)
    csv_parse (&parser, text->data + at, 1, take_field, end_record, &record);
  csv_free (&parser);
  if (record.done)
    return record.fields;
  g_ptr_array_unref (record.fields);
  return NULL;
}

static char *
join (const GPtrArray *fields, char delimiter)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < fields->len; i++)
    {
      if (i > 0)
        g_string_append_c (text, delimiter);
      g_string_append (text, g_ptr_array_index (fields, i));
    }
  return g_string_free (text, FALSE);
}

/* Whether @there can stand above rows that have @ours. */
static gboolean
is_fitting (const GPtrArray *there, const GPtrArray *ours)
{
  gboolean same = there->len == ours->len, any = FALSE;
  for (guint i = 0; i < there->len; i++)
    {
      const char *name = g_ptr_array_index (there, i);
      same = same && strcmp (name, g_ptr_array_index (ours, i)) == 0;
      any = any || g_ptr_array_find_with_equal_func ((GPtrArray *) ours, name, g_str_equal, NULL);
    }
  return same || (there->len == ours->len && !any);
}

gboolean
pl_appended_check (const PlBuffer *begun, const PlBuffer *header, char delimiter, const char *name, GError **error)
{
  static const char mark[] = "\xef\xbb\xbf";
  gboolean marked = begun->length >= 3 && memcmp (begun->data, mark, 3) == 0;
  g_autoptr (GPtrArray) there = read_first (begun, marked ? 3 : 0, delimiter);
  g_autoptr (GPtrArray) ours = read_first (header, 0, delimiter);
  if (there == NULL || ours == NULL || is_fitting (there, ours))
    return TRUE;
  g_autofree char *a = join (there, delimiter), *b = join (ours, delimiter);
  g_set_error (
      error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
      "cannot append to %s: it begins with '%s', and the rows have '%s'; select its columns, or write to another "
      "file",
      name, a, b);
  return FALSE;
}
