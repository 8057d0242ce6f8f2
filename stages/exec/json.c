/* A line of JSON (RFC 8259) → the texts of declared columns. Reads what it needs and checks all of it; nothing is kept
 * of other members.
 *
 * Depth is bounded, so that no answer can exhaust the stack. */
#include "json.h"

#define MAX_DEPTH 64

typedef struct
{
  const char *p, *end;
  PlArena *arena;
  const char *wrong; /* (nullable): what is wrong, once something is */
} Json;

typedef struct
{
  PlText text;
  gboolean is_null;
} Value;

static gboolean
wrong (Json *json, const char *what)
{
  if (json->wrong == NULL)
    json->wrong = what;
  return FALSE;
}

static void
skip_space (Json *json)
{
  while (json->p < json->end && strchr (" \t\r\n", *json->p) != NULL && *json->p != '\0')
    json->p++;
}

static gboolean
take (Json *json, char c)
{
  skip_space (json);
  if (json->p == json->end || *json->p != c)
    return FALSE;
  json->p++;
  return TRUE;
}

static gboolean
read_hex (Json *json, gunichar *unit)
{
  *unit = 0;
  if (json->end - json->p < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      gint digit = g_ascii_xdigit_value (*json->p++);
      if (digit < 0)
        return FALSE;
      *unit = *unit * 16 + (gunichar) digit;
    }
  return TRUE;
}

/* Behind \u: one character, or the two halves of one. */
static gboolean
read_escaped_unit (Json *json, char **out)
{
  gunichar unit, low;
  if (!read_hex (json, &unit))
    return wrong (json, "a \\u without four hexadecimal digits");
  if (unit >= 0xd800 && unit < 0xdc00)
    {
      if (json->end - json->p < 6 || json->p[0] != '\\' || json->p[1] != 'u')
        return wrong (json, "half a character behind \\u");
      json->p += 2;
      if (!read_hex (json, &low) || low < 0xdc00 || low > 0xdfff)
        return wrong (json, "half a character behind \\u");
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
  else if (unit >= 0xdc00 && unit < 0xe000)
    return wrong (json, "half a character behind \\u");
  if (unit == 0)
    return wrong (json, "a NUL in a text");
  *out += g_unichar_to_utf8 (unit, *out);
  return TRUE;
}

static gboolean
read_string (Json *json, PlText *text)
{
  static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
  /* No escape is shorter than what it stands for. */
  const char *start = json->p;
  char *copy = NULL, *out = NULL;
  for (;; json->p++)
    {
      if (json->p == json->end)
        return wrong (json, "a text that is not closed");
      char c = *json->p;
      if (c == '"')
        break;
      if ((guint8) c < 0x20)
        return wrong (json, "a control character in a text");
      if (c != '\\')
        {
          if (out != NULL)
            *out++ = c;
          continue;
        }
      if (copy == NULL)
        {
          copy = pl_arena_alloc (json->arena, (gsize) (json->end - start));
          memcpy (copy, start, (gsize) (json->p - start));
          out = copy + (json->p - start);
        }
      if (++json->p == json->end)
        return wrong (json, "a text that is not closed");
      if (*json->p == 'u')
        {
          json->p++;
          if (!read_escaped_unit (json, &out))
            return FALSE;
          json->p--;
          continue;
        }
      guint i = 0;
      while (escapes[i] != '\0' && escapes[i] != *json->p)
        i += 2;
      if (escapes[i] == '\0')
        return wrong (json, "an unknown escape in a text");
      *out++ = escapes[i + 1];
    }
  *text = copy != NULL ? (PlText){copy, (guint32) (out - copy), 0} : (PlText){start, (guint32) (json->p - start), 0};
  json->p++;
  return TRUE;
}

static gboolean
read_word (Json *json, const char *word)
{
  gsize length = strlen (word);
  if ((gsize) (json->end - json->p) < length || memcmp (json->p, word, length) != 0)
    return FALSE;
  json->p += length;
  return TRUE;
}

static gboolean
skip_digits (Json *json)
{
  const char *start = json->p;
  while (json->p < json->end && g_ascii_isdigit (*json->p))
    json->p++;
  return json->p > start;
}

static gboolean
read_number (Json *json)
{
  json->p += *json->p == '-';
  const char *digits = json->p;
  if (!skip_digits (json) || (*digits == '0' && json->p - digits > 1))
    return wrong (json, "something that is no value");
  if (json->p < json->end && *json->p == '.')
    {
      json->p++;
      if (!skip_digits (json))
        return wrong (json, "a number that ends with its point");
    }
  if (json->p < json->end && (*json->p == 'e' || *json->p == 'E'))
    {
      json->p++;
      json->p += json->p < json->end && (*json->p == '+' || *json->p == '-');
      if (!skip_digits (json))
        return wrong (json, "a number without the digits of its exponent");
    }
  return TRUE;
}

static gboolean read_value (Json *json, guint depth, Value *value);

/* The rest of an object or a list, whose members are only looked at. */
static gboolean
skip_members (Json *json, guint depth, char close)
{
  Value ignored;
  PlText key;
  if (depth == MAX_DEPTH)
    return wrong (json, "values nested more than 64 deep");
  if (take (json, close))
    return TRUE;
  do
    {
      if (close == '}' && (!take (json, '"') || !read_string (json, &key) || !take (json, ':')))
        return wrong (json, "an object without a name or a colon");
      if (!read_value (json, depth + 1, &ignored))
        return FALSE;
    }
  while (take (json, ','));
  return take (json, close) || wrong (json, "a list or an object that is not closed");
}

static gboolean
read_value (Json *json, guint depth, Value *value)
{
  skip_space (json);
  const char *start = json->p;
  value->is_null = FALSE;
  if (start == json->end)
    return wrong (json, "a value that is missing");
  if (take (json, '"'))
    return read_string (json, &value->text);
  gboolean ok = TRUE;
  if (take (json, '{'))
    ok = skip_members (json, depth, '}');
  else if (take (json, '['))
    ok = skip_members (json, depth, ']');
  else if (read_word (json, "null"))
    value->is_null = TRUE;
  else if (!read_word (json, "true") && !read_word (json, "false"))
    ok = read_number (json);
  value->text = (PlText){start, (guint32) (json->p - start), 0};
  return ok;
}

/* The column that a member's name is of, or -1. */
static gint
find_column (const PlSchema *schema, const PlText *name)
{
  for (guint i = 0; i < schema->n_fields; i++)
    if (strlen (schema->fields[i].name) == name->length
        && memcmp (schema->fields[i].name, name->data, name->length) == 0)
      return (gint) i;
  return -1;
}

static gboolean
read_object (Json *json, const PlSchema *schema, PlText *texts, guint8 *nulls, guint8 *found)
{
  PlText name;
  Value value;
  if (!take (json, '{'))
    return wrong (json, "something that is no object");
  if (!take (json, '}'))
    {
      do
        {
          if (!take (json, '"') || !read_string (json, &name) || !take (json, ':'))
            return wrong (json, "an object without a name or a colon");
          if (!read_value (json, 1, &value))
            return FALSE;
          gint column = find_column (schema, &name);
          if (column < 0)
            continue;
          texts[column] = value.text;
          nulls[column] = value.is_null;
          found[column] = TRUE;
        }
      while (take (json, ','));
      if (!take (json, '}'))
        return wrong (json, "a list or an object that is not closed");
    }
  skip_space (json);
  return json->p == json->end || wrong (json, "text behind the object");
}

gboolean
pl_answer_split_json (const char *record, gsize length, const PlSchema *schema, PlText *texts, guint8 *nulls,
                      PlArena *arena, char **reason)
{
  Json json = {record, record + length, arena, NULL};
  guint8 *found = pl_arena_alloc0 (arena, schema->n_fields + 1);
  if (!read_object (&json, schema, texts, nulls, found))
    {
      *reason = g_strdup_printf ("answered a line that is not a JSON object: %s", json.wrong);
      return FALSE;
    }
  for (guint i = 0; i < schema->n_fields; i++)
    if (!found[i])
      {
        *reason = g_strdup_printf ("answered an object without '%s'", schema->fields[i].name);
        return FALSE;
      }
  return TRUE;
}
