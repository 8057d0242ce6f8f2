/* The blocks of a run and the memory that its processes share.
 *
 *   given:  [ bound | region of block 0 | region of block 1 | … ]            written by the main process alone
 *   taken:  [ slots of the chain | members | outbox of block 0 | outbox of block 1 | … ]   written by workers, too
 *
 * Two memfds. A region holds the decoded bytes of a block of an input that workers cannot read themselves (compressed,
 * piped). It is as large as such a block can ever become, but made of untouched pages until it does. Descriptors
 * of ranged blocks have no use for it. An outbox is where a worker process writes what the block gives to the sinks, so
 * that it is not copied through a socket; what does not fit comes that way all the same.
 *
 * Nothing in memory that workers can write is trusted, because a plugin that runs in one may write anywhere by mistake:
 * slots have checksums (chain.h), and the checksum of an outbox comes with the answer where foreign code runs
 * (pl_block_is_sound(); it costs a tenth of the processor time of a job that writes all it reads). Workers cannot write
 * what is given: the kernel has sealed it. */
#pragma once
#include "../base/buffer.h"
#include "../csv/source.h"
#include "../memory/budget.h"
#include "block-ends.h"
#include "../base/cleanup.h"

G_BEGIN_DECLS

#define PL_PAGE 4096u
/* Processes that share memory: the main process, workers, and one for blame. */
#define PL_MOST_MEMBERS 1026u

static inline gsize
pl_round_to_page (gsize size)
{
  return (size + PL_PAGE - 1) & ~(gsize) (PL_PAGE - 1);
}

typedef enum
{
  PL_BLOCK_RANGE,  /* bytes [offset, offset + length) of a file: the worker reads them */
  PL_BLOCK_BUFFER, /* whole records in the block's region */
  PL_BLOCK_ROWS, /* piece `offset` of a reduce stage's rows; for worker processes, `length` bytes of a parcel (parcel.h)
                  */
} PlBlockKind;

/* What is to be done: plain data, sent to worker processes as it is. */
typedef struct
{
  guint64 sequence; /* of the block in its segment, from 0 */
  guint64 base;     /* of its first row or record: see table/batch.h */
  guint64 offset;
  guint64 length;
  guint64 line; /* PL_BLOCK_BUFFER: of its first byte; PL_BLOCK_RANGE: of the file's first record; of a parcel: how many
                   rows are before its first one */
  guint32 index; /* of the block, hence of its region */
  guint32 kind;  /* PlBlockKind */
  guint32 file;
  guint32 first; /* PL_BLOCK_RANGE: a record begins at offset; the block before is another file's */
  guint32 final; /* PL_BLOCK_BUFFER: the file ends here */
  /* For processes, whose blocks may have to be done again: */
  guint32 hand_over; /* with the answer comes what the worker has gathered so far, and it begins anew */
  guint32 known; /* PL_BLOCK_RANGE: where its first record begins is in line and lex: nothing is asked of the chain, nor
                    told to it */
  guint32 lex;   /* state, after_cr << 8 of the point at offset */
  guint32 outbox;      /* the block's outbox is the worker's to write into: nobody else has a use for it now */
  guint32 is_there;    /* the parcel lies in the block's region; else it comes behind the task */
  guint64 part_offset; /* of the block's span only bytes [part_offset, part_offset + part_length), when part_length > 0:
                          whole records; of a parcel so many rows */
  guint64 part_length;
  guint64 part_line;   /* of the first of them */
  guint64 part_record; /* its number in the span */
  guint64 n_rows;      /* of the parcel */
} PlBlockTask;

/* One rejected record: where it is, how many bytes of PlBlock.rejects tell of it, and which of its source's it is. */
typedef struct
{
  guint64 position, length;
  guint64 record; /* offset × number of files + file: no two records have the same one */
} PlRejectMark;

/* A checksum that grows with an output: of its first @done bytes. */
typedef struct
{
  struct XXH3_state_s *state; /* (nullable): none has been asked for yet */
  gsize done;
} PlDigest;

typedef struct
{
  PlBlockTask task;
  PlBuffer parcel; /* rows that are sent to a worker process; lent where they lie in the region; emptied when the block
                      becomes free */
  /* What the worker gave; emptied when the block becomes free. */
  PlBuffer *outputs; /* per sink of the plan */
  guint n_outputs;
  PlBuffer rejects;  /* lines of the rejects file */
  PlBuffer marks;    /* of PlRejectMark */
  guint64 records;   /* read from the source, bad ones included */
  guint64 rows;      /* given to the first stages */
  guint64 *digests;  /* per sink: XXH3 of what its worker has put into the outbox, where outputs[] are lent */
  PlDigest *running; /* per sink: the same on its way, in the worker process; (nullable) */
  gsize held;        /* bytes of its own buffers, as the lease knows them */
  gint worker;       /* number of the process that did that */
  guint holders;     /* atomic: who still needs the block's bytes */
} PlBlock;

/** pl_block_trace: Returns: a number for so many rows of this block. Sums of them are equal when every block has the
 * same number of rows in both, and hardly ever otherwise (the mixing of SplitMix64). */
static inline guint64
pl_block_trace (guint64 sequence, guint64 rows)
{
  guint64 x = (sequence + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return (x ^ (x >> 31)) * rows;
}

typedef struct
{
  int fd; /* -1: none */
  char *memory;
  gsize size;
} PlSharedPart;

typedef struct
{
  PlSharedPart given, taken;
  guint n_blocks;
  gsize region; /* bytes of each region; 0: none */
  gsize outbox; /* the same of outboxes */
  PlChain *chain;
  PlLease *lease;     /* (nullable): of what this process has touched of it, and of blocks' own buffers */
  PlLease *messages;  /* (nullable): of what is sent and received */
  gsize *touched;     /* per block, of its region, then the same of outboxes; only with a lease */
  gboolean is_joined; /* it is another process's */
} PlShared;

/** pl_shared_open: @for_processes: shared with worker processes; else memory of this process alone, which no file size
 * limit applies to. */
gboolean pl_shared_open (PlShared *shared, gboolean for_processes, guint n_blocks, gsize region, gsize outbox,
                         GError **error);
/** pl_shared_join: for a worker process. @given, @taken: descriptors of what pl_shared_open() made in another process,
 * with the same numbers; closed again, so that memory is all that can be written. The chain is left to each channel:
 * pl_shared_chain(). */
gboolean pl_shared_join (PlShared *shared, int given, int taken, guint n_blocks, gsize region, gsize outbox);
/** pl_shared_lease: from now on what is touched counts, in the name of "blocks"; what is sent is in that of "messages",
 * with worker processes. */
void pl_shared_lease (PlShared *shared, PlBudget *budget);
/** pl_shared_touch_region: this process has touched the bytes of @task in its region. */
void pl_shared_touch_region (const PlShared *shared, const PlBlockTask *task);
void pl_shared_close (PlShared *shared);
/** pl_shared_chain: Returns: (transfer full): a view of the chain. */
PlChain *pl_shared_chain (const PlShared *shared, PlChainUser user);
/** pl_shared_members: Returns: (transfer none): what each process has in memory: PL_MOST_MEMBERS numbers, the main
 * process's first, for pl_budget_join(). A worker may write anything there: what follows is a spill too early, or too
 * late. */
gint64 *pl_shared_members (const PlShared *shared);
/** pl_shared_region: Returns: (transfer none): the region of block @index. */
char *pl_shared_region (const PlShared *shared, guint index);
/** pl_shared_outbox: Returns: (transfer none): the outbox of block @index. */
char *pl_shared_outbox (const PlShared *shared, guint index);

/** pl_block_lend_parcel: has the parcel of @block written into its region, as far as that is enough. */
void pl_block_lend_parcel (PlBlock *block, const PlShared *shared);
/** pl_block_describe: Returns: (transfer full): which block of @segment @task is: "block 3 (in.csv, bytes 0–99)" or
 * "block 3 (rows of [sort worst])". */
char *pl_block_describe (const PlBlockTask *task, const PlSource *source, const char *label);
/** pl_block_lend: has each output of @block write into its part of the block's outbox, of @shared; @is_guarded: with a
 * checksum. */
void pl_block_lend (PlBlock *block, const PlShared *shared, gboolean is_guarded);
/** pl_block_digest: brings the checksums of outputs up to date: before anything else than the outputs' formats can have
 * written over what is new. */
void pl_block_digest (PlBlock *block);
/** pl_block_is_sound: Returns: whether what sink @output has got in the outbox is still what the worker said it was.
 * For who has used it: then nothing else can have been there meanwhile. */
gboolean pl_block_is_sound (const PlBlock *block, guint output);
/** pl_block_follow: tells the lease of @shared what @block holds, outbox included. */
void pl_block_follow (PlBlock *block, const PlShared *shared);
/** pl_block_give_back: @block is empty, and nobody has a use for it: what it has in memory is the system's again, as
 * far as that can be. */
void pl_block_give_back (PlBlock *block, const PlShared *shared);
/** pl_block_init, pl_block_clear: for blocks outside a pool: in worker processes. */
void pl_block_init (PlBlock *block, guint n_outputs);
void pl_block_reset (PlBlock *block);
void pl_block_clear (PlBlock *block);

G_END_DECLS
