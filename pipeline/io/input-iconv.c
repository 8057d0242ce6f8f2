/* Another encoding → UTF-8, with g_iconv().
 *
 * Bytes that mean nothing in the encoding are marked, so that their row is a bad one like others that are no text, or
 * replaced where that was asked for. A byte order mark that names the byte order (utf-16, utf-32) is iconv's to read.
 */
#include "decoder.h"
#include "input.h"

#include <errno.h>
#include <string.h>
#include "../base/suggest.h"
#include "../base/error.h"

/* The longest mark of a character's bytes. */
#define MOST_MARK 10

typedef struct
{
  PlDecoder decoder;
  PlDecoder *from;
  const char *name;
  char *encoding;
  GIConv converter;
  gboolean input_end;
  gboolean flushed, replaces;
  gsize unit;      /* the least bytes of a character */
  GError *failure; /* met behind bytes that were handed out first */
  gsize spare;     /* bytes converted for a caller with room for less than a character */
  char spare_bytes[32];
  char *next;
  gsize available;
  char input[PL_DECODER_CHUNK];
} IconvDecoder;

/* Moves what is left of the input (the head of a character) to the front and reads on. */
static gboolean
refill (IconvDecoder *self)
{
  memmove (self->input, self->next, self->available);
  self->next = self->input;

  gssize n = pl_decoder_read (self->from, self->input + self->available, sizeof self->input - self->available,
                              &self->failure);
  if (n < 0)
    return FALSE;
  self->available += (gsize) n;
  self->input_end = n == 0;
  return TRUE;
}

/* What stands for @n bytes that mean nothing, with room for that. */
static void
mark (IconvDecoder *self, gsize n, char **out, gsize *room)
{
  char text[2 + 2 * 4 + 1] = "\xef\xbf\xbd";
  gsize length = 3;
  if (!self->replaces)
    {
      length = 0;
      text[length++] = PL_UNDECODED_MARK;
      for (gsize i = 0; i < n; i++, length += 2)
        g_snprintf (text + length, 3, "%02x", (guint8) self->next[i]);
      text[length++] = PL_UNDECODED_END;
    }
  memcpy (*out, text, length);
  *out += length;
  *room -= length;
  self->next += n;
  self->available -= n;
}

/* Converts what it can. Returns: FALSE with `failure` set. */
static gboolean
convert (IconvDecoder *self, char **out, gsize *room)
{
  gsize result = g_iconv (self->converter, &self->next, &self->available, out, room);
  int code = errno;

  if (result != (gsize) -1 || code == E2BIG)
    return TRUE;
  if (code == EINVAL && !self->input_end)
    return refill (self);
  if (*room >= MOST_MARK)
    mark (self, MIN (self->unit, self->available), out, room);
  return TRUE;
}

/* Converts into @out, which has room for any character: at least one unless the end or a failure is met. */
static gssize
fill (IconvDecoder *self, char *out, gsize room)
{
  char *start = out;

  while (out == start && self->failure == NULL)
    {
      if (self->available > 0)
        convert (self, &out, &room);
      else if (!self->input_end)
        refill (self);
      else if (self->flushed)
        return 0;
      else
        {
          /* Some converters hold a character back that a combining one might follow. */
          self->flushed = TRUE;
          g_iconv (self->converter, NULL, NULL, &out, &room);
        }
    }
  return out != start ? out - start : -1;
}

static gssize
iconv_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  IconvDecoder *self = (IconvDecoder *) decoder;
  gssize n;

  if (self->spare == 0 && length >= sizeof self->spare_bytes)
    n = fill (self, data, length);
  else
    {
      n = self->spare > 0 ? (gssize) self->spare : fill (self, self->spare_bytes, sizeof self->spare_bytes);
      if (n > 0)
        {
          gsize total = (gsize) n;

          n = (gssize) MIN (total, length);
          memcpy (data, self->spare_bytes, (gsize) n);
          self->spare = total - (gsize) n;
          memmove (self->spare_bytes, self->spare_bytes + n, self->spare);
        }
    }
  if (n < 0)
    g_propagate_error (error, g_error_copy (self->failure));
  return n;
}

static void
iconv_free (PlDecoder *decoder)
{
  IconvDecoder *self = (IconvDecoder *) decoder;

  pl_decoder_free (self->from);
  g_clear_error (&self->failure);
  if (self->converter != (GIConv) -1)
    g_iconv_close (self->converter);
  g_free (self->encoding);
  g_free (self);
}

/* What is passed over when it means nothing: a unit of those encodings that have them. */
static gsize
unit_of (const char *encoding)
{
  g_autofree char *name = g_ascii_strdown (encoding, -1);
  if (strstr (name, "utf-16") != NULL || strstr (name, "utf16") != NULL || strstr (name, "ucs-2") != NULL
      || strstr (name, "ucs2") != NULL)
    return 2;
  if (strstr (name, "utf-32") != NULL || strstr (name, "utf32") != NULL || strstr (name, "ucs-4") != NULL
      || strstr (name, "ucs4") != NULL)
    return 4;
  return 1;
}

PlDecoder *
pl_decoder_iconv_new (PlDecoder *from, const char *encoding, gboolean replaces, const char *name, GError **error)
{
  static const char *const usual[]
      = {"utf-8",        "utf-16",     "utf-16le",    "utf-16be",     "utf-32",       "latin1",
         "iso-8859-1",   "iso-8859-2", "iso-8859-15", "windows-1250", "windows-1251", "windows-1252",
         "windows-1254", "cp437",      "cp850",       "cp1252",       "koi8-r",       "macintosh",
         "shift_jis",    "euc-jp",     "euc-kr",      "gbk",          "gb18030",      "big5",
         "ascii",        NULL};
  IconvDecoder *self = g_new (IconvDecoder, 1);

  self->decoder.read = iconv_read;
  self->decoder.rewind = NULL;
  self->decoder.free = iconv_free;
  self->from = from;
  self->name = name;
  self->encoding = g_strdup (encoding);
  self->input_end = self->flushed = FALSE;
  self->failure = NULL;
  self->spare = 0;
  self->next = self->input;
  self->available = 0;
  self->replaces = replaces;
  self->unit = unit_of (encoding);
  self->converter = g_iconv_open ("UTF-8", encoding);
  /* iconv knows latin1; half the world writes latin-1. */
  if (self->converter == (GIConv) -1 && g_ascii_strncasecmp (encoding, "latin-", 6) == 0)
    {
      g_autofree char *joined = g_strconcat ("latin", encoding + 6, NULL);
      self->converter = g_iconv_open ("UTF-8", joined);
    }
  if (self->converter == (GIConv) -1)
    {
      const char *nearest = pl_suggest (encoding, usual);

      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "unknown encoding '%s'%s%s%s", encoding,
                   nearest != NULL ? "; did you mean '" : "; `iconv -l` lists those there are",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
      iconv_free (&self->decoder);
      return NULL;
    }
  return &self->decoder;
}
