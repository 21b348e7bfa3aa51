#include "platform/nft/client.hpp"

#include <nftables/libnftables.h>

#include "platform/nft/guard.hpp"
#include "platform/rights/capabilities.hpp"

namespace nft {
namespace {

/// The lines of `text` that say something: libnftables quotes the wrong line and draws carets under it.
std::string words_of(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const auto at = line.find("Error: ");
    if (at == std::string_view::npos) continue;
    const std::string_view message = line.substr(at + 7);
    // One refused command is reported once for each part of it.
    if (words.ends_with(message)) continue;
    if (!words.empty()) words += "; ";
    words += message;
  }
  return words;
}

/// A buffer that was read keeps its old text until something new is written, so a command that prints nothing would
/// seem to print what the last one did.
bool fresh_buffers(nft_ctx* context) {
  nft_ctx_unbuffer_output(context);
  nft_ctx_unbuffer_error(context);
  return nft_ctx_buffer_output(context) == 0 && nft_ctx_buffer_error(context) == 0;
}

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string{} : std::string(text);
}

}  // namespace

void Client::Free::operator()(nft_ctx* context) const {
  nft_ctx_free(context);
}

base::Result<Client, Error> Client::open() {
  const rights::Raised raised({rights::Capability::kNetAdmin});  // the kernel asks whose socket it is, too
  Context context(nft_ctx_new(NFT_CTX_DEFAULT));
  if (!context) return std::unexpected(Error{"no memory for a libnftables context"});
  TED_TRY(Link link, Link::open());
  return Client(std::move(context), std::move(link));
}

base::Result<void, Error> Client::run(const std::string& text) {
  auto done = say(text);
  transactions_ += done ? 1U : 0U;
  return done;
}

base::Result<void, Error> Client::run(Batch batch) {
  if (batch.empty()) return {};
  auto done = link_.run(std::move(batch));
  transactions_ += done ? 1U : 0U;
  return done;
}

base::Result<void, Error> Client::say(const std::string& text) {
  if (!fresh_buffers(context_.get())) return std::unexpected(Error{"no memory for libnftables' buffers"});
  const rights::Raised raised({rights::Capability::kNetAdmin});
  const int result = nft_run_cmd_from_buffer(context_.get(), text.c_str());
  const std::string said = text_or_empty(nft_ctx_get_error_buffer(context_.get()));
  if (result == 0) return {};
  std::string words = words_of(said);
  if (words.empty()) words = said.empty() ? "nft gave no reason" : said;
  return std::unexpected(Error{std::move(words)});
}

base::Result<std::string, Error> Client::list(std::string_view table) {
  auto result = say("list table " + std::string(table));
  std::string output = text_or_empty(nft_ctx_get_output_buffer(context_.get()));
  if (!result) return std::unexpected(std::move(result).error());
  return output;
}

base::Result<bool, Error> Client::exists(std::string_view table) {
  auto result = say("list tables");
  const std::string output = text_or_empty(nft_ctx_get_output_buffer(context_.get()));
  if (!result) return std::unexpected(std::move(result).error());
  return ("\n" + output).contains("\ntable " + std::string(table) + "\n");
}

base::Result<void, Error> Client::delete_guard() {
  return run(remove_guard_ruleset());
}

}  // namespace nft
