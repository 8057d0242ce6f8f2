/* The list of functions. */
#pragma once
#include "../../pipeline/expression/function.h"

G_BEGIN_DECLS

/** pl_functions: Returns: (transfer none) (array zero-terminated=1): every function, by name. */
const PlFunction *const *pl_functions (void);
/** pl_language_forms: Returns: (transfer none): if, case, cast …, which the parser knows and pl_functions() lacks:
 * their documentation, by name, ended by an entry without a name. Only name, signature, summary and example are set. */
const PlFunction *pl_language_forms (void);
/** pl_function_table: Returns: (transfer none): for pl_expression_check(). */
const PlFunctionTable *pl_function_table (void);

G_END_DECLS
