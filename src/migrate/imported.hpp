// What another product's configuration comes to here: rules, and what of it has no place in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rule.hpp"

namespace migrate {

/// What is made of one file at most: a list that is longer was not written by hand, and no gateway wants it so.
inline constexpr std::size_t kMaxRules = 100'000;

/// Something that was not carried over, and why.
struct Finding {
  std::uint32_t line = 0;  ///< from 1; 0 when it has no place
  std::string text;        ///< what stands there
  std::string reason;      ///< and the way out, where there is one
  bool lost = false;       ///< it protects or exempts traffic; else it is no matter of rules here

  bool operator==(const Finding&) const = default;
};

struct ImportedRule {
  policy::Rule rule;   ///< its source_line is the line of the file that was read
  std::string origin;  ///< that line
};

struct Imported {
  std::vector<ImportedRule> rules;      ///< in the order in which they are to stand
  std::vector<std::string> addresses;   ///< the gateway's own, where the file says so
  std::vector<std::string> interfaces;  ///< to the outside, as that product names them
  std::vector<Finding> findings;        ///< in the order of their lines

  /// Once, and only what a gateway can have.
  void add_address(std::string_view address);
  /// True when something that protects or exempts traffic has no rule.
  [[nodiscard]] bool lost() const;
};

/// Gives rules names that nobody has yet: what a name may not have in it becomes '-', and a number follows where
/// needed.
class Names {
 public:
  [[nodiscard]] std::string unique(std::string_view wanted);

 private:
  std::map<std::string, std::size_t> taken_;  ///< and how many have asked for it
};

/// A configuration for tedd, or what of it is known: rules, with where they come from, and `FILL IN` for what the file
/// did not say. config::parse() takes it.
[[nodiscard]] std::string toml_of(const Imported& imported, std::string_view source);

}  // namespace migrate
