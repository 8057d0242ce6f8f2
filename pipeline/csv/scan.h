/* The structural scan: where separators outside quotes are, found 64 bytes at a time.
 *
 * One kernel (scan-kernel.h) is compiled once for each instruction set over that set's few primitives; pl_scan_kernel()
 * picks at run time. A kernel only reads texts whose quotes are regular: each opens at a field's start and closes at a
 * field's end. It stops at the first word (64 bytes) that is not so; the automaton then takes over. */
#pragma once
#include "boundary.h"

G_BEGIN_DECLS

/* Entries a kernel may write behind the target: those of its last word, and what flattening writes blindly. */
#define PL_SCAN_SLACK 128
/* Of which fields the ends are wanted, where every record has as many fields: what a scan looks up at each word.
 *
 *   phase     how many fields of its record lie before the word
 *   wanted    by phase: bit i: the i-th separator from there on is wanted; the last of a record always is
 *   ends      by phase: bit i: it must be a line end; the others must not
 *   behind    phase + number of separators → the phase behind them */
typedef struct
{
  guint n_fields;
  guint n_wanted;
  guint64 *wanted, *ends;
  guint32 *behind; /* n_fields + 64 of them */
  guint expected;  /* a hint: a word has so many wanted ends at most, as a rule */
  gboolean counts; /* no entries are written, records are counted */
} PlScanSelection;

/* A scan stops this far behind its base, so that entries fit 32 bits. */
#define PL_SCAN_REACH ((gsize) 1 << 30)

typedef struct
{
  const char *data; /* 64 readable bytes stand behind data + length */
  gsize length;
  gsize base;     /* entries count from here */
  gsize position; /* in: the start of a record; out: the first byte not looked at */
  char delimiter;
  char quote;       /* 0: none */
  gboolean plain;   /* stop before the first word with a quote, or a CR without an LF behind it */
  guint32 *entries; /* offsets of delimiters and line ends (the LF of CR LF) outside quotes */
  gsize n_entries;
  gsize target;   /* stop at so many entries; there is room for PL_SCAN_SLACK more; not looked at where records are
                     counted */
  gsize lines;    /* line ends among the entries, added to */
  gsize line_end; /* out, where records are counted: behind the last of them */
  /* Set when there were any; never cleared. */
  gboolean has_quote, has_cr, has_special;
  /* Stopped because quotes are not regular from here on, or (select) a record has another number of fields; entries of
   * that word are not written. */
  gboolean irregular;
} PlScan;

typedef struct
{
  const char *name;
  void (*survey) (char delimiter, char quote, const char *data, gsize length, gint before, PlSurvey *survey);
  void (*index) (PlScan *scan);
  /* (nullable): index, but only the wanted entries are written, and it stops at the first word with a record of another
   * number of fields. NULL where depositing bits (pdep) is slow. */
  void (*select) (PlScan *scan, const PlScanSelection *selection);
} PlScanKernel;

/** pl_scan_kernel: Returns: (transfer none): the fastest this machine runs. */
const PlScanKernel *pl_scan_kernel (void);
/** pl_scan_kernels: Returns: (array zero-terminated=1): all that this machine runs, the portable one last; for
 * tests. */
const PlScanKernel *const *pl_scan_kernels (void);

extern const PlScanKernel pl_scan_portable;
#if defined(__x86_64__)
extern const PlScanKernel pl_scan_avx2;
extern const PlScanKernel pl_scan_avx2_plain; /* without select, for AMD's processors before 2020 */
extern const PlScanKernel pl_scan_avx512;
#elif defined(__aarch64__)
extern const PlScanKernel pl_scan_neon;
#endif

G_END_DECLS
