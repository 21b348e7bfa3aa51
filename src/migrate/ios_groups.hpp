// Object groups of IOS: names for lists of networks and of services, which lines of access lists use ("Object Groups
// for ACLs" in the Security Configuration Guide).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/masked_address.hpp"
#include "base/port_range.hpp"
#include "base/protocol.hpp"
#include "base/result.hpp"
#include "migrate/imported.hpp"

namespace migrate {

/// A protocol with its ports, or with a type and code of ICMP; no protocol is every one.
struct Service {
  std::optional<base::Protocol> protocol;
  base::PortRange local_port = base::PortRange::any();
  base::PortRange remote_port = base::PortRange::any();

  bool operator==(const Service&) const = default;
};

/// Shared by all lines that name the same group.
template <class Member>
using Members = std::shared_ptr<const std::vector<Member>>;

class ObjectGroups {
 public:
  /// Groups inside groups, one below the other.
  static constexpr std::size_t kMaxDepth = 32;
  /// Members of one group, with those of the groups inside it.
  static constexpr std::size_t kMaxMembers = 16'384;
  /// Of all groups that are asked for.
  static constexpr std::size_t kMaxAllMembers = 1'000'000;

  ObjectGroups() = default;
  /// Those of a whole configuration: its other lines are left alone.
  explicit ObjectGroups(std::string_view text);

  /// All members, those of groups inside it among them; or why there are none. What of a group could not be read is not
  /// among them, and is in findings().
  [[nodiscard]] base::Result<Members<base::MaskedAddress>, std::string> networks(std::string_view name);
  [[nodiscard]] base::Result<Members<Service>, std::string> services(std::string_view name);

  /// Adds the names of the groups inside `name` to it, and `name`.
  void add_inner(const std::string& name, std::set<std::string>& names) const;
  /// What of that group's own lines could not be read.
  [[nodiscard]] const std::vector<Finding>& findings(const std::string& name) const;

 private:
  /// One group as it stands in the file, and what came of it.
  template <class Member>
  struct Group {
    struct Line {
      std::vector<Member> members;  ///< or:
      std::string group;
    };
    std::vector<Line> lines;
    Members<Member> resolved;
    std::string refused;   ///< why there are none; looked for once
    bool is_open = false;  ///< while those inside it are looked for
  };
  template <class Member>
  using Groups = std::map<std::string, Group<Member>, std::less<>>;
  class Reader;

  template <class Member>
  base::Result<Members<Member>, std::string> resolve(Groups<Member>& groups, std::string_view name, std::size_t depth);

  Groups<base::MaskedAddress> networks_;
  Groups<Service> services_;
  std::map<std::string, std::set<std::string>, std::less<>> inner_;
  std::map<std::string, std::vector<Finding>, std::less<>> findings_;
  std::size_t members_ = 0;
};

}  // namespace migrate
