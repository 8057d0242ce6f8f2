/* Every output format, by name. A new one is a file, a line in formats.h and a line here. */
#include "registry.h"
#include "../io/compression.h"
#include "formats.h"

static const PlFormat *const formats[] = {
    &pl_format_csv, &pl_format_jsonl, &pl_format_markdown, &pl_format_table, &pl_format_tsv, NULL,
};

const PlFormat *const *
pl_formats (void)
{
  return formats;
}

const PlFormat *
pl_format_find (const char *name)
{
  for (guint i = 0; formats[i] != NULL; i++)
    if (strcmp (formats[i]->name, name) == 0)
      return formats[i];
  return NULL;
}

static gboolean
ends_with (const char *path, gsize length, const char *ending)
{
  gsize n = strlen (ending);

  return length >= n && g_ascii_strncasecmp (path + length - n, ending, n) == 0;
}

const PlFormat *
pl_format_for_path (const char *path)
{
  const gsize length = pl_compression_stem (path);

  for (guint i = 0; formats[i] != NULL; i++)
    for (const char *const *ending = formats[i]->endings; *ending != NULL; ending++)
      if (ends_with (path, length, *ending))
        return formats[i];
  return NULL;
}
