#include "config/ike_reader.hpp"

#include <algorithm>
#include <string_view>

#include "config/beside.hpp"
#include "config/paths.hpp"

namespace config {

namespace {

constexpr std::string_view kUnix = "unix://";

// How strongSwan writes proposals: aes256gcm16-ecp256
std::vector<std::string> read_proposals(Section& section, std::string_view key) {
  std::vector<std::string> proposals;
  for (const Text& text : section.texts(key).value_or(std::vector<Text>{})) {
    const bool fine = !text.value.empty() && std::ranges::all_of(text.value, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '!';
    });
    if (!fine) {
      section.mistakes().add(text.at, "'" + text.value + "' is not a proposal",
                             "write it as strongSwan does: \"aes256gcm16-ecp256\"");
    }
    proposals.push_back(text.value);
  }
  return proposals;
}

/// The files of one key; of a required key at least one.
std::vector<std::string> read_files(Section& section, std::string_view key, const Value* value, const std::string& file,
                                    std::string_view example) {
  std::vector<std::string> files;
  for (const Text& text : section.texts_of(key, value).value_or(std::vector<Text>{})) {
    check_file_path(section.mistakes(), key, text, example);
    files.push_back(beside(file, text.value));
  }
  return files;
}

std::string read_file(Section& section, std::string_view key, const Value* value, const std::string& file,
                      std::string_view example) {
  const auto path = section.text_of(key, value);
  if (!path) return {};
  check_file_path(section.mistakes(), key, *path, example);
  return beside(file, path->value);
}

// What the other way of authentication needs is read and left alone, so that one line switches between them.
void read_auth(Section& section, const std::string& file, Ike& ike) {
  const bool certificates = section.word("auth", {"psk", "cert"}) == 1;
  ike.auth = certificates ? Auth::kCert : Auth::kPsk;
  const auto value = [&section](std::string_view key, bool wanted, std::string_view example) {
    return wanted ? section.require(key, example) : section.find(key);
  };
  const auto one = [&](std::string_view key, bool wanted, std::string_view example) {
    return read_file(section, key, value(key, wanted, example), file, example);
  };
  ike.psk_file = one("psk_file", !certificates, "\"/etc/opented/psk\"");
  ike.cert = one("cert", certificates, "\"gw.pem\"");
  ike.key = one("key", certificates, "\"gw.key\"");
  ike.ca = read_files(section, "ca", value("ca", certificates, "[\"ca.pem\"]"), file, "[\"ca.pem\"]");
  ike.crl = read_files(section, "crl", section.find("crl"), file, "[\"ca.crl\"]");
  if (const auto id = section.text("id")) {
    if (id->value.empty())
      section.mistakes().add(id->at, "'id' names nobody", "leave it out for the certificate's name");
    ike.id = id->value;
  }
  if (section.word("excess", {"refuse", "narrow"}) == 1) ike.excess = Excess::kNarrow;
}

}  // namespace

Ike read_ike(Section& section, const std::string& file) {
  Ike ike;
  if (const auto socket = section.text("socket")) {
    if (socket->value.starts_with(kUnix)) {
      check_socket_path(section.mistakes(), "socket", *socket, std::string_view(socket->value).substr(kUnix.size()));
    } else {
      section.mistakes().add(socket->at, "'" + socket->value + "' is not a vici socket",
                             "write \"unix:///run/charon.vici\"");
    }
    ike.socket = socket->value;
  }
  read_auth(section, file, ike);
  ike.esp = read_proposals(section, "esp");
  ike.ike = read_proposals(section, "ike");
  section.refuse_unknown_keys();
  return ike;
}

}  // namespace config
