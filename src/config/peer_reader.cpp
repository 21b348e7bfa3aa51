#include "config/peer_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace config {

namespace {

/// An address in the one way in which identities are compared.
std::string canonical(const std::string& identity) {
  const auto address = base::Address::parse(identity);
  return address ? address->text() : identity;
}

void read_prefixes(Section& section, Peer& peer) {
  const auto texts = section.texts_of("prefixes", section.require("prefixes", "[\"10.2.0.0/16\"]"));
  for (const Text& text : texts.value_or(std::vector<Text>{})) {
    auto prefix = base::Prefix::parse(text.value);
    if (prefix) {
      peer.prefixes.add(*prefix);
    } else {
      section.mistakes().add(text.at, std::move(prefix).error());
    }
  }
}

Peer read_peer(Section& section, const std::vector<Peer>& before) {
  Peer peer;
  const auto identity = section.text_of("identity", section.require("identity", "\"gw-b.example\""));
  if (identity) {
    peer.identity = canonical(identity->value);
    const bool again = std::ranges::any_of(before, [&](const Peer& one) { return one.identity == peer.identity; });
    if (peer.identity.empty()) {
      section.mistakes().add(identity->at, "'identity' names nobody",
                             "write what its certificate says: \"gw-b.example\"");
    } else if (again) {
      section.mistakes().add(identity->at, "the peer '" + peer.identity + "' is given twice",
                             "write all of its prefixes in one [[peer]]");
    }
  }
  read_prefixes(section, peer);
  section.refuse_unknown_keys();
  return peer;
}

}  // namespace

std::vector<Peer> read_peers(Section& document, const Ike& ike) {
  std::vector<Peer> peers;
  const Value* value = document.find("peer");
  if (value == nullptr) return peers;
  const auto* list = value->as<List>();
  if (list == nullptr) {
    document.wrong_type("peer", *value, "a list of tables", "write [[peer]] above each peer");
    return peers;
  }
  if (ike.auth != Auth::kCert) {
    document.mistakes().add(value->at, "[[peer]] needs auth = \"cert\" in [ike]",
                            "with one secret for all, each peer can say that it is any other");
  }
  for (const Value& element : *list) {
    if (const auto* table = element.as<Table>()) {
      Section section(*table, element.at, "a peer", document.mistakes());
      peers.push_back(read_peer(section, peers));
    } else {
      document.mistakes().add(element.at, "'peer' must be a list of tables", "write [[peer]] above each peer");
    }
  }
  return peers;
}

}  // namespace config
