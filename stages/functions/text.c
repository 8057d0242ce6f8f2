/* Texts. Positions and lengths count characters, from 1; a position outside the text gives what there is, as in SQL. */
#include "families.h"

#include <string.h>

enum
{
  ASCII_CASE_UPPER,
  ASCII_CASE_LOWER,
  TRIM_BOTH,
  TRIM_LEFT,
  TRIM_RIGHT,
  LEFT_PART,
  RIGHT_PART,
  CONTAINS,
  STARTS_WITH,
  ENDS_WITH,
};

static guint
find_variant (const char *name)
{
  static const char *const names[]
      = {"upper", "lower", "trim", "ltrim", "rtrim", "left", "right", "contains", "starts_with", "ends_with"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], name))
      return i;
  return 0;
}

/* Which argument is text is told by the signature's family: the first @n_texts are, the rest are ints. */
static gboolean
bind_arguments (const PlFunction *self, PlType *types, guint n_args, guint n_texts, guint *variant, GError **error)
{
  *variant = find_variant (self->name);
  for (guint i = 0; i < n_args; i++)
    if (!pl_bind_as (self, &types[i], i < n_texts ? PL_STRING : PL_INT, error))
      return FALSE;
  return TRUE;
}

static gboolean
bind_text (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED, guint n_args,
           PlType *result, guint *variant, GError **error)
{
  *result = PL_TYPE (PL_STRING);
  return bind_arguments (self, types, n_args, n_args, variant, error);
}

static gboolean
bind_cut (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED, guint n_args,
          PlType *result, guint *variant, GError **error)
{
  *result = PL_TYPE (PL_STRING);
  return bind_arguments (self, types, n_args, 1, variant, error);
}

static gboolean
bind_test (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED, guint n_args,
           PlType *result, guint *variant, GError **error)
{
  *result = PL_TYPE (PL_BOOL);
  return bind_arguments (self, types, n_args, n_args, variant, error);
}

static gboolean
bind_count (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED, guint n_args,
            PlType *result, guint *variant, GError **error)
{
  *result = PL_TYPE (PL_INT);
  return bind_arguments (self, types, n_args, n_args, variant, error);
}

static gint64
count_chars (PlText text)
{
  gint64 n = 0;
  for (gsize i = 0; i < text.length; i++)
    n += ((guchar) text.data[i] & 0xc0) != 0x80;
  return n;
}

/* Returns: where character @skip of the text starts, or its end. */
static gsize
skip_chars (PlText text, gint64 skip)
{
  gsize i = 0;
  while (i < text.length && skip > 0)
    {
      i++;
      while (i < text.length && ((guchar) text.data[i] & 0xc0) == 0x80)
        i++;
      skip--;
    }
  return i;
}

static PlText
part (PlText text, gsize start, gsize end)
{
  return (PlText){text.data + start, (guint32) (end - start), text.flags};
}

/* Characters [first, last) counted from 0; both may lie outside. */
static PlText
cut (PlText text, gint64 first, gint64 last)
{
  gsize start = skip_chars (text, first), end = last <= 0 ? 0 : skip_chars (text, last);
  return part (text, MIN (start, end), end);
}

static PlText
change_case (PlText text, gboolean upper, PlArena *arena)
{
  gboolean ascii = TRUE;
  char *copy = pl_arena_copy (arena, text.length > 0 ? text.data : "", text.length);
  for (gsize i = 0; i < text.length; i++)
    {
      ascii &= (guchar) copy[i] < 0x80;
      copy[i] = upper ? g_ascii_toupper (copy[i]) : g_ascii_tolower (copy[i]);
    }
  if (ascii || !g_utf8_validate (text.data, text.length, NULL))
    return (PlText){copy, text.length, text.flags};
  /* A mapped character may take more bytes than it had, never more than 4. */
  char *mapped = pl_arena_alloc (arena, (gsize) text.length * 4 + 1);
  gsize length = 0;
  for (const char *c = text.data; c < text.data + text.length; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);
      length += (gsize) g_unichar_to_utf8 (upper ? g_unichar_toupper (character) : g_unichar_tolower (character),
                                           mapped + length);
    }
  return (PlText){mapped, (guint32) length, text.flags};
}

static PlText
trim (PlText text, guint variant, PlText set)
{
  gsize start = 0, end = text.length;
  if (variant != TRIM_RIGHT)
    while (start < end && memchr (set.data, text.data[start], set.length) != NULL)
      start++;
  if (variant != TRIM_LEFT)
    while (end > start && memchr (set.data, text.data[end - 1], set.length) != NULL)
      end--;
  return part (text, start, end);
}

static gboolean
evaluate_text (guint variant, PlColumn *const *args, guint n_args, gsize n, PlColumn *out, PlArena *arena,
               gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  static const PlText blanks = {" \t\r\n", 4, 0};
  for (gsize i = 0; i < n; i++)
    {
      PlText text = args[0]->texts[i];
      gint64 count = variant == LEFT_PART || variant == RIGHT_PART ? MAX (args[1]->ints[i], 0) : 0;
      if (out->nulls != NULL && out->nulls[i])
        out->texts[i] = (PlText){"", 0, PL_TEXT_PLAIN};
      else if (variant == ASCII_CASE_UPPER || variant == ASCII_CASE_LOWER)
        out->texts[i] = change_case (text, variant == ASCII_CASE_UPPER, arena);
      else if (variant == LEFT_PART)
        out->texts[i] = cut (text, 0, count);
      else if (variant == RIGHT_PART)
        out->texts[i] = cut (text, MAX (count_chars (text) - count, 0), G_MAXINT64);
      else
        out->texts[i] = trim (text, variant, n_args > 1 ? args[1]->texts[i] : blanks);
    }
  return TRUE;
}

static gboolean
evaluate_substr (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args, gsize n, PlColumn *out,
                 PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    {
      /* Clamped to what no text reaches, so that sums cannot overflow. */
      gint64 start = CLAMP (args[1]->ints[i], -(G_GINT64_CONSTANT (1) << 40), G_GINT64_CONSTANT (1) << 40) - 1;
      gint64 length
          = n_args > 2 ? CLAMP (args[2]->ints[i], 0, G_GINT64_CONSTANT (1) << 41) : G_GINT64_CONSTANT (1) << 42;
      out->texts[i] = out->nulls != NULL && out->nulls[i] ? (PlText){"", 0, PL_TEXT_PLAIN}
                                                          : cut (args[0]->texts[i], start, start + length);
    }
  return TRUE;
}

static gint64
find_text (PlText text, PlText wanted)
{
  if (wanted.length == 0)
    return 0;
  const char *found = text.length > 0 ? memmem (text.data, text.length, wanted.data, wanted.length) : NULL;
  return found != NULL ? found - text.data : -1;
}

static gboolean
evaluate_test (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
               PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    {
      PlText text = args[0]->texts[i], wanted = args[1]->texts[i];
      if (variant == CONTAINS || wanted.length == 0)
        out->bools[i] = find_text (text, wanted) >= 0;
      else
        out->bools[i] = text.length >= wanted.length
                        && memcmp (text.data + (variant == ENDS_WITH ? text.length - wanted.length : 0), wanted.data,
                                   wanted.length)
                               == 0;
    }
  return TRUE;
}

static gboolean
evaluate_length (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                 PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    out->ints[i] = count_chars (args[0]->texts[i]);
  return TRUE;
}

static gboolean
evaluate_position (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n,
                   PlColumn *out, PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED,
                   GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    {
      gint64 found = find_text (args[0]->texts[i], args[1]->texts[i]);
      out->ints[i] = found < 0 ? 0 : count_chars (part (args[0]->texts[i], 0, (gsize) found)) + 1;
    }
  return TRUE;
}

static gboolean
evaluate_replace (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n,
                  PlColumn *out, PlArena *arena, gsize *failed, GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      PlText text = args[0]->texts[i], old = args[1]->texts[i], new = args[2]->texts[i];
      gsize hits = 0, start = 0;
      gint64 found;
      out->texts[i] = text;
      if (old.length == 0 || (out->nulls != NULL && out->nulls[i]))
        continue;
      while ((found = find_text (part (text, start, text.length), old)) >= 0)
        {
          start += (gsize) found + old.length;
          hits++;
        }
      gsize length = text.length - hits * old.length + hits * new.length;
      if (length > G_MAXUINT32)
        {
          *failed = i;
          g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "a text made by replace is beyond 4 GiB");
          return FALSE;
        }
      char *bytes = pl_arena_alloc (arena, length + 1), *next = bytes;
      start = 0;
      for (gsize h = 0; h < hits; h++)
        {
          gsize kept = (gsize) find_text (part (text, start, text.length), old);
          memcpy (next, text.data + start, kept);
          if (new.length > 0)
            memcpy (next + kept, new.data, new.length);
          next += kept + new.length;
          start += kept + old.length;
        }
      if (start < text.length)
        memcpy (next, text.data + start, text.length - start);
      out->texts[i] = (PlText){bytes, (guint32) length, text.flags & new.flags};
    }
  return TRUE;
}

/* A text of @length bytes in the arena; %NULL with an error beyond 1 GiB, which no cell of a table should be. */
static char *
new_text (PlColumn *out, gsize row, PlInt128 length, PlArena *arena, GError **error)
{
  if (length > (PlInt128) 1 << 30)
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "a text would be longer than 1 GiB");
      return NULL;
    }
  char *bytes = pl_arena_alloc (arena, (gsize) length + 1);
  out->texts[row] = (PlText){bytes, (guint32) length, 0};
  return bytes;
}

static gboolean
evaluate_repeat (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                 PlArena *arena, gsize *failed, GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      PlText text = args[0]->texts[i];
      gint64 times = (out->nulls != NULL && out->nulls[i]) || text.length == 0 ? 0 : MAX (args[1]->ints[i], 0);
      char *bytes = new_text (out, i, (PlInt128) times * text.length, arena, error);
      if (bytes == NULL)
        {
          *failed = i;
          return FALSE;
        }
      for (gint64 t = 0; t < times; t++, bytes += text.length)
        memcpy (bytes, text.data, text.length);
    }
  return TRUE;
}

static gboolean
evaluate_reverse (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n,
                  PlColumn *out, PlArena *arena, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    {
      PlText text = args[0]->texts[i];
      char *end = (char *) pl_arena_alloc (arena, (gsize) text.length + 1) + text.length;
      for (gsize start = 0, length; start < text.length; start += length)
        {
          length = skip_chars (part (text, start, text.length), 1);
          end -= length;
          memcpy (end, text.data + start, length);
        }
      out->texts[i] = (PlText){end, text.length, text.flags};
    }
  return TRUE;
}

static gboolean
evaluate_concat (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args, gsize n, PlColumn *out,
                 PlArena *arena, gsize *failed, GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      PlInt128 length = 0;
      for (guint a = 0; a < n_args; a++)
        length += pl_column_is_null (args[a], i) ? 0 : args[a]->texts[i].length;
      char *bytes = new_text (out, i, length, arena, error);
      if (bytes == NULL)
        {
          *failed = i;
          return FALSE;
        }
      for (guint a = 0; a < n_args; a++)
        if (!pl_column_is_null (args[a], i) && args[a]->texts[i].length > 0)
          {
            memcpy (bytes, args[a]->texts[i].data, args[a]->texts[i].length);
            bytes += args[a]->texts[i].length;
          }
    }
  return TRUE;
}

#define TEXT(n, s, t, e, low, high, b, v)                                                                              \
  {                                                                                                                    \
    .name = n, .signature = s, .summary = t, .example = e, .min_args = low, .max_args = high, .bind = b, .evaluate = v \
  }

const PlFunction pl_text_functions[] = {
    {.name = "concat",
     .signature = "concat(a, b, …)",
     .summary = "Texts joined, nulls passed over",
     .example = "concat('a', null, 'b') = 'ab'",
     .min_args = 1,
     .handles_nulls = TRUE,
     .bind = bind_text,
     .evaluate = evaluate_concat},
    TEXT ("contains", "contains(s, part)", "Whether part stands in s", "contains('abc', 'bc')", 2, 2, bind_test,
          evaluate_test),
    TEXT ("ends_with", "ends_with(s, part)", "Whether s ends with part", "ends_with('abc', 'bc')", 2, 2, bind_test,
          evaluate_test),
    TEXT ("left", "left(s, n)", "The first n characters", "left('Zürich', 2) = 'Zü'", 2, 2, bind_cut, evaluate_text),
    TEXT ("length", "length(s)", "Characters in s", "length('Zürich') = 6", 1, 1, bind_count, evaluate_length),
    TEXT ("lower", "lower(s)", "Lower case", "lower('ÄB') = 'äb'", 1, 1, bind_text, evaluate_text),
    TEXT ("ltrim", "ltrim(s[, bytes])", "Without blanks at its start", "ltrim(' a ') = 'a '", 1, 2, bind_text,
          evaluate_text),
    TEXT ("position", "position(s, part)", "Where part first stands in s, from 1; 0 where it does not",
          "position('abc', 'c') = 3", 2, 2, bind_count, evaluate_position),
    TEXT ("replace", "replace(s, old, new)", "Every old in s replaced", "replace('a-b-c', '-', '') = 'abc'", 3, 3,
          bind_text, evaluate_replace),
    TEXT ("repeat", "repeat(s, n)", "s, n times over", "repeat('ab', 2) = 'abab'", 2, 2, bind_cut, evaluate_repeat),
    TEXT ("reverse", "reverse(s)", "The characters from last to first", "reverse('aüb') = 'büa'", 1, 1, bind_text,
          evaluate_reverse),
    TEXT ("right", "right(s, n)", "The last n characters", "right('abc', 2) = 'bc'", 2, 2, bind_cut, evaluate_text),
    TEXT ("rtrim", "rtrim(s[, bytes])", "Without blanks at its end", "rtrim(' a ') = ' a'", 1, 2, bind_text,
          evaluate_text),
    TEXT ("starts_with", "starts_with(s, part)", "Whether s starts with part", "starts_with('abc', 'ab')", 2, 2,
          bind_test, evaluate_test),
    TEXT ("substr", "substr(s, start[, length])", "Characters of s, the first one being 1",
          "substr('abcde', 2, 3) = 'bcd'", 2, 3, bind_cut, evaluate_substr),
    TEXT ("trim", "trim(s[, bytes])", "Without blanks at both ends", "trim(' a ') = 'a'", 1, 2, bind_text,
          evaluate_text),
    TEXT ("upper", "upper(s)", "Upper case", "upper('äb') = 'ÄB'", 1, 1, bind_text, evaluate_text),
    {.name = NULL},
};
