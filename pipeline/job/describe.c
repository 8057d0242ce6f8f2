/* A plan as text, for people: the tree of each source, what is read, what each step makes, where it ends. */
#include "describe.h"
#include <string.h>

#include "../base/show.h"

static char *
size_text (guint64 bytes)
{
  if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " MiB", bytes >> 20);
  if (bytes >= 1 << 10 && bytes % (1 << 10) == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " KiB", bytes >> 10);
  return g_strdup_printf ("%" G_GUINT64_FORMAT " bytes", bytes);
}

static const char *
plural (guint64 n)
{
  return n == 1 ? "" : "s";
}

static void
append_shown (GString *text, const char *value)
{
  g_autofree char *shown = pl_show (value);
  g_string_append (text, shown);
}

/* "a int, b string": the fields of @schema whose use is not none; all of them where @uses is NULL. */
static void
append_fields (GString *text, const PlSchema *schema, const guint8 *uses)
{
  const char *separator = "";
  for (guint i = 0; i < schema->n_fields; i++)
    {
      if (uses != NULL && uses[i] == PL_USE_NONE)
        continue;
      g_string_append (text, separator);
      append_shown (text, schema->fields[i].name);
      g_string_append_printf (text, " %s", pl_type_name (schema->fields[i].type));
      separator = ", ";
    }
}

static void
append_source (GString *text, const PlNode *node)
{
  const PlSource *source = node->source;
  guint n_used = 0;
  for (guint i = 0; i < node->schema->n_fields; i++)
    n_used += node->uses[i] != PL_USE_NONE;
  for (guint i = 0; i < source->files->len && i < 3; i++)
    {
      const PlSourceFile *file = g_ptr_array_index (source->files, i);
      g_string_append (text, i == 0 ? ": " : ", ");
      append_shown (text, file->display);
    }
  if (source->files->len > 3)
    g_string_append_printf (text, " and %u more", source->files->len - 3);
  g_string_append_printf (text, "; reads %u of %u column%s", n_used, node->schema->n_fields,
                          plural (node->schema->n_fields));
  if (n_used > 0)
    g_string_append (text, ": ");
  append_fields (text, node->schema, node->uses);
}

static void
append_sink (GString *text, const PlNode *node)
{
  const PlSink *sink = node->sink;
  g_string_append (text, ": ");
  append_shown (text, strcmp (sink->path, "-") == 0 ? "stdout" : sink->display);
  g_string_append_printf (text, ", %s", sink->format.format->name);
  if (sink->compression != PL_COMPRESSION_NONE)
    g_string_append_printf (text, ", %s", pl_compression_names ()[sink->compression]);
  if (sink->mode == PL_OUTPUT_APPEND)
    g_string_append (text, ", appended");
  else if (sink->mode == PL_OUTPUT_FAIL_IF_EXISTS)
    g_string_append (text, ", only if it is new");
}

/* @input: (nullable): below whose line it stands: what comes from several is told below the last of them. @prefix: what
 * stands in front of the children's branches. */
static void
append_node (GString *text, const PlNode *node, const PlNode *input, const char *prefix)
{
  append_shown (text, node->label);
  if (input != NULL && node->inputs[node->n_inputs - 1] != input)
    {
      g_string_append (text, ": see below\n");
      return;
    }
  if (node->kind == PL_NODE_SOURCE)
    append_source (text, node);
  else if (node->kind == PL_NODE_SINK)
    append_sink (text, node);
  else
    {
      g_string_append_printf (text, " (%s): ", node->stage->map != NULL ? "map" : "reduce");
      append_fields (text, node->schema, NULL);
    }
  g_string_append_c (text, '\n');
  for (guint i = 0; i < node->consumers->len; i++)
    {
      gboolean last = i + 1 == node->consumers->len;
      g_autofree char *below = g_strconcat (prefix, last ? "   " : "│  ", NULL);
      g_string_append_printf (text, "%s%s", prefix, last ? "└─ " : "├─ ");
      append_node (text, g_ptr_array_index (node->consumers, i), node, below);
    }
}

char *
pl_plan_describe (const PlPlan *plan)
{
  static const char *const modes[] = {"threads", "processes", "serial"};
  GString *text = g_string_new (NULL);
  g_autofree char *block = size_text (plan->run.block_size);
  g_string_append (text, "job ");
  append_shown (text, plan->name);
  g_string_append_printf (text, "\nrun: %s, %u worker%s, blocks of %s, %u in flight\n", modes[plan->run.mode],
                          plan->run.workers, plural (plan->run.workers), block, plan->run.queue_depth);
  for (guint i = 0; i < plan->nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (plan->nodes, i);
      if (node->kind != PL_NODE_SOURCE)
        continue;
      g_string_append_c (text, '\n');
      append_node (text, node, NULL, "");
    }
  return g_string_free (text, FALSE);
}
