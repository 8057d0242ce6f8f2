/* The lexer: names, "names", 'texts', numbers, symbols. Text is valid UTF-8 (the parser has looked); positions are
 * counted in characters as it goes. Keywords are the parser's business. */
#include "lexer.h"

#include <string.h>

#include "../base/show.h"
#include "../base/error.h"

/* Longest part of a token shown in a message. */
#define SHOWN_BYTES 64

static gboolean
is_name_char (guchar c)
{
  return g_ascii_isalnum (c) || c == '_' || c >= 0x80;
}

static guint
count_chars (const char *text, gsize length)
{
  guint n = 0;
  for (gsize i = 0; i < length; i++)
    n += ((guchar) text[i] & 0xc0) != 0x80;
  return n;
}

static gboolean lex_error (PlLexer *lexer, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
lex_error (PlLexer *lexer, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  lexer->token.offset = lexer->offset;
  g_set_error_literal (error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION, message);
  return FALSE;
}

static gsize
quoted_length (const char *text)
{
  char quote = text[0];
  gsize i = 1;
  for (;;)
    {
      if (text[i] == '\0')
        return 0;
      if (text[i] != quote)
        i++;
      else if (text[i + 1] == quote)
        i += 2;
      else
        return i + 1;
    }
}

/* digits [. digits] [e digits], or . digits; anything that runs on is refused by the caller. */
static gsize
number_length (const char *text, gboolean *is_float)
{
  gsize i = strspn (text, "0123456789");
  *is_float = FALSE;
  if (text[i] == '.')
    {
      *is_float = TRUE;
      i += 1 + strspn (text + i + 1, "0123456789");
    }
  if (text[i] == 'e' || text[i] == 'E')
    {
      gsize sign = text[i + 1] == '+' || text[i + 1] == '-';
      gsize digits = strspn (text + i + 1 + sign, "0123456789");
      if (digits > 0)
        {
          *is_float = TRUE;
          i += 1 + sign + digits;
        }
    }
  return i;
}

static gsize
symbol_length (const char *text)
{
  static const char *const longest_first[] = {"**", "//", "||", "!=", "<>", "<=", ">=", "::", "=="};
  for (gsize i = 0; i < G_N_ELEMENTS (longest_first); i++)
    if (strncmp (text, longest_first[i], 2) == 0)
      return 2;
  return strchr ("+-*/%=<>(),", text[0]) != NULL ? 1 : 0;
}

static gboolean
lex_number (PlLexer *lexer, gsize *length, GError **error)
{
  const char *text = lexer->next;
  gboolean is_float;
  *length = number_length (text, &is_float);
  lexer->token.kind = is_float ? PL_TOKEN_FLOAT : PL_TOKEN_INT;
  if (!is_name_char ((guchar) text[*length]))
    return TRUE;
  gsize end = *length;
  while (is_name_char ((guchar) text[end]))
    end++;
  g_autofree char *shown = pl_show_some (text, end, SHOWN_BYTES);
  return lex_error (
      lexer, error,
      "'%s' is neither a number nor a name; write numbers as 1000 or 1.5e3, and names that start with a digit in "
      "double quotes",
      shown);
}

gboolean
pl_lexer_next (PlLexer *lexer, GError **error)
{
  while (*lexer->next != '\0' && strchr (" \t\r\n", *lexer->next) != NULL)
    {
      lexer->next++;
      lexer->offset++;
    }
  const char *text = lexer->next;
  gsize length = 0;
  lexer->token = (PlToken){.kind = PL_TOKEN_END, .offset = lexer->offset, .start = text};
  if (*text == '\0')
    return TRUE;
  if (*text == '\'' || *text == '"')
    {
      lexer->token.kind = *text == '"' ? PL_TOKEN_QUOTED : PL_TOKEN_STRING;
      length = quoted_length (text);
      if (length == 0)
        return lex_error (lexer, error,
                          *text == '"'
                              ? "this double quote is never closed"
                              : "this single quote is never closed; a quote inside a text is doubled: 'it''s'");
      if (*text == '"' && length == 2)
        return lex_error (lexer, error, "a name is missing between the double quotes; an empty text is written ''");
    }
  else if (g_ascii_isdigit (*text) || (*text == '.' && g_ascii_isdigit (text[1])))
    {
      if (!lex_number (lexer, &length, error))
        return FALSE;
    }
  else if (is_name_char ((guchar) *text))
    {
      lexer->token.kind = PL_TOKEN_NAME;
      while (is_name_char ((guchar) text[length]))
        length++;
    }
  else
    {
      lexer->token.kind = PL_TOKEN_SYMBOL;
      length = symbol_length (text);
      if (length == 0)
        return lex_error (
            lexer, error,
            "'%c' means nothing in an expression; put names that hold it in double quotes, texts in single quotes",
            *text);
    }
  lexer->token.length = length;
  lexer->next += length;
  lexer->offset += count_chars (text, length);
  return TRUE;
}

char *
pl_token_unquote (const PlToken *token, gsize *length)
{
  char *text = g_malloc (token->length);
  gsize n = 0;
  for (gsize i = 1; i + 1 < token->length; i++)
    {
      text[n++] = token->start[i];
      if (token->start[i] == token->start[0])
        i++;
    }
  text[n] = '\0';
  if (length != NULL)
    *length = n;
  return text;
}
