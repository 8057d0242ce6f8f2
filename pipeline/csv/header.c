/* The first bytes of a file: skipped lines, the header, and a sample of the records behind it. libcsv reads the header;
 * only dialects that it does not know are cut by the automaton. */
#include "header.h"
#include <csv.h>

#include "../base/error.h"
#include "../base/name.h"
#include "../base/show.h"
#include "automaton.h"
#include "fields.h"
#include "sniff.h"
#include "source-private.h"
#include "undecoded.h"
#include "utf8.h"
#include "../io/input.h"

/* Enough for most headers; doubled until the header is whole. */
#define FIRST_READ 4096

/* How much is looked at to tell a delimiter. */
#define SNIFFED ((gsize) 1 << 20)

void
pl_head_clear (PlHead *head)
{
  g_clear_pointer (&head->names, g_ptr_array_unref);
  g_clear_pointer (&head->sample, g_byte_array_unref);
  g_clear_pointer (&head->other, g_free);
}

static gboolean
fill (PlInput *input, GByteArray *bytes, gsize wanted, gboolean *ended, GError **error)
{
  while (bytes->len < wanted && !*ended)
    {
      guint before = bytes->len;
      g_byte_array_set_size (bytes, (guint) wanted);
      gssize n = pl_input_read (input, bytes->data + before, wanted - before, error);
      g_byte_array_set_size (bytes, before + (guint) MAX (n, 0));
      if (n < 0)
        return FALSE;
      *ended = n == 0;
    }
  return TRUE;
}

/* The edges of a head: the first record lies in [start, end), the next begins at `next`. */
typedef struct
{
  gsize skipped; /* behind the skipped lines */
  guint64 skipped_line;
  gsize start, end, next;
  guint64 start_line, next_line;
  gboolean found, unclosed;
} HeadEdges;

/* Moves @offset and @line behind @lines lines. Returns: %FALSE when more bytes are needed to tell. */
static gboolean
skip_lines (const PlDialect *dialect, const char *data, gsize length, gboolean ended, guint64 lines, gsize *offset,
            guint64 *line)
{
  gboolean counts_cr = dialect->line_end == PL_LINE_END_ANY;
  gsize p = *offset;
  for (; lines > 0 && p < length; lines--, (*line)++)
    {
      while (p < length && data[p] != '\n' && (data[p] != '\r' || !counts_cr))
        p++;
      if (!ended && p + 1 >= length)
        return FALSE;
      if (p < length)
        p += data[p] == '\r' && p + 1 < length && data[p + 1] == '\n' ? 2 : 1;
    }
  *offset = p;
  return ended || lines == 0;
}

static gboolean
find_record (const PlDialect *dialect, const char *data, gsize length, gboolean ended, HeadEdges *edges)
{
  PlAutomaton automaton;
  pl_automaton_init (&automaton, dialect);
  PlLexPoint point = {.state = PL_LEX_RECORD, .line = edges->skipped_line};
  PlRecordWalk walk = {.next = edges->skipped};
  while (!edges->found)
    {
      edges->start = walk.next;
      edges->start_line = point.line;
      walk = pl_automaton_record (&automaton, dialect, data, length, edges->start, &point);
      edges->found = walk.is_record;
      edges->end = walk.end;
      if (!walk.is_whole && !ended)
        return FALSE;
      if (walk.next == length)
        break;
    }
  edges->next = walk.next;
  edges->next_line = point.line;
  edges->unclosed = walk.is_unclosed;
  return TRUE;
}

/* Finds the edges of a head. Returns: %FALSE when more bytes are needed to tell. */
static gboolean
find_edges (const PlDialect *dialect, const PlSourceOptions *options, const char *data, gsize length, gboolean ended,
            HeadEdges *edges)
{
  *edges = (HeadEdges){.skipped_line = 1};
  return skip_lines (dialect, data, length, ended, options->skip_rows, &edges->skipped, &edges->skipped_line)
         && find_record (dialect, data, length, ended, edges)
         && skip_lines (dialect, data, length, ended, options->skip_after_header, &edges->next, &edges->next_line);
}

static void
collect_field (void *data, size_t length, void *names)
{
  g_ptr_array_add (names, g_strndup (data, length));
}

static int
no_space (unsigned char byte)
{
  (void) byte;
  return 0;
}

/* libcsv's fields of one record. */
static gboolean
split_by_libcsv (const PlDialect *dialect, const char *data, gsize length, GPtrArray *names)
{
  struct csv_parser parser;
  if (csv_init (&parser, 0) != 0)
    return FALSE;
  csv_set_space_func (&parser, no_space);
  csv_set_delim (&parser, (unsigned char) dialect->delimiter);
  csv_set_quote (&parser, (unsigned char) dialect->quote);
  gboolean whole = csv_parse (&parser, data, length, collect_field, NULL, names) == length;
  csv_fini (&parser, collect_field, NULL, names);
  csv_free (&parser);
  return whole;
}

static void
add_name (const PlDialect *dialect, const char *data, gsize length, PlArena *arena, GPtrArray *names)
{
  PlText text = {.data = data, .length = (guint32) length};
  if (dialect->trim)
    {
      for (; text.length > 0 && pl_dialect_is_space (dialect, *text.data); text.length--)
        text.data++;
      while (text.length > 0 && pl_dialect_is_space (dialect, text.data[text.length - 1]))
        text.length--;
    }
  if (text.length > 0 && dialect->quote != 0 && *text.data == dialect->quote)
    text = pl_field_unquote (dialect, text.data, text.length, arena);
  g_ptr_array_add (names, g_strndup (text.data, text.length));
}

/* Returns: whether text stands behind a closing quote. */
static gboolean
split_by_automaton (const PlDialect *dialect, const char *data, gsize length, GPtrArray *names)
{
  PlAutomaton automaton;
  pl_automaton_init (&automaton, dialect);
  g_autoptr (PlArena) arena = pl_arena_new ();
  PlFieldWalk field = {0};
  guint8 state = PL_LEX_RECORD;
  gboolean has_tail = FALSE;
  for (gsize p = 0; p < length; p++)
    {
      guint8 class = automaton.classes[(guint8) data[p]], next = automaton.next[state][class];
      gsize start = field.start, end;
      has_tail |= pl_automaton_shows_tail (&automaton, state, class, next);
      if (pl_automaton_field (&automaton, &field, state, next, p, &end))
        add_name (dialect, data + start, end - start, arena, names);
      state = next;
    }
  add_name (dialect, data + field.start, length - field.start, arena, names);
  return has_tail || pl_automaton_ends_in_tail (&automaton, state);
}

/* An object of JSON, or an array of them. */
static gboolean
begins_as_json (const char *data, gsize length)
{
  const gsize start = length > 0 && *data == '[';
  return length >= start + 2 && data[start] == '{' && data[start + 1] == '"';
}

/* Returns: what is wrong with the record, or %NULL. */
static const char *
split_record (const PlSource *source, const PlSourceOptions *options, const char *data, gsize length, GPtrArray *names)
{
  const PlDialect *dialect = &source->dialect;
  gboolean has_tail = split_by_automaton (dialect, data, length, names);
  if (has_tail && options->header && !dialect->lax_quotes && begins_as_json (data, length))
    return "the header begins as JSON does, which is no CSV; write the file as CSV first";
  if (has_tail && options->header && !dialect->lax_quotes)
    return "text behind a closing quote in the header; set lax-quotes = true to keep it";
  if (has_tail || dialect->trim || !pl_dialect_is_regular (dialect))
    return NULL;
  g_ptr_array_set_size (names, 0);
  return split_by_libcsv (dialect, data, length, names) ? NULL : "the header does not fit into memory";
}

/* More is a mistake or an attack: each column costs memory, in every worker. */
#define MAX_COLUMNS 65536

static gboolean
split_first (const PlHead *head, const PlSource *source, const PlSourceOptions *options, const char *data,
             const HeadEdges *edges, GPtrArray *names, GError **error)
{
  const char *record = data + edges->start, *problem = NULL;
  g_autofree char *undecoded = NULL;
  gsize length = edges->end - edges->start;
  PlUtf8 utf8 = pl_utf8_check (record, length);
  /* Where it is no header it may be a bad row, which is the reader's business: only its fields are counted here. */
  if (options->header && length > source->max_record_size)
    problem = "the header is longer than max-record-size";
  else if (options->header && edges->unclosed)
    problem = "a quoted field of the header is not closed before the end of the file";
  else if (options->header && utf8 == PL_UTF8_NUL)
    problem = "the header holds a NUL byte; see nul-bytes";
  else if (options->header && utf8 == PL_UTF8_INVALID)
    problem = undecoded = pl_undecoded_advice (source, "the header", record, length);
  else
    problem = split_record (source, options, record, length, names);
  for (guint i = 0; source->dialect.trim && problem == NULL && i < names->len; i++)
    {
      char *cleaned = pl_name_clean (g_ptr_array_index (names, i));
      g_free (g_ptr_array_index (names, i));
      names->pdata[i] = cleaned;
    }
  if (problem != NULL)
    g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER, "%s:%" G_GUINT64_FORMAT ": %s", head->file->display,
                 edges->start_line, problem);
  else if (names->len > MAX_COLUMNS)
    g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
                 "%s:%" G_GUINT64_FORMAT ": row has %u fields; at most %u columns are read", head->file->display,
                 edges->start_line, names->len, (guint) MAX_COLUMNS);
  return problem == NULL && names->len <= MAX_COLUMNS;
}

/* Names that came without a header, and the number of fields of such a file. */
static gboolean
name_columns (PlHead *head, const PlSource *source, const PlSourceOptions *options, const HeadEdges *edges,
              GPtrArray *found, GError **error)
{
  const char *display = head->file->display;
  if (!edges->found && options->header && !options->skips_empty)
    {
      g_autoptr (GString) without = g_string_new (NULL);
      if (options->skip_rows > 0)
        g_string_append_printf (without, " behind its first %" G_GUINT64_FORMAT " lines", options->skip_rows);
      if (source->text.footer > 0)
        g_string_append_printf (without, "%s without its last %" G_GUINT64_FORMAT " lines, which skip-footer drops",
                                without->len > 0 ? " and" : "", source->text.footer);
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
                   "%s is empty%s: a header line was expected; set header = false if the file has none, or "
                   "empty-files = skip to go past it",
                   display, without->str);
      return FALSE;
    }
  /* Without a header a first row of another number of fields is a bad row like any other, which the reader finds. */
  if (options->header && options->columns != NULL && options->columns->len != found->len)
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
                   "%s:%" G_GUINT64_FORMAT ": row has %u %s, but columns names %u%s%s", display, edges->start_line,
                   found->len, found->len == 1 ? "field" : "fields", options->columns->len,
                   head->other != NULL ? "; " : "", head->other != NULL ? head->other : "");
      return FALSE;
    }
  if (options->columns != NULL)
    {
      g_ptr_array_set_size (found, 0);
      for (guint i = 0; i < options->columns->len; i++)
        g_ptr_array_add (found, pl_item_unquote (((const PlItem *) g_ptr_array_index (options->columns, i))->text));
    }
  else if (!options->header)
    {
      guint n = found->len;
      g_ptr_array_set_size (found, 0);
      for (guint i = 0; i < n; i++)
        g_ptr_array_add (found, g_strdup_printf ("column_%u", i + 1));
    }
  head->file->n_fields = found->len;
  if (found->len > 0)
    head->names = g_ptr_array_ref (found);
  return TRUE;
}

static void
take_sample (PlHead *head, const PlDialect *dialect, const GByteArray *bytes, gsize start, gboolean ended, gsize most)
{
  gsize length = bytes->len - start;
  gboolean cut = !ended || length > most;
  length = MIN (length, most);
  head->sample = g_byte_array_sized_new ((guint) length + 64);
  g_byte_array_append (head->sample, bytes->data + start, (guint) length);
  g_byte_array_set_size (head->sample, (guint) length + 64);
  memset (head->sample->data + length, 0, 64);
  PlLexPoint point = {.state = PL_LEX_RECORD};
  head->is_all = !cut;
  head->sample_length = cut ? pl_csv_last_record (dialect, (const char *) head->sample->data, length, &point) : length;
}

/* What to do with a zip archive that was not opened as one. */
static const char *
zip_advice (const PlSourceFile *file)
{
  if (file->member != NULL)
    return " within another; take it out of that one first";
  if (file->origin == NULL || pl_origin_state (file->origin) == NULL)
    return ", which is read from its end, and a pipe has none; write it to a file first";
  return file->compression == PL_COMPRESSION_NONE ? "; set compression = zip, or leave it out"
                                                  : " that is compressed once more; unpack it once first";
}

/* What the first bytes of a file say against reading it as it is to be read; delimiter = auto is decided. */
static gboolean
sniff (PlHead *head, PlSource *source, PlSourceOptions *options, PlInput *input, GByteArray *bytes, gboolean *ended,
       GError **error)
{
  const char *display = head->file->display;
  gboolean is_decoded = strcmp (source->encoding, "utf-8") != 0;
  const char *kind = is_decoded ? NULL : pl_sniff_kind ((const char *) bytes->data, bytes->len);
  if (kind != NULL)
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER, "%s is %s%s", display, kind,
                   strcmp (kind, PL_SNIFF_ZIP) == 0 ? zip_advice (head->file) : "");
      return FALSE;
    }
  if (!options->sniffs)
    return TRUE;
  if (!fill (input, bytes, SNIFFED, ended, error))
    return FALSE;
  HeadEdges edges;
  g_autofree char *why_not = NULL;
  const char *data = (const char *) bytes->data;
  if (!find_edges (&source->dialect, options, data, bytes->len, TRUE, &edges) || !edges.found)
    return TRUE;
  char delimiter
      = pl_sniff_delimiter (&source->dialect, data + edges.skipped, bytes->len - edges.skipped, *ended, &why_not);
  if (delimiter == '\0')
    g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
                 "%s: delimiter = auto is unclear: %s; set delimiter to what it is", display, why_not);
  else
    source->dialect.delimiter = delimiter;
  options->sniffs = FALSE;
  return delimiter != '\0';
}

/* Whether a file of one column has several by another delimiter, which nobody has said not to be one. Where the job
 * says what the delimiter is, this is kept for when something is wrong. */
static gboolean
check_delimiter (PlHead *head, PlSource *source, const PlSourceOptions *options, const GByteArray *bytes,
                 const HeadEdges *edges, gboolean ended, const GPtrArray *names, GError **error)
{
  const PlDialect *dialect = &source->dialect;
  gboolean is_said = pl_source_find_setting (options, "delimiter") != NULL;
  if (names->len != 1 || source->doubt != NULL)
    return TRUE;
  gsize length = MIN (bytes->len - edges->start, SNIFFED);
  g_autofree char *other = pl_sniff_other (&source->dialect, (const char *) bytes->data + edges->start, length, ended);
  if (other == NULL)
    return TRUE;
  g_autofree char *shown
      = pl_show_some (g_ptr_array_index (names, 0), strlen (g_ptr_array_index (names, 0)), PL_WITNESS_SHOWN);
  if (is_said)
    {
      source->doubt = g_strdup_printf ("%s has one column, '%s'; %s", head->file->display, shown, other);
      head->other = g_steal_pointer (&other);
      /* A control character makes whole lines of a text on purpose. */
      source->is_doubted = dialect->separator[0] != '\0' || dialect->blanks
                           || (dialect->delimiter != ',' && (dialect->delimiter >= ' ' || dialect->delimiter == '\t'));
      return TRUE;
    }
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER,
               "%s has one column, '%s'; %s; set delimiter, to comma where that is right", head->file->display, shown,
               other);
  return FALSE;
}

gboolean
pl_head_read (PlHead *head, PlSource *source, PlSourceOptions *options, const char *name, gsize sample_size,
              GError **error)
{
  PlSourceFile *file = head->file;
  PlCompression compression = file->member != NULL ? PL_COMPRESSION_AUTO : options->compression;
  g_autoptr (PlInput) input
      = pl_input_open_member (file->origin, file->member, name, compression, &source->text, error);
  if (input == NULL)
    return FALSE;
  file->compression = pl_input_compression (input);
  file->ranged = pl_input_is_plain (input);
  file->size = file->ranged ? pl_origin_state (file->origin)->size : 0;
  guint64 base = pl_input_offset (input);

  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gboolean ended = FALSE, whole = FALSE;
  HeadEdges edges = {0};
  for (gsize wanted = FIRST_READ + sample_size; !whole; wanted *= 2)
    {
      gboolean is_first = bytes->len == 0;
      if (!fill (input, bytes, wanted, &ended, error)
          || (is_first && !sniff (head, source, options, input, bytes, &ended, error)))
        return FALSE;
      whole = find_edges (&source->dialect, options, (const char *) bytes->data, bytes->len, ended, &edges);
      /* It will be refused for its size. */
      whole |= edges.found && edges.end - edges.start > source->max_record_size;
      if (!whole && wanted > G_MAXUINT / 4)
        {
          g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER, "%s: no record begins in the first GiB",
                       file->display);
          return FALSE;
        }
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  if (edges.found && !split_first (head, source, options, (const char *) bytes->data, &edges, names, error))
    return FALSE;
  if (edges.found && !check_delimiter (head, source, options, bytes, &edges, ended, names, error))
    return FALSE;
  if (!name_columns (head, source, options, &edges, names, error))
    return FALSE;
  gsize start = options->header ? edges.next : edges.skipped;
  file->is_trailing = source->dialect.separator[0] == '\0' && !source->dialect.blanks
                      && pl_sniff_trailing (&source->dialect, (const char *) bytes->data + start,
                                            MIN (bytes->len - start, SNIFFED), ended, file->n_fields);
  file->data_start = base + start;
  file->data_line = options->header ? edges.next_line : edges.skipped_line;
  if (sample_size > 0)
    take_sample (head, &source->dialect, bytes, start, ended, sample_size);
  return TRUE;
}
