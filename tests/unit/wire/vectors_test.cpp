// The vectors of the independent encoder (tests/vectors/encode.py): what it wrote must be read as it says.
#include <algorithm>
#include <gtest/gtest.h>
#include <sstream>

#include "base/hex.hpp"
#include "unit/wire/vector_file.hpp"
#include "wire/codec.hpp"
#include "wire/proof.hpp"

namespace {

using wire::DecodeError;

std::string text(const std::optional<base::MaskedAddress>& addresses) {
  if (!addresses) return "none";
  return addresses->address().text() + "/" + base::Address(addresses->family(), addresses->mask()).text();
}

std::string text(const std::optional<wire::Capabilities>& capabilities) {
  return capabilities ? std::to_string(capabilities->bits) : "none";
}

std::string text(base::PortRange range) {
  if (range.is_any()) return "0";
  if (range == base::PortRange::only(0)) return "zero";
  return range.is_single() ? std::to_string(range.lo) : "a range";
}

std::string text(const std::optional<base::Flow>& flow) {
  if (!flow) return "none";
  return std::to_string(number(flow->protocol)) + "," + flow->source.text() + "," + flow->destination.text() + "," +
         std::to_string(flow->source_port) + "," + std::to_string(flow->destination_port);
}

std::string text(const std::optional<base::Selector>& proxy) {
  if (!proxy) return "none";
  return std::to_string(proxy->protocol ? number(*proxy->protocol) : 0) + "," + text(std::optional(proxy->local)) +
         "," + text(std::optional(proxy->remote)) + "," + text(proxy->local_port) + "," + text(proxy->remote_port);
}

template <class M>
std::string common_text(const M& message) {
  return "gateway=" + message.gateway.text() + " half_proxy=" + text(message.half_proxy) +
         " capabilities=" + text(message.capabilities);
}

std::string text(const wire::Probe& probe) {
  const std::string echo = probe.echo == wire::Cookie{} ? "" : " echo=" + base::to_hex(probe.echo);
  return "icookie=" + base::to_hex(probe.initiator_cookie) + echo + " " + common_text(probe) +
         " summary=" + text(probe.summary);
}

std::string ports_text(base::PortRange range) {
  return range.is_any() ? ":any" : ":" + range.text();
}

std::string text(const std::vector<base::SelectorEnd>& ends) {
  std::string all;
  for (const auto& end : ends) all += (all.empty() ? "" : ",") + end.address.text() + ports_text(end.port);
  return all;
}

std::string protocol_text(std::optional<base::Protocol> protocol) {
  return protocol ? std::to_string(number(*protocol)) : "any";
}

std::string text(const wire::ListOffer& list) {
  const auto& proxy = list.offer.proxy;
  std::string all = " list=" + protocol_text(proxy.protocol) + ";" + text(proxy.local) + ";" + text(proxy.remote) + ";";
  for (const auto& line : list.offer.exempt) {
    all += (all.back() == ';' ? "" : ",") + protocol_text(line.protocol) + " " + line.local.text() +
           ports_text(line.local_port) + " " + line.remote.text() + ports_text(line.remote_port);
  }
  return all + (list.takes_ranges ? ";ranges" : ";blocks");
}

std::string text(const wire::Response& response) {
  return "icookie=" + base::to_hex(response.initiator_cookie) + " rcookie=" + base::to_hex(response.responder_cookie) +
         " " + common_text(response) + " proxy=" + text(response.proxy) + (response.list ? text(*response.list) : "");
}

std::string text(const wire::Proof& proof) {
  std::string all = " proof=" + std::to_string(proof.time) + ";";
  for (std::size_t i = 0; i < proof.certificate_count; ++i) {
    all += (i == 0 ? "" : ",") + base::to_hex(proof.certificates[i]);
  }
  return all + ";" + base::to_hex(proof.signature) + ";" + base::to_hex(proof.keyed_hash);
}

std::string text(const DecodeError& error) {
  return std::string(wire::name(error.what)) + " at " + std::to_string(error.offset);
}

std::string outcome(base::ByteView datagram) {
  const auto message = wire::decode(datagram);
  if (!message) return text(message.error());
  return std::visit(
      [&](const auto& either) {
        return text(either) + (either.proof_at == 0 ? "" : text(wire::proof_in(datagram, either.proof_at)));
      },
      *message);
}

// A proof that is written as it was read, behind what was there before.
base::Bytes written_again(base::ByteView datagram, std::size_t proof_at) {
  const wire::Proof proof = wire::proof_in(datagram, proof_at);
  std::vector<base::Bytes> certificates;
  for (std::size_t i = 0; i < proof.certificate_count; ++i) {
    certificates.emplace_back(proof.certificates[i].begin(), proof.certificates[i].end());
  }
  const base::ByteView before = datagram.first(proof_at);
  base::Bytes bare(before.begin(), before.end());
  // What announced the proof announces nothing: the last payload before it, which begins where the chain says so.
  std::size_t field = 16;
  for (std::size_t at = wire::kHeaderLength; at < bare.size(); at += bare[at + 2] * 256U + bare[at + 3]) field = at;
  bare[field] = 0;
  wire::ProofWriter writer(std::move(bare), {proof.time, certificates, !proof.keyed_hash.empty()});
  if (!proof.signature.empty()) {
    EXPECT_TRUE(std::ranges::equal(writer.covered(), proof.signed_part));
    wire::Signature signature{};
    std::ranges::copy(proof.signature, signature.begin());
    writer.put(signature);
  }
  if (!proof.keyed_hash.empty()) {
    EXPECT_TRUE(std::ranges::equal(writer.covered(), proof.hashed_part));
    wire::KeyedHash hash{};
    std::ranges::copy(proof.keyed_hash, hash.begin());
    writer.put(hash);
  }
  return std::move(writer).take();
}

void check_good(const std::string& file) {
  const auto cases = read_vectors(file);
  ASSERT_FALSE(cases.empty()) << file;
  for (const auto& one : cases) {
    const base::Bytes buffer = one.buffer();
    ASSERT_TRUE(one.has("Expect")) << one.value("Name");
    EXPECT_EQ(outcome(buffer), one.value("Expect")) << file << ": " << one.value("Name");
    if (!one.has("Encode")) continue;
    const auto message = wire::decode(buffer);
    ASSERT_TRUE(message) << one.value("Name");
    EXPECT_EQ(message->index(), one.section == "probe" ? 0U : 1U);
    const auto again = std::visit([](const auto& either) { return wire::encode(either); }, *message);
    EXPECT_EQ(base::to_hex(again), base::to_hex(buffer)) << file << ": " << one.value("Name");
  }
}

TEST(Vectors, Probes) {
  check_good("probe.vec");
}

TEST(Vectors, Responses) {
  check_good("response.vec");
}

TEST(Vectors, ProofsAreWrittenAsTheyAreRead) {
  std::size_t proofs = 0;
  for (const auto* file : {"probe.vec", "response.vec"}) {
    for (const auto& one : read_vectors(file)) {
      const base::Bytes buffer = one.buffer();
      const auto message = wire::decode(buffer);
      ASSERT_TRUE(message) << one.value("Name");
      const auto proof_at = std::visit([](const auto& either) { return either.proof_at; }, *message);
      if (proof_at == 0) continue;
      ++proofs;
      EXPECT_EQ(base::to_hex(written_again(buffer, proof_at)), base::to_hex(buffer)) << one.value("Name");
    }
  }
  EXPECT_EQ(proofs, 6U);
}

TEST(Vectors, Invalid) {
  const auto cases = read_vectors("invalid.vec");
  ASSERT_FALSE(cases.empty());
  for (const auto& one : cases) {
    EXPECT_EQ(outcome(one.buffer()), one.value("Error") + " at " + one.value("Offset")) << one.value("Name");
  }
}

// Every error has a vector that shows it: a new one without a vector fails here.
TEST(Vectors, EveryErrorIsShown) {
  std::vector<bool> shown(wire::kErrorCount);
  const auto note = [&shown](base::ByteView datagram) {
    if (const auto message = wire::decode(datagram); !message)
      shown[static_cast<std::size_t>(message.error().what)] = true;
  };
  for (const auto& one : read_vectors("invalid.vec")) note(one.buffer());
  for (const auto& one : read_vectors("truncated.vec")) note(base::ByteView(one.buffer()).first(20));
  for (std::size_t i = 0; i < shown.size(); ++i) {
    EXPECT_TRUE(shown[i]) << name(static_cast<wire::Error>(i));
  }
}

// `LO-HI ERROR OFFSET` of a [truncated] case.
struct Cut {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string error;
  std::string offset;

  explicit Cut(const std::string& line) {
    std::istringstream in(line);
    char dash = 0;
    in >> from >> dash >> to >> error >> offset;
  }
  [[nodiscard]] std::string expected(std::size_t length) const {
    return error + " at " + (offset == "end" ? std::to_string(length) : offset);
  }
};

TEST(Vectors, EveryTruncation) {
  const auto cases = read_vectors("truncated.vec");
  ASSERT_FALSE(cases.empty());
  for (const auto& one : cases) {
    const base::Bytes whole = one.buffer();
    std::size_t raw = 0;
    std::size_t repaired = wire::kHeaderLength;
    for (const auto& [key, value] : one.lines) {
      if (key != "Cut" && key != "Repaired") continue;
      const Cut cut(value);
      for (std::size_t length = cut.from; length <= cut.to; ++length) {
        base::Bytes left(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        if (key == "Repaired") {
          left[26] = static_cast<std::uint8_t>(length >> 8);
          left[27] = static_cast<std::uint8_t>(length);
        }
        ++(key == "Repaired" ? repaired : raw);
        EXPECT_EQ(outcome(left), cut.expected(length)) << one.value("Name") << " cut to " << length;
      }
    }
    EXPECT_EQ(raw, whole.size()) << "a length was left out";
    EXPECT_EQ(repaired, whole.size()) << "a length was left out";
  }
}

}  // namespace
