/* std::from_chars and std::to_chars with C names: correctly rounded, shortest, no locale. C++ is used for nothing
 * else. */
#include "float-shim.h"

#include <charconv>

PlFloatStatus
pl_float_from_chars (const char *data, gsize length, double *value)
{
  const char *end = data + length;
  auto result = std::from_chars (data, end, *value, std::chars_format::general);
  if (result.ec == std::errc::result_out_of_range)
    return PL_FLOAT_OUT_OF_RANGE;
  return result.ec == std::errc () && result.ptr == end ? PL_FLOAT_READ : PL_FLOAT_MALFORMED;
}

gsize
pl_float_to_chars (char *out, double value)
{
  auto result = std::to_chars (out, out + 32, value, std::chars_format::scientific);
  return static_cast<gsize> (result.ptr - out);
}
