/* A ranged block, fetched by the worker that has it: bytes of the file → whole records.
 *
 *   file    … │ first part of a record of the block before │ records │ first part of the last record │ its rest … │
 *             ▲ offset                                                                offset + length ▲
 *   span                                                   └────────────────────────────────────────────────────┘
 *
 * A block owns the records that begin in it. Its end point is published before any of them is read. */
#pragma once
#include "../csv/reader.h"
#include "blocks.h"

G_BEGIN_DECLS

typedef struct
{
  const PlSource *source;
  PlCsvReader *reader; /* (nullable): who will open the spans */
  gint file;           /* the open one, -1: none */
  int fd;
  char *memory, *data; /* data: of the block, in memory */
  gsize capacity;
  gsize ahead;   /* bytes that came along with the block, from behind it */
  guint64 bytes; /* asked for so far */
} PlFetch;

typedef enum
{
  PL_FETCH_SPAN,    /* @span has records */
  PL_FETCH_NOTHING, /* no record begins in the block */
  PL_FETCH_VOID,    /* a block before was given up, so this one is, too */
  PL_FETCH_FAILED,  /* @error; the block is given up */
} PlFetchResult;

void pl_fetch_init (PlFetch *fetch, const PlSource *source);
void pl_fetch_clear (PlFetch *fetch);
/** pl_fetch_block: @span points into memory of @fetch until the next call. The chain gets the block's end point or
 * void, always. A record that does not end within max-record-size bytes behind its block is cut there: the reader sees
 * that it is too long. */
PlFetchResult pl_fetch_block (PlFetch *fetch, const PlBlockTask *task, PlChain *chain, PlSpan *span, GError **error);
/** pl_fetch_part: Returns: the records of @span that @task has a part in. */
PlSpan pl_fetch_part (const PlSpan *span, const PlBlockTask *task);
/** pl_fetch_know: makes @task one whose start is known: @start is where its block begins. */
void pl_fetch_know (PlBlockTask *task, const PlLexPoint *start);

G_END_DECLS
