// `tedctl encode`: the JSON of `decode`, or of a person, back into datagrams.
#include <algorithm>
#include <fmt/format.h>
#include <iostream>
#include <string>

#include "base/hex.hpp"
#include "cli/commands.hpp"
#include "cli/datagram_json.hpp"
#include "cli/input.hpp"
#include "cli/padding.hpp"
#include "wire/codec.hpp"

namespace cli {

namespace {

constexpr std::size_t kMaxText = std::size_t{1} << 20;  ///< of one object: a thousand times what one needs

constexpr const char* kGive = "give what `tedctl --json decode` prints";

constexpr std::size_t kMaxInput = std::size_t{256} << 20;

/// What the bytes say must be what was asked for: the message has more shapes than a datagram.
base::Result<void, base::TextError> check(const base::Bytes& bytes, const wire::Message& message) {
  const auto said = wire::decode(bytes);
  if (!said) {
    return std::unexpected(base::TextError{fmt::format("no valid datagram can say this: {} at offset {}",
                                                       wire::name(said.error().what), said.error().offset),
                                           "compare with what `tedctl --json decode` prints of one that is like it"});
  }
  if (*said != message) {
    return std::unexpected(base::TextError{"a datagram cannot say this to the letter",
                                           "ports are one number or all, type and code of ICMP are not 0"});
  }
  return {};
}

base::Result<base::Bytes, base::TextError> encoded(const control::Json& json) {
  TED_TRY(const Datagram datagram, datagram_of(json));
  base::Bytes bytes = std::visit([](const auto& message) { return wire::encode(message); }, datagram.message);
  const std::size_t proof = datagram.proof ? length_of(*datagram.proof) : 0;
  if (datagram.length) {
    TED_TRY(bytes, encode_to_length(datagram.message, *datagram.length - std::min(*datagram.length, proof)));
  }
  if (auto good = check(bytes, datagram.message); !good) return std::unexpected(good.error());
  return datagram.proof ? with_proof(std::move(bytes), *datagram.proof) : bytes;
}

ExitStatus run_one(const Context& context, const control::Json& json) {
  const auto bytes = encoded(json);
  if (!bytes) {
    complain(bytes.error());
    return ExitStatus::kNo;
  }
  const std::string hex = base::to_hex(*bytes);
  if (context.json) {
    print_json(control::Json::object().add("hex", hex));
  } else {
    print(hex);
  }
  return ExitStatus::kOk;
}

ExitStatus run_lines(const Context& context, std::string_view text) {
  ExitStatus status = ExitStatus::kOk;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto json = control::Json::parse(line, kMaxText);
    if (!json) complain({fmt::format("line {}: {}", number, control::describe(json.error()).message), kGive});
    if (!json || run_one(context, *json) != ExitStatus::kOk) status = ExitStatus::kNo;
  }
  return status;
}

}  // namespace

ExitStatus run_encode(const Context& context) {
  const auto input = all_of(std::cin, kMaxInput);
  if (!input) {
    complain({"standard input is longer than 256 MiB", "give it in parts"});
    return ExitStatus::kNo;
  }
  const std::string& text = *input;
  // One object may spread over lines; several stand one a line, as decode prints them.
  if (const auto json = control::Json::parse(text, kMaxText)) return run_one(context, *json);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    complain({"nothing on standard input", kGive});
    return ExitStatus::kNo;
  }
  return run_lines(context, text);
}

}  // namespace cli
