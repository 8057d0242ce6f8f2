/* The interface of plugins: stages written in C (or anything that can be called from it), loaded at run time.
 *
 *   cc -shared -fPIC $(pkg-config --cflags pipeline-plugin) -o score.so score.c
 *
 *   [plugin score]
 *   library = score.so
 *   factor = 2
 *
 * A plugin exports one symbol, `pl_plugin_descriptor`. Its map function gets batches of rows, a column at a time, and
 * fills in the columns it adds. It needs this header, and nothing of the program's. Plugins run in worker processes
 * (unless the job says otherwise), so that one that crashes takes no run with it.
 *
 * Which rows come together in a batch, in which order, and to which worker, is not defined: an answer may depend on its
 * row alone. The interface changes only together with PL_PLUGIN_ABI. */
#ifndef PIPELINE_PLUGIN_H
#define PIPELINE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

#define PL_PLUGIN_ABI 1

  /* What a column's values are. */
  enum
  {
    PL_PLUGIN_BOOL = 1,      /* uint8_t: 0 or 1 */
    PL_PLUGIN_INT = 2,       /* int64_t */
    PL_PLUGIN_FLOAT = 3,     /* double */
    PL_PLUGIN_DECIMAL = 4,   /* PlPluginDecimal: value × 10^scale */
    PL_PLUGIN_STRING = 5,    /* PlPluginText: UTF-8 */
    PL_PLUGIN_DATE = 6,      /* int32_t: days since 1970-01-01 */
    PL_PLUGIN_TIMESTAMP = 7, /* int64_t: microseconds since 1970-01-01 00:00:00 */
  };

  typedef struct
  {
    const char *data; /* not ended by a NUL */
    uint32_t length;  /* bytes */
    uint32_t flags;   /* 0 in what a plugin gives */
  } PlPluginText;

/* 128 bits in two's complement. */
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  typedef struct
  {
    int64_t high;
    uint64_t low;
  } PlPluginDecimal;
#else
typedef struct
{
  uint64_t low;
  int64_t high;
} PlPluginDecimal;
#endif

  typedef struct
  {
    const char *name;
    int32_t type;
    uint8_t precision; /* of decimals: 1 to 38 */
    uint8_t scale;     /* of decimals: 0 to precision */
    uint8_t reserved[2];
  } PlPluginField;

  typedef struct
  {
    const char *name;
    const char *value;
  } PlPluginOption;

  typedef struct PlPluginSetup PlPluginSetup;

  /* What a plugin is told about its job. It stays where it is, with all it points to, until the last state has been
   * freed. */
  struct PlPluginSetup
  {
    uint32_t size; /* of this struct */
    uint32_t n_inputs;
    const PlPluginField *inputs; /* the columns of the rows that come */
    uint32_t n_options;
    const PlPluginOption *options; /* the keys of the job's group, besides library and input, as written */
    void *data;                    /* the plugin's own: what columns() leaves here, state_new() finds; see setup_free */
    /* For columns() only. Each returns 0, or the plugin returns what it got. */
    int (*need) (PlPluginSetup *setup, uint32_t input); /* map() wants this column's values */
    int (*add) (PlPluginSetup *setup,
                const PlPluginField *field); /* a column to be filled in; replaces one of its name */
    int (*fail) (PlPluginSetup *setup, const char *option,
                 const char *message); /* @option: NULL, or the one to be changed */
  };

  typedef struct
  {
    const uint8_t *nulls; /* a byte a row, 1 where null; NULL: none is */
    const void *values; /* n_rows of what its type says, unspecified where null; NULL for a column that is not needed */
  } PlPluginColumn;

  typedef struct
  {
    uint8_t *nulls; /* a byte a row, all 0; set to 1 where the result is null */
    void *values;   /* n_rows, all zero */
  } PlPluginResult;

  typedef struct PlPluginBatch PlPluginBatch;

  struct PlPluginBatch
  {
    uint32_t size; /* of this struct */
    uint32_t n_inputs, n_results;
    size_t n_rows;
    const PlPluginColumn *inputs; /* as setup's */
    PlPluginResult *results;      /* in the order in which they were added */
    /* Memory for texts, which lives as long as the batch; never NULL. */
    void *(*allocate) (PlPluginBatch *batch, size_t size);
    /* The row is a bad one: it ends the run with its file and line, or is set aside, as its source has it. For any
     * number of rows; the plugin returns what it got. The rows that are left are mapped again. */
    int (*fail) (PlPluginBatch *batch, size_t row, const char *message);
  };

  typedef struct
  {
    uint32_t abi;  /* PL_PLUGIN_ABI */
    uint32_t size; /* sizeof (PlPluginDescriptor) */
    const char *name;
    /* Reads options and input columns; says what it needs and what it adds. Called when the job is read, in every
     * process; must say the same each time. Returns: 0, or not 0 behind setup->fail(). */
    int (*columns) (PlPluginSetup *setup);
    /* Returns: 0, or not 0 behind batch->fail(). Called by several workers at once, each with its own state. */
    int (*map) (void *state, PlPluginBatch *batch);
    /* May be NULL: what a worker keeps from batch to batch. On that worker. */
    void *(*state_new) (const PlPluginSetup *setup);
    void (*state_free) (void *state);
    /* May be NULL: frees setup->data, once nobody uses it any more. */
    void (*setup_free) (PlPluginSetup *setup);
  } PlPluginDescriptor;

#if defined __GNUC__
#define PL_PLUGIN_EXPORT __attribute__ ((visibility ("default")))
#else
#define PL_PLUGIN_EXPORT
#endif

  /** pl_plugin_descriptor: what a plugin exports. */
  extern PL_PLUGIN_EXPORT const PlPluginDescriptor pl_plugin_descriptor;

#ifdef __cplusplus
}
#endif

#endif
