/* The formats that exist. Private to format/. */
#pragma once
#include "format.h"

G_BEGIN_DECLS

extern const PlFormat pl_format_csv;
extern const PlFormat pl_format_jsonl;
extern const PlFormat pl_format_markdown;
extern const PlFormat pl_format_table;
extern const PlFormat pl_format_tsv;

G_END_DECLS
