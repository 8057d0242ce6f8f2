/* The families of scalar functions, for registry.c: an array each, ended by an entry without a name. */
#pragma once
#include "../../pipeline/expression/function.h"

G_BEGIN_DECLS

extern const PlFunction pl_math_functions[];
extern const PlFunction pl_rounding_functions[];
extern const PlFunction pl_text_functions[];
extern const PlFunction pl_text_made_functions[];
extern const PlFunction pl_date_functions[];
extern const PlFunction pl_date_shift_functions[];
extern const PlFunction pl_date_format_functions[];
extern const PlFunction pl_choice_functions[];

G_END_DECLS
