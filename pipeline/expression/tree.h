/* The tree of an expression, private to this folder.
 *
 * One struct for every kind of node: the few bytes that a kind does not use cost nothing, and parse, check, fold and
 * evaluate can turn one kind into another in place. Literals carry a one-row column, which is what folding gives and
 * what evaluation takes. Unchecked nodes have type PL_NULL. */
#pragma once
#include "expression.h"
#include "function.h"
#include "../table/type-origin.h"

G_BEGIN_DECLS

/* Parser recursion; and the height of a tree, which chains such as a + b + c … make without recursion. */
#define PL_EXPRESSION_MAX_DEPTH 200
#define PL_EXPRESSION_MAX_HEIGHT 2000

typedef enum
{
  PL_NODE_LITERAL,
  PL_NODE_COLUMN,
  PL_NODE_NEGATE,
  PL_NODE_NOT,
  PL_NODE_ARITHMETIC, /* + - * / // % ** */
  PL_NODE_CONCAT,
  PL_NODE_COMPARE,
  PL_NODE_AND,
  PL_NODE_OR,
  PL_NODE_IS_NULL,  /* negated: is not null */
  PL_NODE_IN,       /* args: value, items … */
  PL_NODE_BETWEEN,  /* args: value, low, high */
  PL_NODE_LIKE,     /* args: value, pattern[, escape] */
  PL_NODE_CASE,     /* args: [subject,] (when, then)*, else; named "if" when written so */
  PL_NODE_COALESCE, /* named coalesce or ifnull */
  PL_NODE_CAST,     /* to `target` */
  PL_NODE_CALL,
} PlNodeKind;

typedef enum
{
  PL_OP_ADD,
  PL_OP_SUBTRACT,
  PL_OP_MULTIPLY,
  PL_OP_DIVIDE,
  PL_OP_FLOOR_DIVIDE,
  PL_OP_MODULO,
  PL_OP_POWER,
  PL_OP_EQUAL,
  PL_OP_NOT_EQUAL,
  PL_OP_LESS,
  PL_OP_LESS_EQUAL,
  PL_OP_GREATER,
  PL_OP_GREATER_EQUAL,
} PlOperator;

typedef struct PlSet PlSet;

struct PlExpression
{
  PlNodeKind kind;
  PlOperator operation;
  guint offset; /* characters */
  guint height;
  char *name; /* column, function */
  PlExpression **args;
  guint n_args;
  PlExpression *filter;
  gboolean quoted;      /* column written "so" */
  gboolean negated;     /* not in, not between, not like, is not null */
  gboolean has_subject; /* case x when … */
  gboolean distinct;
  gboolean star;     /* count(*) */
  gboolean try_cast; /* null where the cast fails */
  gboolean exact;    /* a cast that fails where it would round or cut */
  gboolean implicit; /* a cast of ours: not in the text */
  PlType target;

  /* Literals: a one-row column over the fields below it. */
  PlColumn constant;
  guint8 is_null;
  union
  {
    guint8 bool_value;
    gint64 int_value;
    double float_value;
    PlInt128 decimal_value;
    gint32 date_value;
    PlText text_value;
  };
  char *string; /* (owned): what text_value points to; of a hidden column, the call that it stands for */

  /* After checking. */
  gboolean checked;
  PlType type;
  gint field;
  PlTypeOrigin origin; /* of a column */
  const PlFunction *function;
  guint variant;
  PlSet *set;       /* (owned) (nullable): the items of `in`, where all are literals and many */
  gboolean guarded; /* can fail, or costs: not to be evaluated for rows that do not reach it */
};

PlExpression *pl_node_new (PlNodeKind kind, guint offset);
/** pl_node_add: @child: (transfer full) (nullable): %NULL is skipped. */
void pl_node_add (PlExpression *node, PlExpression *child);
/** pl_node_set_literal: makes @node a literal of @type; the value is what the caller then puts into the union. */
void pl_node_set_literal (PlExpression *node, PlType type);
void pl_node_free (PlExpression *node);
void pl_node_set_string (PlExpression *node, const char *data, gsize length);
/** pl_node_set_constant: makes @node the literal that row 0 of @column holds. */
void pl_node_set_constant (PlExpression *node, const PlColumn *column);
const char *pl_operator_text (PlOperator operation);

G_END_DECLS
