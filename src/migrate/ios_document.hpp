// What an IOS configuration says that matters here: access lists, crypto maps and where they are applied.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/imported.hpp"
#include "migrate/ios_groups.hpp"
#include "migrate/ios_line.hpp"

namespace migrate {

/// A line of an access list, in the order in which IOS asks them.
struct AccessEntry {
  std::uint32_t sequence = 0;
  std::uint32_t line = 0;
  std::string text;
  std::optional<AccessLine> meaning;  ///< nothing: it is no rule, and has its finding
};

struct AccessList {
  std::vector<AccessEntry> entries;
  bool is_standard = false;  ///< it has sources alone
};

/// One sequence number of a crypto map, static or dynamic.
struct MapEntry {
  std::uint32_t sequence = 0;
  std::uint32_t line = 0;
  std::string text;
  std::vector<std::string> lists;      ///< `match address`
  std::optional<std::string> dynamic;  ///< the dynamic map that it refers to
  bool discovers = false;              ///< and says `discover`: tunnel endpoint discovery
};

struct IosDocument {
  std::map<std::string, AccessList, std::less<>> lists;
  std::map<std::string, std::vector<MapEntry>, std::less<>> maps;
  std::map<std::string, std::vector<MapEntry>, std::less<>> dynamic_maps;
  std::vector<std::string> applied;     ///< names of maps, in the order of the interfaces that have them
  std::vector<std::string> interfaces;  ///< those
  std::vector<std::string> addresses;   ///< of those
  std::vector<Finding> findings;        ///< of what is not in the above; access lists' own are in `line_findings`
  std::map<std::string, std::vector<Finding>, std::less<>> line_findings;  ///< by list: they count only when it is used
  std::map<std::string, std::set<std::string>, std::less<>> list_groups;   ///< object groups that lines of it name
  ObjectGroups groups;
};

/// Reads any text: what is not understood is left out, and found where it concerns encryption.
[[nodiscard]] IosDocument read_ios_document(std::string_view text);

}  // namespace migrate
