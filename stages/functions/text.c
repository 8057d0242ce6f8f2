/* Texts. Positions and lengths count characters, from 1; a position outside the text gives what there is, as in SQL. */
#include "bind.h"
#include "families.h"
#include "text-parts.h"

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

/* Whether the character of @length bytes at @data is one of the set's. */
static gboolean
is_member (PlText set, const char *data, gsize length)
{
  if (length == 1)
    return memchr (set.data, data[0], set.length) != NULL;
  for (gsize i = 0; i < set.length; i += pl_text_skip (pl_text_part (set, i, set.length), 1))
    if (set.length - i >= length && memcmp (set.data + i, data, length) == 0)
      return TRUE;
  return FALSE;
}

static PlText
trim (PlText text, guint variant, PlText set)
{
  gsize start = 0, end = text.length;
  if (set.length == 0)
    return text;
  while (variant != TRIM_RIGHT && start < end)
    {
      gsize length = pl_text_skip (pl_text_part (text, start, end), 1);
      if (!is_member (set, text.data + start, length))
        break;
      start += length;
    }
  while (variant != TRIM_LEFT && end > start)
    {
      gsize last = end - 1;
      while (last > start && ((guchar) text.data[last] & 0xc0) == 0x80)
        last--;
      if (!is_member (set, text.data + last, end - last))
        break;
      end = last;
    }
  return pl_text_part (text, start, end);
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
        out->texts[i] = pl_text_cut (text, 0, count);
      else if (variant == RIGHT_PART)
        out->texts[i] = pl_text_cut (text, MAX (pl_text_count (text) - count, 0), G_MAXINT64);
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
                                                          : pl_text_cut (args[0]->texts[i], start, start + length);
    }
  return TRUE;
}

static gboolean
evaluate_test (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
               PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    {
      PlText text = args[0]->texts[i], wanted = args[1]->texts[i];
      if (variant == CONTAINS || wanted.length == 0)
        out->bools[i] = pl_text_find (text, wanted) >= 0;
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
    out->ints[i] = pl_text_count (args[0]->texts[i]);
  return TRUE;
}

static gboolean
evaluate_position (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n,
                   PlColumn *out, PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED,
                   GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    {
      gint64 found = pl_text_find (args[0]->texts[i], args[1]->texts[i]);
      out->ints[i] = found < 0 ? 0 : pl_text_count (pl_text_part (args[0]->texts[i], 0, (gsize) found)) + 1;
    }
  return TRUE;
}

static gboolean
bind_split (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED, guint n_args,
            PlType *result, guint *variant, GError **error)
{
  *result = PL_TYPE (PL_STRING);
  return bind_arguments (self, types, n_args, 2, variant, error);
}

static gint64
count_parts (PlText text, PlText separator)
{
  gint64 n = 1, found;
  for (gsize start = 0; (found = pl_text_find (pl_text_part (text, start, text.length), separator)) >= 0; n++)
    start += (gsize) found + separator.length;
  return n;
}

/* Part @index from 1, or from -1 at the end; empty where there is none. */
static PlText
split_part (PlText text, PlText separator, gint64 index)
{
  static const PlText nothing = {"", 0, PL_TEXT_PLAIN};
  gsize start = 0;
  if (separator.length == 0)
    return index == 1 || index == -1 ? text : nothing;
  if (index < 0)
    index += count_parts (text, separator) + 1;
  if (index <= 0)
    return nothing;
  for (;; index--)
    {
      gint64 found = pl_text_find (pl_text_part (text, start, text.length), separator);
      if (index == 1)
        return pl_text_part (text, start, found < 0 ? text.length : start + (gsize) found);
      if (found < 0)
        return nothing;
      start += (gsize) found + separator.length;
    }
}

static gboolean
evaluate_split (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                PlArena *arena G_GNUC_UNUSED, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  for (gsize i = 0; i < n; i++)
    if (out->nulls != NULL && out->nulls[i])
      out->texts[i] = (PlText){"", 0, PL_TEXT_PLAIN};
    else
      out->texts[i] = split_part (args[0]->texts[i], args[1]->texts[i], args[2]->ints[i]);
  return TRUE;
}

#define TEXT(n, s, t, e, low, high, b, v)                                                                              \
  {                                                                                                                    \
    .name = n, .signature = s, .summary = t, .example = e, .min_args = low, .max_args = high, .bind = b, .evaluate = v \
  }

const PlFunction pl_text_functions[] = {
    TEXT ("contains", "contains(s, part)", "Whether part stands in s", "contains('abc', 'bc')", 2, 2, bind_test,
          evaluate_test),
    TEXT ("ends_with", "ends_with(s, part)", "Whether s ends with part", "ends_with('abc', 'bc')", 2, 2, bind_test,
          evaluate_test),
    TEXT ("left", "left(s, n)", "The first n characters", "left('Zürich', 2) = 'Zü'", 2, 2, bind_cut, evaluate_text),
    TEXT ("length", "length(s)", "Characters in s", "length('Zürich') = 6", 1, 1, bind_count, evaluate_length),
    TEXT ("lower", "lower(s)", "Lower case", "lower('ÄB') = 'äb'", 1, 1, bind_text, evaluate_text),
    TEXT ("ltrim", "ltrim(s[, characters])", "Without blanks, or the characters, at its start", "ltrim(' a ') = 'a '",
          1, 2, bind_text, evaluate_text),
    TEXT ("position", "position(s, part)", "Where part first stands in s, from 1; 0 where it does not",
          "position('abc', 'c') = 3", 2, 2, bind_count, evaluate_position),
    TEXT ("right", "right(s, n)", "The last n characters", "right('abc', 2) = 'bc'", 2, 2, bind_cut, evaluate_text),
    TEXT ("rtrim", "rtrim(s[, characters])", "Without blanks, or the characters, at its end", "rtrim(' a ') = ' a'", 1,
          2, bind_text, evaluate_text),
    TEXT ("split_part", "split_part(s, separator, n)",
          "The nth part of s, from 1, or from -1 at its end; empty where there is none",
          "split_part('a/b/c', '/', 2) = 'b'", 3, 3, bind_split, evaluate_split),
    TEXT ("starts_with", "starts_with(s, part)", "Whether s starts with part", "starts_with('abc', 'ab')", 2, 2,
          bind_test, evaluate_test),
    TEXT ("substr", "substr(s, start[, length])", "Characters of s, the first one being 1",
          "substr('abcde', 2, 3) = 'bcd'", 2, 3, bind_cut, evaluate_substr),
    TEXT ("trim", "trim(s[, characters])", "Without blanks, or the characters, at both ends", "trim(' a ') = 'a'", 1, 2,
          bind_text, evaluate_text),
    TEXT ("upper", "upper(s)", "Upper case", "upper('äb') = 'ÄB'", 1, 1, bind_text, evaluate_text),
    {.name = NULL},
};
