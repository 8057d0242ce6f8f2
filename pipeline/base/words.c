/* See words.h. A word may mean several things, of which the first that is among the candidates counts: where a key is
 * expected, `sep` is one, and where a function is, it is none. */
#include "words.h"

#include <string.h>

typedef struct
{
  const char *meaning, *words; /* words: between blanks, in lower case, without - and _ */
} Words;

static const Words meanings[] = {
    /* Aggregates. */
    {"mean", " avg average "},
    {"std", " stddev stdev stddevsamp stdevsamp stdsamp sd "},
    {"var", " variance varsamp "},
    {"sem", " stderr standarderror "},
    {"cov", " covar covarsamp covariance "},
    {"corr", " corrcoef correlation pearson "},
    {"nunique", " countdistinct approxcountdistinct ndistinct distinctcount countd countunique "},
    {"quantile", " percentile percentilecont quantilecont approxquantile "},
    {"sum", " total "},
    {"list", " stringagg groupconcat listagg arrayagg collect collectlist "},
    {"first", " anyvalue firstvalue "},
    {"last", " lastvalue "},
    {"arg_max", " argmax maxby idxmax "},
    {"arg_min", " argmin minby idxmin "},
    {"skew", " skewness "},
    {"kurtosis", " kurt "},
    {"all", " booland every logicaland "},
    {"any", " boolor some logicalor "},
    {"product", " prod "},
    {"min", " minimum "},
    {"max", " maximum "},
    /* Functions; len is one of texts first. */
    {"length", " len charlength characterlength strlen nchar lenchars "},
    {"count", " size len "},
    {"coalesce", " fillna fillnull nvl nafill replacena "},
    {"position", " instr strpos charindex locate index indexof find "},
    {"upper", " ucase toupper uppercase touppercase "},
    {"lower", " lcase tolower lowercase tolowercase "},
    {"substr", " substring mid slice strsub "},
    {"ceil", " ceiling "},
    {"trunc", " truncate fix "},
    {"strptime", " todate totimestamp parsedate parsedatetime todatetime strtodate strtotime "},
    {"strftime", " dateformat formatdate tochar "},
    {"date_add", " dateadd adddate "},
    {"date_diff", " datediff timestampdiff "},
    {"date_trunc", " datetrunc "},
    {"weekday", " dayofweek dow wday "},
    {"yearday", " dayofyear doy yday "},
    {"if", " iif ifelse where "},
    {"trim", " strip "},
    {"ltrim", " lstrip "},
    {"rtrim", " rstrip "},
    {"starts_with", " startswith "},
    {"ends_with", " endswith "},
    {"contains", " includes "},
    {"abs", " fabs "},
    {"sign", " sgn signum "},
    {"is_nan", " isnan "},
    {"split_part", " split splitpart stringsplit strsplit splittoarray stringtoarray substringindex "},
    {"replace", " strreplace replaceall stringreplace "},
    {"lpad", " leftpad padstart rjust "},
    {"rpad", " rightpad padend ljust "},
    {"repeat", " replicate rep "},
    {"greatest", " rowmax maxhorizontal "},
    {"least", " rowmin minhorizontal "},
    {"cast", " convert tonumber tonumeric "},
    {"try_cast", " safecast tryconvert "},
    /* Stages. */
    {"group-by", " groupby aggregate agg summarise summarize "},
    {"filter", " where query keep "},
    {"derive", " mutate assign withcolumns withcolumn compute transform extend "},
    {"sort", " orderby arrange sortvalues order "},
    {"distinct", " unique uniq dropduplicates dedup dedupe deduplicate "},
    {"limit", " head take fetch "},
    {"drop-null", " dropna dropnulls dropnull "},
    {"explode", " unnest separaterows arrayjoin flatten nest "},
    {"unpivot", " melt pivotlonger gather "},
    {"join", " merge lookup vlookup innerjoin leftjoin outerjoin crossjoin "},
    {"union", " concat append unionall bindrows rbind "},
    {"row-number", " rownumber withrowindex rowindex "},
    {"select", " rename project columns drop "},
    {"source", " read readcsv input extract scan "},
    {"sink", " write writecsv output target load tocsv "},
    {"vars", " variables params parameters "},
    {"run", " options settings config "},
    /* Keys. */
    {"delimiter", " sep separator delim fielddelimiter "},
    {"path", " file filename filepath url "},
    {"null-values", " navalues nullvalues nullstr nullstrings nas "},
    {"null", " narep nullvalue nullstring "},
    {"skip-rows", " skiprows skip skiplines "},
    {"use", " usecols "},
    {"types", " dtype dtypes schema coltypes schemaoverrides "},
    {"limit", " nrows maxrows "},
    {"quote", " quotechar "},
    {"date-format", " parsedates timestampformat "},
    {"columns", " names colnames fieldnames "},
    {"byte-order-mark", " bom utf8sig withbom includebom "},
    {"decimal-comma", " decimal dec "},
    {"line-end", " lineterminator lineending eol newline "},
    {"workers", " threads njobs jobs nthreads parallelism "},
    {"where", " condition predicate "},
    {"by", " on keys groupby orderby partitionby "},
    {"rows", " n "},
    {"on", " by using lefton righton keys "},
    {"how", " type jointype kind "},
    {"right", " with other "},
    {"suffix", " suffixes "},
    {"validate", " relationship "},
    {"null-keys", " joinnulls nullsequal "},
    /* Kinds of joins. */
    {"full", " outer fullouter "},
    {"semi", " leftsemi exists "},
    {"anti", " leftanti notexists "},
};

static const Words advice[] = {
    {"write '${now}' or '${today}', and cast it: a run has one time",
     " now today currentdate currenttimestamp curdate getdate sysdate localtimestamp "},
    {"write sqrt(var(x) * (count(x) - 1) / count(x)): std divides by n - 1", " stddevpop stdevpop stdevp stdpop "},
    {"write var(x) * (count(x) - 1) / count(x): var divides by n - 1", " varpop varp variancepop "},
    {"write count() filter (where condition)", " countif countwhen "},
    {"write sum(x) filter (where condition)", " sumif "},
    {"write mean(x) filter (where condition)", " averageif avgif meanif "},
    {"write x in (a, b)", " isin memberof "},
    {"write x between a and b", " isbetween "},
    {"write lpad(x, n, '0')", " zfill "},
    {"write upper(left(x, 1)) || lower(substr(x, 2)): a capital for the first word alone",
     " initcap capitalize proper totitle strtotitle titlecase "},
    {"write date_add('day', -1, date_add('month', 1, date_trunc('month', x)))",
     " lastday eomonth monthend endofmonth "},
    {"write date_add('month', n, x)", " addmonths edate monthsadd "},
    {"write date_add('day', n, x), or x + n", " adddays daysadd "},
    {"write date_diff('month', a, b)", " monthsbetween "},
    {"write date_diff('second', cast('1970-01-01' as timestamp), x)",
     " unixtimestamp tounixtime tounixtimestamp epoch epochseconds "},
    {"write date_add('second', x, cast('1970-01-01' as timestamp))", " fromunixtime fromepoch totimestampseconds "},
    {"write x % y", " mod modulo fmod "},
    {"write x is null", " isnull isna "},
    {"write x is not null", " isnotnull notnull notna "},
    {"there are no windows; [row-number] numbers rows, and [top-k] keeps the first ones of each group",
     " lag lead shift diff rank denserank rownumber ntile cumsum cumcount cummax cummin rolling over pctchange "
     "percentrank cumedist nthvalue "},
    {"there are no regular expressions; write like, contains, replace or split_part",
     " regexpmatches regexpreplace regexpextract regexplike regexpmatch regexp regex rlike match gsub sub strdetect "},
    {"write year(x), month(x), day(x), hour(x), minute(x) or second(x)", " extract datepart "},
    {"write cast(x as type)",
     " int integer bigint toint tointeger float double real tofloat todouble str string text varchar tostring date "
     "datetime timestamp decimal numeric todecimal bool boolean astype "},
    {"there are no random numbers, so that a run gives the same bytes again", " rand random uuid randn "},
};

/* @name as it stands in lists of words; FALSE: it is too long for one. */
static gboolean
fold (const char *name, char *folded, gsize size)
{
  gsize n = 0;
  folded[n++] = ' ';
  for (; *name != '\0'; name++)
    if (*name != '_' && *name != '-')
      {
        if (n + 2 >= size || *name == ' ')
          return FALSE;
        folded[n++] = g_ascii_tolower (*name);
      }
  folded[n++] = ' ';
  folded[n] = '\0';
  return n > 2;
}

const char *
pl_words_meaning (const char *name, const char *const *candidates)
{
  char folded[40];
  if (!fold (name, folded, sizeof folded))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (meanings); i++)
    for (gsize c = 0; strstr (meanings[i].words, folded) != NULL && candidates[c] != NULL; c++)
      if (strcmp (candidates[c], meanings[i].meaning) == 0)
        return candidates[c];
  return NULL;
}

const char *
pl_words_advice (const char *name)
{
  char folded[40];
  if (!fold (name, folded, sizeof folded))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (advice); i++)
    if (strstr (advice[i].words, folded) != NULL)
      return advice[i].meaning;
  return NULL;
}
