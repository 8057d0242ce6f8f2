/* Comparing first records, as libcsv reads them: quotes and line ends may be written in other ways. */
#include "csv-append.h"

#include <csv.h>
#include <string.h>

#include "../base/error.h"
#include "../base/show.h"
#include "csv-cells.h"

/* Longest part of a first record shown in a message. */
#define SHOWN_BYTES 200

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

/* Blanks around a name belong to it. */
static int
is_no_space (unsigned char c)
{
  (void) c;
  return 0;
}

/* @shown: (out) (transfer full): its first line as it stands, for a message.
 * Returns: (transfer full): the fields of the first record of @text from @at on, none where there is no record. */
static GPtrArray *
read_first (const PlBuffer *text, gsize at, char delimiter, char **shown)
{
  const gsize start = at;
  Record record = {g_ptr_array_new_with_free_func (g_free), FALSE};
  struct csv_parser parser;
  if (csv_init (&parser, 0) != 0)
    g_error ("failed to allocate a parser");
  csv_set_space_func (&parser, is_no_space);
  csv_set_delim (&parser, (unsigned char) delimiter);
  for (; at < text->length && !record.done; at++)
    csv_parse (&parser, text->data + at, 1, take_field, end_record, &record);
  csv_fini (&parser, take_field, end_record, &record);
  csv_free (&parser);
  for (gsize end = start; end < at; end++)
    if (text->data[end] == '\n' || text->data[end] == '\r')
      at = end;
  *shown = pl_show_some (text->data + start, at - start, SHOWN_BYTES);
  return record.fields;
}

/* @any: whether they have some name in common. */
static gboolean
are_equal (const GPtrArray *there, const GPtrArray *ours, gboolean *any)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean equal = there->len == ours->len;
  for (guint i = 0; i < ours->len; i++)
    g_hash_table_add (names, g_ptr_array_index (ours, i));
  *any = FALSE;
  for (guint i = 0; i < there->len; i++)
    {
      const char *name = g_ptr_array_index (there, i);
      equal = equal && strcmp (name, g_ptr_array_index (ours, i)) == 0;
      *any = *any || g_hash_table_contains (names, name);
    }
  return equal;
}

gboolean
pl_csv_append (const PlFormatOptions *options, const PlSchema *schema, const PlBuffer *begun, const char *name,
               GError **error)
{
  static const char mark[] = "\xef\xbb\xbf";
  const char delimiter = pl_csv_delimiter (options);
  const gboolean marked = begun->length >= 3 && memcmp (begun->data, mark, 3) == 0;
  gboolean any;
  g_auto (PlBuffer) header = PL_BUFFER_INIT;
  PlFormatOptions unmarked = *options;
  unmarked.has_mark = FALSE;
  options->format->begin (&unmarked, schema, &header);
  if (header.length == 0)
    return TRUE;
  g_autofree char *a = NULL, *b = NULL;
  g_autoptr (GPtrArray) there = read_first (begun, marked ? 3 : 0, delimiter, &a);
  g_autoptr (GPtrArray) ours = read_first (&header, 0, delimiter, &b);
  if (are_equal (there, ours, &any))
    return TRUE;
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
               "cannot append to %s: it begins with '%s', and the rows have '%s'; %s, or write to another file", name,
               a, b,
               any           ? "select its columns"
               : a[0] == '{' ? "set format = jsonl where it has JSON lines"
                             : "set header = false where it has no header, delimiter where it has another");
  return FALSE;
}
