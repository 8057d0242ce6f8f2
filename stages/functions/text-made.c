/* Texts that are made of others, and may be longer than those: each has a limit. */
#include "../../pipeline/base/error.h"
#include "bind.h"
#include "families.h"
#include "text-parts.h"

/* A batch of texts that are made out of short ones must fit into memory, while those that hold what the input held may
 * be as long as that. */
typedef struct
{
  gsize most;
  const char *name;
} Limit;

#define MIB ((gsize) 1 << 20)
#define REPLACED_MOST 8

static const Limit limit_made = {MIB, "1 MiB"}, limit_joined = {1024 * MIB, "1 GiB"};

/* A text of @length bytes in the arena; %NULL with an error beyond @limit. */
static char *
new_text (PlColumn *out, gsize row, PlInt128 length, Limit limit, PlArena *arena, GError **error)
{
  if (length > (PlInt128) limit.most)
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "a text would be longer than %s", limit.name);
      return NULL;
    }
  char *bytes = pl_arena_alloc (arena, (gsize) length + 1);
  out->texts[row] = (PlText){bytes, (guint32) length, 0};
  return bytes;
}

static Limit
replaced_limit (PlText text)
{
  if ((gsize) text.length * REPLACED_MOST <= MIB)
    return limit_made;
  if ((gsize) text.length * REPLACED_MOST > limit_joined.most)
    return limit_joined;
  return (Limit){(gsize) text.length * REPLACED_MOST, "8 times the one it is made of"};
}

/* Texts; the last argument of repeat is a count. */
static gboolean
bind_made (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED, guint n_args,
           PlType *result, guint *variant, GError **error)
{
  *variant = 0;
  *result = PL_TYPE (PL_STRING);
  for (guint i = 0; i < n_args; i++)
    if (!pl_bind_as (self, &types[i], i > 0 && g_str_equal (self->name, "repeat") ? PL_INT : PL_STRING, error))
      return FALSE;
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
      while ((found = pl_text_find (pl_text_part (text, start, text.length), old)) >= 0)
        {
          start += (gsize) found + old.length;
          hits++;
        }
      gsize length = text.length - hits * old.length + hits * new.length;
      char *bytes = new_text (out, i, length, replaced_limit (text), arena, error);
      if (bytes == NULL)
        {
          *failed = i;
          return FALSE;
        }
      char *next = bytes;
      start = 0;
      for (gsize h = 0; h < hits; h++)
        {
          gsize kept = (gsize) pl_text_find (pl_text_part (text, start, text.length), old);
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

static gboolean
evaluate_repeat (guint variant G_GNUC_UNUSED, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                 PlArena *arena, gsize *failed, GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      PlText text = args[0]->texts[i];
      gint64 times = (out->nulls != NULL && out->nulls[i]) || text.length == 0 ? 0 : MAX (args[1]->ints[i], 0);
      char *bytes = new_text (out, i, (PlInt128) times * text.length, limit_made, arena, error);
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
          length = pl_text_skip (pl_text_part (text, start, text.length), 1);
          end -= length;
          memcpy (end, text.data + start, length);
        }
      out->texts[i] = (PlText){end, text.length, text.flags};
    }
  return TRUE;
}

/* Of any type, as with ||. */
static gboolean
bind_concat (const PlFunction *self G_GNUC_UNUSED, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED,
             guint n_args, PlType *result, guint *variant, GError **error G_GNUC_UNUSED)
{
  *variant = 0;
  *result = PL_TYPE (PL_STRING);
  for (guint i = 0; i < n_args; i++)
    types[i] = PL_TYPE (PL_STRING);
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
      char *bytes = new_text (out, i, length, limit_joined, arena, error);
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

enum
{
  PAD_LEFT,
  PAD_RIGHT,
};

static gboolean
bind_pad (const PlFunction *self, PlType *types, const PlColumn *const *constants G_GNUC_UNUSED, guint n_args,
          PlType *result, guint *variant, GError **error)
{
  *result = PL_TYPE (PL_STRING);
  *variant = g_str_equal (self->name, "rpad") ? PAD_RIGHT : PAD_LEFT;
  return pl_bind_as (self, &types[0], PL_STRING, error) && pl_bind_as (self, &types[1], PL_INT, error)
         && (n_args < 3 || pl_bind_as (self, &types[2], PL_STRING, error));
}

static gboolean
evaluate_pad (guint variant, PlColumn *const *args, guint n_args, gsize n, PlColumn *out, PlArena *arena, gsize *failed,
              GError **error)
{
  static const PlText blank = {" ", 1, PL_TEXT_PLAIN};
  for (gsize i = 0; i < n; i++)
    {
      gboolean null = out->nulls != NULL && out->nulls[i];
      PlText text = args[0]->texts[i], fill = n_args > 2 ? args[2]->texts[i] : blank;
      gint64 wanted = null ? 0 : MAX (args[1]->ints[i], 0), have = null ? 0 : pl_text_count (text);
      if (wanted <= have || fill.length == 0)
        {
          out->texts[i] = null ? (PlText){"", 0, PL_TEXT_PLAIN} : pl_text_cut (text, 0, MIN (wanted, have));
          continue;
        }
      gint64 per_fill = pl_text_count (fill), times = (wanted - have) / per_fill;
      gsize rest = pl_text_skip (fill, (wanted - have) % per_fill);
      char *bytes = new_text (out, i, (PlInt128) times * fill.length + rest + text.length, limit_made, arena, error);
      if (bytes == NULL)
        {
          *failed = i;
          return FALSE;
        }
      if (variant == PAD_RIGHT && text.length > 0)
        memcpy (bytes, text.data, text.length);
      bytes += variant == PAD_RIGHT ? text.length : 0;
      for (gint64 t = 0; t < times; t++, bytes += fill.length)
        memcpy (bytes, fill.data, fill.length);
      memcpy (bytes, fill.data, rest);
      if (variant == PAD_LEFT && text.length > 0)
        memcpy (bytes + rest, text.data, text.length);
    }
  return TRUE;
}

#define TEXT(n, s, t, e, low, high, b, v)                                                                              \
  {                                                                                                                    \
    .name = n, .signature = s, .summary = t, .example = e, .min_args = low, .max_args = high, .bind = b, .evaluate = v \
  }

const PlFunction pl_text_made_functions[] = {
    {.name = "concat",
     .signature = "concat(a, b, …)",
     .summary = "The texts of values of any type, joined; nulls are passed over",
     .example = "concat('a', null, 1) = 'a1'",
     .min_args = 1,
     .handles_nulls = TRUE,
     .bind = bind_concat,
     .evaluate = evaluate_concat},
    TEXT ("lpad", "lpad(s, n[, fill])", "s with fill before it, or cut, to n characters; at most 1 MiB",
          "lpad('7', 3, '0') = '007'", 2, 3, bind_pad, evaluate_pad),
    TEXT ("replace", "replace(s, old, new)", "Every old in s replaced; at most 1 MiB, or 8 times s",
          "replace('a-b-c', '-', '') = 'abc'", 3, 3, bind_made, evaluate_replace),
    TEXT ("repeat", "repeat(s, n)", "s, n times over; at most 1 MiB", "repeat('ab', 2) = 'abab'", 2, 2, bind_made,
          evaluate_repeat),
    TEXT ("reverse", "reverse(s)", "The characters from last to first", "reverse('aüb') = 'büa'", 1, 1, bind_made,
          evaluate_reverse),
    TEXT ("rpad", "rpad(s, n[, fill])", "s with fill behind it, or cut, to n characters; at most 1 MiB",
          "rpad('ü', 3, '.') = 'ü..'", 2, 3, bind_pad, evaluate_pad),
    {.name = NULL},
};
