/* Text → tokens, one at a time. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  PL_TOKEN_END,
  PL_TOKEN_NAME,   /* bare; may be a keyword */
  PL_TOKEN_QUOTED, /* "so" */
  PL_TOKEN_STRING, /* 'so' */
  PL_TOKEN_INT,
  PL_TOKEN_FLOAT,
  PL_TOKEN_SYMBOL,
} PlTokenKind;

typedef struct
{
  PlTokenKind kind;
  guint offset;      /* characters from the start of the text */
  const char *start; /* as written; `length` bytes */
  gsize length;
} PlToken;

typedef struct
{
  const char *next;
  guint offset; /* of `next` */
  PlToken token;
} PlLexer;

/** pl_lexer_next: reads the next token into lexer->token. On failure its offset is where the mistake is. */
gboolean pl_lexer_next (PlLexer *lexer, GError **error);
/** pl_token_unquote: Returns: (transfer full): the text of a quoted token, doubled quotes made single. */
char *pl_token_unquote (const PlToken *token, gsize *length);

G_END_DECLS
