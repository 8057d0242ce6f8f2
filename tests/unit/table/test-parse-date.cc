/* Dates and timestamps: what is one, what is none, and formats of the user's. Numbers by Python's datetime. */
#include "helpers.h"

#include "../../../pipeline/table/calendar.h"
#include "../../../pipeline/table/parse.h"
#include "../../../pipeline/table/print.h"
#include "../../../pipeline/base/error.h"

/* The date read, printed again; parsing from memory of just that size. */
static std::string
date_of (const std::string &text)
{
  gint32 days = 77;
  g_autofree char *data = static_cast<char *> (g_memdup2 (text.data (), text.size ()));
  if (!pl_parse_date (data, text.size (), &days))
    return days == 77 ? "no" : "changed";
  char out[PL_PRINT_MAX];
  return std::string (out, pl_print_date (out, days));
}

static std::string
moment_text (gboolean ok, gint64 microseconds, gboolean zoned)
{
  if (!ok)
    return microseconds == 77 && zoned == 78 ? "no" : "changed";
  char out[PL_PRINT_MAX];
  return std::string (out, pl_print_timestamp (out, microseconds, zoned));
}

static std::string
timestamp_of (const std::string &text)
{
  gint64 microseconds = 77;
  gboolean zoned = 78;
  g_autofree char *data = static_cast<char *> (g_memdup2 (text.data (), text.size ()));
  gboolean ok = pl_parse_timestamp (data, text.size (), &microseconds, &zoned);
  return moment_text (ok, microseconds, zoned);
}

static std::string
formatted_of (const std::string &text, const char *format)
{
  gint64 microseconds = 77;
  gboolean zoned = 78;
  gboolean ok = pl_parse_formatted (text.data (), text.size (), format, &microseconds, &zoned, nullptr);
  return moment_text (ok, microseconds, zoned);
}

TEST (ParseDate, CountsDaysFrom1970)
{
  gint32 days = 0;
  EXPECT_TRUE (pl_parse_date ("2001-01-01", 10, &days));
  EXPECT_EQ (days, 11323);
  EXPECT_TRUE (pl_parse_date ("1969/12/31", 10, &days));
  EXPECT_EQ (days, -1);
}

TEST (ParseDate, TakesEveryRealDay)
{
  char out[PL_PRINT_MAX];
  for (gint32 day = PL_DATE_MIN; day <= PL_DATE_MAX; day++)
    {
      gint32 days = 0;
      gsize length = pl_print_date (out, day);
      ASSERT_EQ (length, 10u);
      ASSERT_TRUE (pl_parse_date (out, length, &days) && days == day) << day;
      out[4] = out[7] = '/';
      ASSERT_TRUE (pl_parse_date (out, length, &days) && days == day) << day;
    }
  EXPECT_EQ (date_of ("0001-01-01"), "0001-01-01");
  EXPECT_EQ (date_of ("9999-12-31"), "9999-12-31");
}

TEST (ParseDate, RefusesDaysThatAreNotThere)
{
  for (const char *text :
       {"2001-02-29", "1900-02-29", "2000-02-30", "2001-04-31", "2001-06-31", "2001-09-31", "2001-11-31", "2001-01-32",
        "2001-00-01", "2001-13-01", "2001-01-00", "0000-01-01", "2001-99-99"})
    EXPECT_EQ (date_of (text), "no") << text;
  EXPECT_EQ (date_of ("2000-02-29"), "2000-02-29");
}

TEST (ParseDate, RefusesOtherForms)
{
  for (const char *text : {"",
                           "2001",
                           "2001-1-1",
                           "2001-01-1",
                           "01-01-2001",
                           "20010101",
                           "2001-01/01",
                           "2001/01-01",
                           "2001.01.01",
                           "2001-01-01 ",
                           " 2001-01-01",
                           "2001-01-0a",
                           "200a-01-01",
                           "2001-0a-01",
                           "-001-01-01",
                           "2001--1-01",
                           "+201-01-01",
                           "2001-01-01T",
                           "12001-01-01",
                           "2001,01,01",
                           "2001\xff"
                           "01-01"})
    EXPECT_EQ (date_of (text), "no") << text;
}

TEST (ParseDate, RefusesAnyOtherCharacterAnywhere)
{
  for (gsize i = 0; i < 10; i++)
    for (int c = 0; c < 256; c++)
      {
        std::string text = "2011-11-11";
        bool separator = i == 4 || i == 7;
        text[i] = static_cast<char> (c);
        if (separator ? c != '-' : !g_ascii_isdigit (c))
          {
            EXPECT_EQ (date_of (text), "no") << text;
          }
      }
}

TEST (ParseTimestamp, TakesEveryForm)
{
  EXPECT_EQ (timestamp_of ("2001-01-31"), "2001-01-31 00:00:00");
  EXPECT_EQ (timestamp_of ("2001/01/31 23:59"), "2001-01-31 23:59:00");
  EXPECT_EQ (timestamp_of ("2001-01-31T23:59:58"), "2001-01-31 23:59:58");
  EXPECT_EQ (timestamp_of ("2001-01-31 23:59:58.5"), "2001-01-31 23:59:58.5");
  EXPECT_EQ (timestamp_of ("2001-01-31 23:59:58.000001"), "2001-01-31 23:59:58.000001");
  EXPECT_EQ (timestamp_of ("2001-01-31 23:59:58.1234567"), "2001-01-31 23:59:58.123456");
  EXPECT_EQ (timestamp_of ("2001-01-31 23:59:58.999999999"), "2001-01-31 23:59:58.999999");
  EXPECT_EQ (timestamp_of ("0001-01-01 00:00:00"), "0001-01-01 00:00:00");
  EXPECT_EQ (timestamp_of ("9999-12-31 23:59:59.999999"), "9999-12-31 23:59:59.999999");
}

TEST (ParseTimestamp, ReadsOffsetsIntoUtc)
{
  EXPECT_EQ (timestamp_of ("2001-01-31 23:59Z"), "2001-01-31 23:59:00+00:00");
  EXPECT_EQ (timestamp_of ("2001-01-31T23:59:58Z"), "2001-01-31 23:59:58+00:00");
  EXPECT_EQ (timestamp_of ("2001-01-31T23:59:58.25+01:30"), "2001-01-31 22:29:58.25+00:00");
  EXPECT_EQ (timestamp_of ("2001-01-31 23:59:58-08"), "2001-02-01 07:59:58+00:00");
  EXPECT_EQ (timestamp_of ("2001-01-31 23:59+00"), "2001-01-31 23:59:00+00:00");
  EXPECT_EQ (timestamp_of ("1970-01-01 00:00:00+23:59"), "1969-12-31 00:01:00+00:00");
}

TEST (ParseTimestamp, RefusesOffsetsThatLeaveTheCalendar)
{
  EXPECT_EQ (timestamp_of ("0001-01-01 00:00+00:01"), "no");
  EXPECT_EQ (timestamp_of ("9999-12-31 23:59:59.9-00:01"), "no");
  EXPECT_EQ (timestamp_of ("0001-01-01 01:00+01:00"), "0001-01-01 00:00:00+00:00");
}

TEST (ParseTimestamp, CountsMicrosecondsFrom1970)
{
  gint64 microseconds;
  gboolean zoned;
  EXPECT_TRUE (pl_parse_timestamp ("2001-01-01 00:01:00", 19, &microseconds, &zoned));
  EXPECT_EQ (microseconds, G_GINT64_CONSTANT (978307260000000));
  EXPECT_FALSE (zoned);
  EXPECT_TRUE (pl_parse_timestamp ("1969-12-31 23:59:59.5Z", 22, &microseconds, &zoned));
  EXPECT_EQ (microseconds, -500000);
  EXPECT_TRUE (zoned);
}

TEST (ParseTimestamp, RefusesOtherForms)
{
  for (const char *text : {"",
                           "2001-01-31 ",
                           "2001-01-31T",
                           "2001-01-31 2",
                           "2001-01-31 23",
                           "2001-01-31 23:",
                           "2001-01-31 23:5",
                           "2001-01-31 24:00",
                           "2001-01-31 23:60",
                           "2001-01-31 23:59:",
                           "2001-01-31 23:59:5",
                           "2001-01-31 23:59:60",
                           "2001-01-31 23:59:58.",
                           "2001-01-31 23:59:58.1234567890",
                           "2001-01-31 23:59:58.Z",
                           "2001-01-31t23:59:58",
                           "2001-01-31  23:59:58",
                           "2001-01-31_23:59",
                           "2001-01-31 23:59:58+1",
                           "2001-01-31 23:59:58+",
                           "2001-01-31 23:59:58+01:3",
                           "2001-01-31 23:59:58+24:00",
                           "2001-01-31 23:59:58+01:60",
                           "2001-01-31 23:59:58+01:30 ",
                           "2001-01-31Z",
                           "2001-01-31+01:00",
                           "2001-02-30 00:00:00",
                           "2001-01-31 -1:00",
                           "2001-01-31 23.59",
                           "2001-01-31 2a:59",
                           "2001-01-31 23:5a",
                           "2001-01-31 23:59:5a",
                           "2001-01-31 23:59:58.12a",
                           "2001-01-31 23:59:58ZZ",
                           "2001-01-31 1:00",
                           "2001-01-31 23:59:58  Z",
                           "2001-01-31 23:59:58 CET",
                           "2001-01-31 23:59:58 UTC ",
                           "2001-01-31 23:59:58+013",
                           "2001-01-31 23:59:58+01300",
                           "2001-01-31 23:59 PM"})
    EXPECT_EQ (timestamp_of (text), "no") << text;
}

TEST (ParseTimestamp, TakesZonesAsOtherProgramsWriteThem)
{
  for (const char *zone : {"+0130", "+01:30", " +01:30", " +0130"})
    EXPECT_EQ (timestamp_of (std::string ("2001-01-31 23:59:58") + zone), "2001-01-31 22:29:58+00:00") << zone;
  for (const char *zone : {"Z", "z", " Z", " UTC", "UTC", " GMT", " gmt", "+00", " -00"})
    EXPECT_EQ (timestamp_of (std::string ("2001-01-31 23:59:58.5") + zone), "2001-01-31 23:59:58.5+00:00") << zone;
}

TEST (ParseFormatted, ReadsEveryDirective)
{
  EXPECT_EQ (formatted_of ("31.01.2001", "%d.%m.%Y"), "2001-01-31 00:00:00");
  EXPECT_EQ (formatted_of ("1.2.2001", "%d.%m.%Y"), "2001-02-01 00:00:00");
  EXPECT_EQ (formatted_of ("20010131", "%Y%m%d"), "2001-01-31 00:00:00");
  EXPECT_EQ (formatted_of ("01/31/68", "%m/%d/%y"), "2068-01-31 00:00:00");
  EXPECT_EQ (formatted_of ("01/31/69", "%m/%d/%y"), "1969-01-31 00:00:00");
  EXPECT_EQ (formatted_of ("01/31/00", "%m/%d/%y"), "2000-01-31 00:00:00");
  EXPECT_EQ (formatted_of ("5 jan 2001", "%d %b %Y"), "2001-01-05 00:00:00");
  EXPECT_EQ (formatted_of ("December 5, 2001", "%B %d, %Y"), "2001-12-05 00:00:00");
  EXPECT_EQ (formatted_of ("MAY 2001", "%B %Y"), "2001-05-01 00:00:00");
  EXPECT_EQ (formatted_of ("2000-366", "%Y-%j"), "2000-12-31 00:00:00");
  EXPECT_EQ (formatted_of ("2001-1", "%Y-%j"), "2001-01-01 00:00:00");
  EXPECT_EQ (formatted_of ("2001", "%Y"), "2001-01-01 00:00:00");
  EXPECT_EQ (formatted_of ("2001-01-31 9:5:7", "%Y-%m-%d %H:%M:%S"), "2001-01-31 09:05:07");
  EXPECT_EQ (formatted_of ("2001-01-31 09:05:07.5", "%Y-%m-%d %H:%M:%S.%f"), "2001-01-31 09:05:07.5");
  EXPECT_EQ (formatted_of ("2001-01-31 09:05:07.123456789", "%Y-%m-%d %H:%M:%S.%f"), "2001-01-31 09:05:07.123456");
  EXPECT_EQ (formatted_of ("1/2/2001 12:30 AM", "%m/%d/%Y %I:%M %p"), "2001-01-02 00:30:00");
  EXPECT_EQ (formatted_of ("1/2/2001 12:30 pm", "%m/%d/%Y %I:%M %p"), "2001-01-02 12:30:00");
  EXPECT_EQ (formatted_of ("1/2/2001 1:30PM", "%m/%d/%Y %I:%M%p"), "2001-01-02 13:30:00");
  EXPECT_EQ (formatted_of ("100% 2001", "100%% %Y"), "2001-01-01 00:00:00");
  EXPECT_EQ (formatted_of ("5  Jan   2001", "%d %b %Y"), "2001-01-05 00:00:00");
}

TEST (ParseFormatted, ReadsZones)
{
  EXPECT_EQ (formatted_of ("20010131T1200Z", "%Y%m%dT%H%M%z"), "2001-01-31 12:00:00+00:00");
  EXPECT_EQ (formatted_of ("20010131T1200+02", "%Y%m%dT%H%M%z"), "2001-01-31 10:00:00+00:00");
  EXPECT_EQ (formatted_of ("20010131T1200-0330", "%Y%m%dT%H%M%z"), "2001-01-31 15:30:00+00:00");
  EXPECT_EQ (formatted_of ("20010131T1200-03:30", "%Y%m%dT%H%M%z"), "2001-01-31 15:30:00+00:00");
  for (const char *zone : {"", "z", "+", "+1", "+24", "+01:6", "+01:60", "+01:", "UTC", "+01:300"})
    EXPECT_EQ (formatted_of (std::string ("20010131T1200") + zone, "%Y%m%dT%H%M%z"), "no") << zone;
}

TEST (ParseFormatted, RefusesWhatTheFormatDoesNotSay)
{
  for (const char *text : {"", "31.01.2001 ", " 31.01.2001", "31-01-2001", "31.13.2001", "29.02.2001", "0.01.2001",
                           "31.01.201", "31.01.20011", "031.01.2001", "31..2001", "31.01.0000", "31.0a.2001"})
    EXPECT_EQ (formatted_of (text, "%d.%m.%Y"), "no") << text;
  EXPECT_EQ (formatted_of ("2001-366", "%Y-%j"), "no");
  EXPECT_EQ (formatted_of ("2001-0", "%Y-%j"), "no");
  EXPECT_EQ (formatted_of ("5 January 2001", "%d %b %Y"), "no");
  EXPECT_EQ (formatted_of ("5 Jan 2001", "%d %B %Y"), "no");
  EXPECT_EQ (formatted_of ("5 Mai 2001", "%d %b %Y"), "no");
  EXPECT_EQ (formatted_of ("2001 24:00", "%Y %H:%M"), "no");
  EXPECT_EQ (formatted_of ("2001 23:60", "%Y %H:%M"), "no");
  EXPECT_EQ (formatted_of ("2001 23:59:60", "%Y %H:%M:%S"), "no");
  EXPECT_EQ (formatted_of ("2001 0:30 AM", "%Y %I:%M %p"), "no");
  EXPECT_EQ (formatted_of ("2001 13:30 PM", "%Y %I:%M %p"), "no");
  EXPECT_EQ (formatted_of ("2001 1:30 XM", "%Y %I:%M %p"), "no");
  EXPECT_EQ (formatted_of ("2001 1:30:00.", "%Y %H:%M:%S.%f"), "no");
  EXPECT_EQ (formatted_of ("2001 1:30:00.1234567890", "%Y %H:%M:%S.%f"), "no");
}

TEST (ParseFormatted, TakesWhatOtherToolsWrite)
{
  EXPECT_EQ (formatted_of ("Wed, 31 Jan 2001 10:20:30 +0100", "%a, %d %b %Y %H:%M:%S %z"),
             formatted_of ("2001-01-31 09:20:30Z", "%F %T%z"));
  EXPECT_EQ (formatted_of ("Wednesday  1 January 2003", "%A %e %B %Y"), formatted_of ("2003-01-01", "%F"));
  EXPECT_EQ (formatted_of ("Thursday 1 January 2003", "%A %e %B %Y"), "no");
  EXPECT_EQ (formatted_of ("01/31/01 10:20", "%D %R"), formatted_of ("2001-01-31 10:20", "%Y-%m-%d %H:%M"));
  EXPECT_EQ (formatted_of ("2001-01-31 10:20:30 GMT", "%F %T %Z"),
             formatted_of ("2001-01-31 10:20:30 utc", "%F %T %Z"));
  EXPECT_EQ (formatted_of ("2001-01-31 10:20:30 CET", "%F %T %Z"), "no");
  EXPECT_EQ (formatted_of ("980936430", "%s"), formatted_of ("2001-01-31 10:20:30", "%F %T"));
  EXPECT_EQ (formatted_of ("-1.5", "%s.%f"), formatted_of ("1969-12-31 23:59:58.5", "%F %T.%f"));
  EXPECT_EQ (formatted_of ("999999999999", "%s"), "no");
  EXPECT_EQ (formatted_of ("2001-01-31 10:20:30", "%F %T.%f"), formatted_of ("2001-01-31 10:20:30.0", "%F %T.%f"));
  EXPECT_EQ (formatted_of ("2001-01-31 10:20:30Z", "%F %H:%M:%S.%f%z"),
             formatted_of ("2001-01-31 10:20:30Z", "%F %T%z"));
  EXPECT_EQ (formatted_of ("2001-01-31 10:20:30.", "%F %T.%f"), "no");
  gint64 microseconds;
  gboolean zoned, is_fine = FALSE;
  EXPECT_TRUE (pl_parse_formatted ("2001-01-31 10:20:30.1234567", 27, "%F %T.%f", &microseconds, &zoned, &is_fine));
  EXPECT_TRUE (is_fine);
  EXPECT_TRUE (pl_parse_formatted ("2001-01-31 10:20:30.1234560", 27, "%F %T.%f", &microseconds, &zoned, &is_fine));
  EXPECT_FALSE (is_fine);
}

TEST (ParseFormatted, WantsAllDigitsOfNumbersSideBySide)
{
  const struct
  {
    const char *format;
    std::vector<const char *> read, refused;
  } cases[] = {
      {"%Y%m", {"202401", "101112"}, {"10115", "2024", "20241", "2024010", "1000111"}},
      {"%Y%m%d", {"20240103"}, {"2024013", "202413", "1000111", "20241", "202401030"}},
      {"%y%m", {"2401"}, {"241", "24", "24010"}},
      {"%y%m%d", {"240103"}, {"24013", "24103", "2401030"}},
      {"%Y%j", {"2024001", "2024366"}, {"20241", "202436", "20240011"}},
      {"%d%m%Y", {"03012024"}, {"3012024", "312024", "0312024"}},
      {"%Y%-m%-d", {"20240103"}, {"202413", "2024103"}},
      {"%Y%m%e", {"20240113", "202401 3"}, {"2024013", "202401  3"}},
      {"%Y%m%dT%H%M%S", {"20240103T102030"}, {"20240103T12030", "20240103T1230", "2024013T102030"}},
      {"%F %H%M", {"2024-1-3 1020"}, {"2024-01-03 120"}},
      {"%Y%m%d%T", {"2024010310:20:30", "2024010310:2:3"}, {"202401031:20:30", "202401310:20:30"}},
      {"%T%d.%m.%Y", {"10:20:3003.1.2024", "1:2:3003.1.2024"}, {"10:20:303.1.2024"}},
      {"%d%b%Y", {"3Jan2024", "03jan2024"}, {}},
      {"%-d.%-m.%Y", {"3.1.2024", "03.01.2024"}, {}},
      {"20%y-%m", {"2024-1"}, {"204-1"}},
      {"%Y-%m1", {"2024-011"}, {"2024-11", "2024-1"}},
      {"%s", {"0", "1704067200", "-1"}, {"00", "01704067200", "-01", ""}},
  };
  for (const auto &c : cases)
    {
      for (const char *text : c.read)
        EXPECT_NE (formatted_of (text, c.format), "no") << c.format << " " << text;
      for (const char *text : c.refused)
        EXPECT_EQ (formatted_of (text, c.format), "no") << c.format << " " << text;
    }
}

TEST (FormatCheck, TellsDatesFromTimes)
{
  for (const char *format : {"%d.%m.%Y", "%y%m%d", "%Y-%j", "%b %Y", "%Y", "100%% %Y"})
    {
      PlFormatShape shape = {TRUE, FALSE};
      EXPECT_TRUE (pl_format_check (format, &shape, nullptr)) << format;
      EXPECT_FALSE (shape.has_time) << format;
    }
  for (const char *format : {"%Y %H", "%d.%m.%Y %I %p", "%Y-%m-%dT%H:%M:%S.%f%z"})
    {
      PlFormatShape shape = {};
      EXPECT_TRUE (pl_format_check (format, &shape, nullptr)) << format;
      EXPECT_TRUE (shape.has_time) << format;
    }
}

TEST (FormatCheck, SaysWhatIsWrong)
{
  const struct
  {
    const char *format, *message;
  } cases[] = {
      {"", "date format '' has no year; add %Y or %y"},
      {"%H:%M", "date format '%H:%M' has no year; add %Y or %y"},
      {"%Y-%Q", "date format '%Y-%Q' has an unknown %Q; there are "
                "%Y %y %m %b %h %B %d %e %j %a %A %H %I %p %M %S %f %z %Z %s %F %T %R %D %%, and %-d and the like"},
      {"%Y-%\xc3\xa4",
       "date format '%Y-%\xc3\xa4' has an unknown %\xc3\xa4; there are "
       "%Y %y %m %b %h %B %d %e %j %a %A %H %I %p %M %S %f %z %Z %s %F %T %R %D %%, and %-d and the like"},
      {"%Y-%", "date format '%Y-%' ends in a single %; write %% for the character itself"},
      {"%Y %y", "date format '%Y %y' reads the same field again at %y; write it once"},
      {"%Y-%m-%j", "date format '%Y-%m-%j' has %j, the day of the year, beside a month or day; keep one"},
      {"%Y-%d", "date format '%Y-%d' has a day but no month; add %m, %b or %B"},
      {"%Y-%M-%m", "date format '%Y-%M-%m' has %M, the minute, but no hour; the month is %m"},
      {"%Y %H %p", "date format '%Y %H %p' has %H, the hour of 24, beside %I or %p; keep one kind of clock"},
      {"%Y %I", "date format '%Y %I' has %I, the hour of 12, but no %p; add it, or write %H"},
      {"%Y %p", "date format '%Y %p' has %p but no %I; write the hour as %I"},
      {"%Y %H:%S", "date format '%Y %H:%S' has %S, the second, but no %M"},
      {"%Y %H:%M.%f", "date format '%Y %H:%M.%f' has %f, the fraction of a second, but no %S"},
      {"%s %H", "date format '%s %H' has %s, the seconds since 1970, beside other parts of a time; keep %s alone"},
      {"%F %Y", "date format '%F %Y' reads the same field again at %Y; write it once"},
      {"%Y %z", "date format '%Y %z' has %z, the zone, but no hour"},
      {"%s%f", "date format '%s%f' has %f directly behind %s; nothing says where the first ends"},
      {"%H:%M%z%Y", "date format '%H:%M%z%Y' has %Y directly behind %z; nothing says where the first ends"},
      {"%s0", "date format '%s0' has digits directly behind %s; write something between them"},
  };
  for (const auto &c : cases)
    {
      GError *error = nullptr;
      PlFormatShape shape = {7, 7};
      EXPECT_FALSE (pl_format_check (c.format, &shape, &error)) << c.format;
      EXPECT_EQ (shape.has_time, 7);
      expect_error (&error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, c.message);
    }
}
