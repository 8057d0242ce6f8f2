/* What a scalar function is: one const descriptor; one file a family under stages/functions/; one line in its
 * registry.c. */
#pragma once
#include "../table/batch.h"
#include "../table/type.h"

G_BEGIN_DECLS

typedef struct PlFunction PlFunction;

struct PlFunction
{
  const char *name;
  const char *signature;    /* "round(x[, digits])" */
  const char *summary;      /* one line, no full stop */
  const char *example;      /* "round(3.14159, 2) = 3.14": an expression that is true; a test evaluates it */
  guint min_args, max_args; /* max_args 0 with min_args > 0: any number */
  gboolean handles_nulls;   /* FALSE: null in, null out; the kernel never has to look at nulls of its result's rows */
  gboolean one_type; /* its arguments are values of one type, so a text literal beside a date is read as a date */

  /* @types: of the arguments; may be changed to what they are to be cast to. Sets the result type. Where it fails for
   * one of them, that is set to what is wanted, and the message is `what is wrong; what to do`.
   * @constants[i]: a one-row column where the argument is constant, else NULL. @variant: anything evaluate() wants to
   * know. */
  gboolean (*bind) (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args,
                    PlType *result, guint *variant, GError **error);
  /* All args have n rows. @out is a column of the result type with n values; with handles_nulls FALSE its nulls are set
   * to the OR of the arguments' on entry, and the kernel may add some (pl_column_add_nulls). Rows that are null hold
   * unspecified but readable values (texts: empty).
   * Returns: %FALSE with @failed = the first failing row that is not null. */
  gboolean (*evaluate) (guint variant, PlColumn *const *args, guint n_args, gsize n, PlColumn *out, PlArena *arena,
                        gsize *failed, GError **error);
};

typedef struct
{
  const PlFunction *(*find) (const char *name);
  const char *const *(*names) (void); /* zero-terminated, for suggestions */
  const char *hint;                   /* what to say of a name that is near none of them */
} PlFunctionTable;

G_END_DECLS
