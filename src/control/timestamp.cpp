#include "control/timestamp.hpp"

#include <array>

#include "base/number.hpp"

namespace control {

namespace {

constexpr std::string_view kPattern = "0000-00-00T00:00:00.000Z";

void put(std::string& text, std::size_t end, unsigned value) {
  for (; value != 0; value /= 10) text[--end] = static_cast<char>('0' + value % 10);
}

unsigned field(std::string_view text, std::size_t start, std::size_t length) {
  return base::parse_number<unsigned>(text.substr(start, length), 9999U).value_or(0);
}

bool fits_pattern(std::string_view text) {
  if (text.size() != kPattern.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kPattern[i] == '0' ? !digit : text[i] != kPattern[i]) return false;
  }
  return true;
}

}  // namespace

std::string text(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text(kPattern);
  put(text, 4, static_cast<unsigned>(static_cast<int>(date.year())) % 10000);
  put(text, 7, static_cast<unsigned>(date.month()));
  put(text, 10, static_cast<unsigned>(date.day()));
  put(text, 13, static_cast<unsigned>(clock.hours().count()));
  put(text, 16, static_cast<unsigned>(clock.minutes().count()));
  put(text, 19, static_cast<unsigned>(clock.seconds().count()));
  put(text, 23, static_cast<unsigned>(clock.subseconds().count()));
  return text;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  if (!fits_pattern(text)) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(field(text, 0, 4))),
                                         std::chrono::month(field(text, 5, 2)), std::chrono::day(field(text, 8, 2)));
  const unsigned hours = field(text, 11, 2);
  const unsigned minutes = field(text, 14, 2);
  const unsigned seconds = field(text, 17, 2);
  if (!date.ok() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds) + std::chrono::milliseconds(field(text, 20, 3));
}

}  // namespace control
