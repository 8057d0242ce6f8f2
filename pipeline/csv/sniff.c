/* Kinds of files by their first bytes, and delimiters by whether they divide every record into as many fields. Nothing
 * is guessed: what is unclear is refused, with what was found. */
#include "sniff.h"

#include <string.h>
#include "automaton.h"

/* Another mark in it tells what an archive is; it comes early. */
#define ARCHIVE_BYTES PL_SNIFF_DOCUMENT
/* Where a tar archive says what it is, behind the first file's name and attributes. */
#define TAR_MAGIC 257

const char *
pl_sniff_document (const char *data, gsize length)
{
  gsize n = MIN (length, ARCHIVE_BYTES);
  if (memmem (data, n, "xl/", 3) != NULL || memmem (data, n, "[Content_Types].xml", 19) != NULL)
    return PL_SNIFF_WORKBOOK;
  if (memmem (data, n, "opendocument", 12) != NULL)
    return PL_SNIFF_OPEN_DOCUMENT;
  return NULL;
}

const char *
pl_sniff_kind (const char *data, gsize length)
{
  static const struct
  {
    const char *magic;
    gsize length;
    const char *kind;
  } kinds[] = {
      {"\xff\xfe\0\0", 4, "text of UTF-32; set encoding = utf-32"},
      {"\xff\xfe", 2, "text of UTF-16; set encoding = utf-16"},
      {"\xfe\xff", 2, "text of UTF-16; set encoding = utf-16"},
      {"PAR1\x15", 5, "a Parquet file, no CSV; write it as CSV first"},
      {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "an Excel workbook (xls), no CSV; save it as CSV first"},
      {"ARROW1\0", 7, "an Arrow file, no CSV; write it as CSV first"},
      {"Obj\x01", 4, "an Avro file, no CSV; write it as CSV first"},
      {"SQLite format 3\0", 16, "an SQLite database, no CSV; write its tables as CSV first"},
      {"%PDF-", 5, "a PDF, no CSV"},
      {"7z\xbc\xaf\x27\x1c", 6, "a 7z archive; unpack it first"},
      {"Rar!\x1a\x07", 6, "a rar archive; unpack it first"},
      {"\x1f\x9d", 2, "packed by compress (.Z); unpack it first, or pack it with gzip"},
  };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (length >= kinds[i].length && memcmp (data, kinds[i].magic, kinds[i].length) == 0)
      return kinds[i].kind;
  if (length >= TAR_MAGIC + 5 && memcmp (data + TAR_MAGIC, "ustar", 5) == 0)
    return "a tar archive; unpack it first, as tar -xf does";
  if (data != NULL && length >= 4 && memcmp (data, "PK\x03\x04", 4) == 0)
    {
      const char *document = pl_sniff_document (data, length);
      return document != NULL ? document : PL_SNIFF_ZIP;
    }
  if (length >= 4 && data[0] != '\0' && data[1] == '\0' && data[2] != '\0' && data[3] == '\0')
    return "text of UTF-16; set encoding = utf-16le";
  if (length >= 4 && data[0] == '\0' && data[1] != '\0' && data[2] == '\0' && data[3] != '\0')
    return "text of UTF-16; set encoding = utf-16be";
  return NULL;
}

static guint
count_fields (const PlAutomaton *automaton, const char *data, gsize start, gsize end)
{
  PlFieldWalk field = {.start = start};
  guint8 state = PL_LEX_RECORD;
  guint n = 1;
  gsize behind;
  for (gsize p = start; p < end; p++)
    {
      guint8 next = automaton->next[state][automaton->classes[(guint8) data[p]]];
      n += pl_automaton_field (automaton, &field, state, next, p, &behind);
      state = next;
    }
  return n;
}

/* The next record of @data. Returns: %FALSE when there is none that is whole. */
static gboolean
next_record (const PlAutomaton *automaton, const PlDialect *dialect, const char *data, gsize length, gboolean is_whole,
             PlLexPoint *point, gsize *start, PlRecordWalk *walk)
{
  for (; walk->next < length;)
    {
      *start = walk->next;
      *walk = pl_automaton_record (automaton, dialect, data, length, *start, point);
      if (!walk->is_whole && !is_whole)
        return FALSE;
      if (walk->is_record)
        return TRUE;
    }
  return FALSE;
}

/* How many fields each whole record of @data has; 0: they differ, or there is none. */
static guint
sniff_fields (const PlDialect *dialect, const char *data, gsize length, gboolean is_whole, guint *n_records)
{
  PlAutomaton automaton;
  pl_automaton_init (&automaton, dialect);
  PlLexPoint point = {.state = PL_LEX_RECORD};
  PlRecordWalk walk = {0};
  gsize start;
  guint n = 0;
  *n_records = 0;
  while (next_record (&automaton, dialect, data, length, is_whole, &point, &start, &walk))
    {
      guint fields = count_fields (&automaton, data, start, walk.end);
      if ((*n_records)++ > 0 && fields != n)
        return 0;
      n = fields;
    }
  return n;
}

gboolean
pl_sniff_trailing (const PlDialect *dialect, const char *data, gsize length, gboolean is_whole, guint n)
{
  PlAutomaton automaton;
  pl_automaton_init (&automaton, dialect);
  PlLexPoint point = {.state = PL_LEX_RECORD};
  PlRecordWalk walk = {0};
  gsize start;
  guint n_records = 0;
  for (; next_record (&automaton, dialect, data, length, is_whole, &point, &start, &walk); n_records++)
    if (walk.end == start || data[walk.end - 1] != dialect->delimiter
        || count_fields (&automaton, data, start, walk.end) != n + 1)
      return FALSE;
  return n_records >= 2;
}

static const struct
{
  char character;
  const char *name;
} candidates[] = {{',', "comma"}, {';', "semicolon"}, {'\t', "tab"}, {'|', "pipe"}};

/* How many fields every record has with @character as the delimiter; 0: it cannot be one, or they differ. */
static guint
try (const PlDialect *dialect, char character, const char *data, gsize length, gboolean is_whole, guint *n_records)
{
  PlDialect tried = *dialect;
  *n_records = 0;
  if (character == dialect->quote || character == dialect->escape || strchr (dialect->comment, character) != NULL)
    return 0;
  tried.delimiter = character;
  tried.separator[0] = '\0';
  tried.blanks = FALSE;
  return sniff_fields (&tried, data, length, is_whole, n_records);
}

char
pl_sniff_delimiter (const PlDialect *dialect, const char *data, gsize length, gboolean is_whole, char **why_not)
{
  g_autoptr (GString) found = g_string_new (NULL);
  guint n_found = 0, n_records;
  gboolean any = FALSE;
  char delimiter = ',';
  *why_not = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      if (memchr (data, candidates[i].character, length) == NULL)
        continue;
      any = TRUE;
      guint n = try (dialect, candidates[i].character, data, length, is_whole, &n_records);
      if (n <= 1)
        continue;
      delimiter = candidates[i].character;
      g_string_append_printf (found, "%s%s gives %u", n_found++ > 0 ? ", " : "", candidates[i].name, n);
    }
  if (n_found == 1 || !any)
    return delimiter;
  *why_not = n_found > 1
                 ? g_strdup_printf ("%s fields in every row", found->str)
                 : g_strdup ("neither comma, semicolon, tab nor pipe gives the same number of fields in every row");
  return '\0';
}

char *
pl_sniff_other (const PlDialect *dialect, const char *data, gsize length, gboolean is_whole)
{
  guint n_records;
  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      char other = candidates[i].character;
      if (other == dialect->delimiter || memchr (data, other, length) == NULL)
        continue;
      guint n = try (dialect, other, data, length, is_whole, &n_records);
      if (n > 1 && n_records > 1)
        return g_strdup_printf ("delimiter = %s would give %u fields in every row", candidates[i].name, n);
    }
  return NULL;
}
