#include "migrate/ios_line.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "config/line_count.hpp"
#include "migrate/ios_names.hpp"
#include "migrate/ios_words.hpp"

namespace migrate {

namespace {

using base::MaskedAddress;
using base::PortRange;
using Networks = base::Result<Members<MaskedAddress>, std::string>;

template <class Member>
Members<Member> alone(Member member) {
  return std::make_shared<const std::vector<Member>>(1, std::move(member));
}

class Line {
 public:
  Line(std::span<const std::string_view> words, ObjectGroups& groups) : words_(words), groups_(groups) {}

  base::Result<AccessLine, std::string> read() {
    line_.permit = words_.take() == "permit";
    const bool by_group = words_.peek() == "object-group";
    if (by_group) {
      TED_TRY(line_.services, groups_.services(group()));
    } else if (auto done = protocol(); !done) {
      return std::unexpected(std::move(done.error()));
    }
    TED_TRY(line_.local, networks());
    TED_TRY(const auto local_ports, ports(by_group));
    TED_TRY(line_.remote, networks());
    TED_TRY(const auto remote_ports, ports(by_group));
    if (!by_group) take_services(local_ports, remote_ports);
    if (auto done = options(); !done) return std::unexpected(std::move(done.error()));
    if (line_.services->empty()) return std::unexpected("its ports are none");
    if (line_.local->size() * line_.remote->size() > config::kMaxLines) {
      return std::unexpected("its object groups are " + std::to_string(line_.local->size()) + " and " +
                             std::to_string(line_.remote->size()) + " networks: a rule has at most " +
                             std::to_string(config::kMaxLines) + " pairs of them");
    }
    return std::move(line_);
  }

 private:
  std::string_view group() {
    words_.take();
    return words_.take();
  }

  base::Result<void, std::string> protocol() {
    const std::string_view word = words_.take();
    if (word == "ip") return {};
    protocol_ = ios_protocol(word);
    if (!protocol_) return IosWords::refuse(word, "protocol");
    return {};
  }

  Networks networks() {
    if (words_.peek() == "any") {
      words_.take();
      return alone(MaskedAddress::any(base::Family::kV4));
    }
    if (words_.peek() == "host") {
      words_.take();
      TED_TRY(const auto host, words_.address());
      return alone(MaskedAddress::host(host));
    }
    if (words_.peek() == "object-group") return groups_.networks(group());
    if (words_.peek() == "addrgroup") {
      return std::unexpected("groups of this kind are not read: write its members as lines of their own");
    }
    TED_TRY(const auto address, words_.address());
    TED_TRY(const auto wildcard, words_.address());
    return alone(MaskedAddress(address, ~wildcard.value() & base::all_ones(base::Family::kV4)));
  }

  base::Result<std::vector<PortRange>, std::string> ports(bool by_group) {
    if (by_group || !protocol_ || !base::has_ports(*protocol_)) return std::vector{PortRange::any()};
    return words_.ports(*protocol_);
  }

  void take_services(const std::vector<PortRange>& local, const std::vector<PortRange>& remote) {
    std::vector<Service> all;
    if (protocol_ && base::is_icmp(*protocol_)) {
      const auto icmp = words_.icmp();
      all.push_back({protocol_, icmp.type, icmp.code});
    } else {
      for (const PortRange one : local) {
        for (const PortRange other : remote) all.push_back({protocol_, one, other});
      }
    }
    line_.services = std::make_shared<const std::vector<Service>>(std::move(all));
  }

  // What is written to a log changes nothing of what is matched.
  base::Result<void, std::string> options() {
    if (words_.peek() == "log" || words_.peek() == "log-input") {
      words_.take();
      if (words_.left() == 1) words_.take();  // a word of the operator's, to be found in the log
    }
    if (!words_.empty()) return std::unexpected("a rule cannot say '" + std::string(words_.peek()) + "'");
    return {};
  }

  IosWords words_;
  ObjectGroups& groups_;
  std::optional<base::Protocol> protocol_;
  AccessLine line_;
};

}  // namespace

base::Selector AccessLine::box(std::size_t number) const {
  const std::size_t pairs = local->size() * remote->size();
  const Service& service = (*services)[number / pairs];
  return {service.protocol, (*local)[number % pairs / remote->size()], (*remote)[number % remote->size()],
          service.local_port, service.remote_port};
}

base::Result<AccessLine, std::string> parse_access_line(std::span<const std::string_view> words, ObjectGroups& groups) {
  return Line(words, groups).read();
}

}  // namespace migrate
