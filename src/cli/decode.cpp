// `tedctl decode`: what a TED datagram says, given in hex or found in a capture.
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <system_error>

#include "base/hex.hpp"
#include "cli/capability.hpp"
#include "cli/commands.hpp"
#include "cli/datagram_json.hpp"
#include "cli/link.hpp"
#include "cli/pcap.hpp"
#include "cli/text.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"
#include "wire/proof.hpp"

namespace cli {

namespace {

constexpr std::size_t kVersionAt = 17;   ///< in the ISAKMP header (RFC 2408 section 3.1)
constexpr std::size_t kExchangeAt = 18;  ///< behind it

void add_common(Pairs& pairs, const auto& message) {
  pairs.emplace_back("gateway", message.gateway.text());
  pairs.emplace_back("half proxy", message.half_proxy ? message.half_proxy->text() : "-");
  const auto names = capability_names(message.capabilities.value_or(wire::Capabilities{}));
  pairs.emplace_back("capabilities", names.empty() ? "-" : joined(names, ", "));
}

Pairs words(const wire::Probe& probe) {
  Pairs pairs{{"probe", probe.summary ? "version 3" : "draft form, without a packet summary"},
              {"packet", probe.summary ? probe.summary->text() : "-"}};
  add_common(pairs, probe);
  pairs.emplace_back("cookie", base::to_hex(probe.initiator_cookie));
  return pairs;
}

Pairs words(const wire::Response& response) {
  Pairs pairs{{"response", response.proxy             ? "version 3"
                           : response.asks_for_echo() ? "asks for the probe once more, with its responder cookie"
                                                      : "draft form, with a half proxy alone"},
              {"proxy", response.proxy ? response.proxy->text() + " (its own side first)" : "-"}};
  if (response.list) {
    pairs.emplace_back("list", response.list->offer.proxy.text());
    for (const auto& line : response.list->offer.exempt) pairs.emplace_back("exempt", line.text());
  }
  add_common(pairs, response);
  pairs.emplace_back("cookies",
                     fmt::format("{} of the probe, {} of the responder", base::to_hex(response.initiator_cookie),
                                 base::to_hex(response.responder_cookie)));
  return pairs;
}

std::string words(const GivenProof& proof) {
  std::vector<std::string> parts;
  if (!proof.signature.empty()) {
    const auto signer = signer_of(proof);
    parts.push_back(fmt::format("a signature {}with {} certificate{}{}", signer ? "by '" + *signer + "', " : "",
                                proof.certificates.size(), proof.certificates.size() == 1 ? "" : "s",
                                signer ? "" : " that cannot be read"));
  }
  if (!proof.keyed_hash.empty()) parts.emplace_back("a keyed hash");
  constexpr std::uint64_t no_year = std::uint64_t{1} << 43;  // beyond it no clock is honest, and no calendar needed
  const auto at = std::chrono::milliseconds(proof.time % no_year);
  const std::string made =
      proof.time < no_year ? control::text(control::Timestamp(at)) : fmt::format("{} ms after 1970", proof.time);
  return fmt::format("{}, made at {} (not checked: that takes the key)", joined(parts, " and "), made);
}

/// One captured datagram: its place in the capture, and how it travelled.
struct Place {
  std::uint64_t number;
  control::Timestamp time;
  wire::UdpDatagram udp;
};

control::Json place_json(const Place& place) {
  control::Json json = control::Json::object();
  json.add("number", place.number).add("time", control::text(place.time));
  json.add("src", place.udp.source.text()).add("dst", place.udp.destination.text());
  json.add("sport", place.udp.source_port).add("dport", place.udp.destination_port);
  return json;
}

std::string place_text(const Place& place) {
  const base::Flow flow{place.udp.source, place.udp.destination, base::Protocol::kUdp, place.udp.source_port,
                        place.udp.destination_port};
  return fmt::format("frame {}, {}, {}", place.number, control::text(place.time), flow.text());
}

void show(const Context& context, const Datagram& datagram, const Place* place) {
  if (context.json) {
    control::Json json = datagram_json(datagram);
    if (place != nullptr) json.add("packet", place_json(*place));
    return print_json(json);
  }
  Pairs pairs = std::visit([](const auto& message) { return words(message); }, datagram.message);
  if (datagram.proof) pairs.emplace_back("proof", words(*datagram.proof));
  pairs.emplace_back("length", fmt::format("{}", datagram.length.value_or(0)));
  if (place != nullptr) print(place_text(*place));
  print_pairs(pairs);
  if (place != nullptr) print("");
}

void show(const Context& context, const wire::DecodeError& error, const Place* place) {
  if (context.json) {
    control::Json json = error_json(error);
    if (place != nullptr) json.add("packet", place_json(*place));
    return print_json(json);
  }
  if (place != nullptr) print(place_text(*place));
  print(fmt::format("no valid TED datagram: {} at offset {}", wire::name(error.what), error.offset));
  if (place == nullptr) print("a datagram is given from its ISAKMP header on, without UDP's, as a whole");
  if (place != nullptr) print("");
}

ExitStatus decode_one(const Context& context, base::ByteView bytes, const Place* place) {
  const auto message = wire::decode(bytes);
  if (!message) {
    show(context, message.error(), place);
    return ExitStatus::kNo;
  }
  Datagram datagram{*message, bytes.size()};
  const std::size_t proof_at = std::visit([](const auto& either) { return either.proof_at; }, *message);
  if (proof_at != 0) datagram.proof = given(wire::proof_in(bytes, proof_at));
  show(context, datagram, place);
  return ExitStatus::kOk;
}

bool is_discovery(const wire::UdpDatagram& udp) {
  if (udp.destination_port != wire::kUdpPort || udp.payload.size() <= kExchangeAt) return false;
  const auto exchange = static_cast<wire::Exchange>(udp.payload[kExchangeAt]);
  return udp.payload[kVersionAt] == wire::kIsakmpVersion &&
         (exchange == wire::Exchange::kProbe || exchange == wire::Exchange::kResponse);
}

/// What a walk through a capture found.
struct Tally {
  std::uint64_t found = 0;
  std::uint64_t cut_short = 0;  ///< UDP to port 500 of which the capture kept a part only
  ExitStatus status = ExitStatus::kOk;
};

void take_frame(const Context& context, std::uint32_t link_type, const CapturedFrame& frame, Tally& tally) {
  const base::ByteView packet = ip_packet(link_type, frame.bytes);
  const auto udp = wire::udp_of(packet);
  if (!udp) {
    const auto flow = frame.cut_short ? wire::flow_of(packet) : std::nullopt;
    const bool lost = flow && flow->protocol == base::Protocol::kUdp && flow->destination_port == wire::kUdpPort;
    if (lost) ++tally.cut_short;
    return;
  }
  if (!is_discovery(*udp)) return;
  ++tally.found;
  const Place place{frame.number, frame.time, *udp};
  if (decode_one(context, udp->payload, &place) != ExitStatus::kOk) tally.status = ExitStatus::kNo;
}

base::Result<Tally, base::TextError> decode_capture(const Context& context, std::istream& stream) {
  TED_TRY(auto capture, PcapReader::open(stream));
  if (!known_link_type(capture.link_type())) {
    return std::unexpected(base::TextError{fmt::format("its frames are of link type {}", capture.link_type()),
                                           "Ethernet, Linux cooked, bare IP and loopback can be read"});
  }
  Tally tally;
  while (true) {
    TED_TRY(const auto frame, capture.next());
    if (!frame) return tally;
    take_frame(context, capture.link_type(), *frame, tally);
  }
}

ExitStatus run_capture(const Context& context, const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    if (std::error_code unknown; std::filesystem::is_directory(path, unknown)) {
      complain({fmt::format("{} is a folder", path), "-r takes one capture file, as tcpdump -w writes it"});
      return ExitStatus::kNo;
    }
    file.open(path, std::ios::binary);
    if (!file) {
      complain({fmt::format("{} cannot be opened: {}", path, std::generic_category().message(errno)),
                "give a capture as tcpdump -w writes it, or - for standard input"});
      return ExitStatus::kNo;
    }
  }
  const auto tally = decode_capture(context, path == "-" ? std::cin : file);
  if (!tally) {
    complain({fmt::format("{}: {}", path, tally.error().message), tally.error().hint});
    return ExitStatus::kNo;
  }
  if (tally->cut_short > 0) {
    remark(fmt::format("{} datagrams to port 500 were cut short by the capture (tcpdump -s 0 keeps them whole)",
                       tally->cut_short));
  }
  if (tally->found == 0) remark(fmt::format("no TED datagram in {}", path));
  return tally->status;
}

}  // namespace

ExitStatus run_decode(const Context& context, const DecodeOptions& options) {
  if (options.datagram) return decode_one(context, *options.datagram, nullptr);
  return run_capture(context, options.capture);
}

}  // namespace cli
