// The commands of tedctl, each in a file of its own name. A command writes its answer or complains, and says how it
// ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/flow.hpp"
#include "cli/ask.hpp"
#include "cli/exit_status.hpp"
#include "cli/load_policy.hpp"
#include "cli/pki_options.hpp"
#include "control/request.hpp"
#include "policy/carve.hpp"

namespace cli {

struct CheckOptions {
  std::string file;
  GivenInterfaces interfaces;
};

struct ExplainOptions {
  std::string config;
  GivenInterfaces interfaces;
  std::optional<std::string> peer;
  GivenInterfaces peer_interfaces;
  std::optional<base::Flow> flow;  ///< nothing: flows on standard input, one a line
  std::string flow_text;           ///< as it was given
  policy::DataPlane data_plane = policy::DataPlane::kKernel;
};

enum class ImportFormat : std::uint8_t { kIos, kSwanctl };

struct ImportOptions {
  std::string file;                    ///< `-` for standard input
  std::string output;                  ///< a file that is not there yet; empty: standard output
  std::optional<ImportFormat> format;  ///< nothing: by what is in it
};

struct DecodeOptions {
  std::optional<base::Bytes> datagram;
  std::string capture;  ///< without a datagram: a pcap file, `-` for standard input
};

struct ReportOptions {
  std::string output;  ///< a file; empty: standard output
  std::string from;    ///< what --json wrote, `-` for standard input; empty: the daemon is asked
};

[[nodiscard]] ExitStatus run_status(const Context& context);
[[nodiscard]] ExitStatus run_tunnels(const Context& context);
[[nodiscard]] ExitStatus run_pending(const Context& context);
[[nodiscard]] ExitStatus run_peers(const Context& context);
[[nodiscard]] ExitStatus run_observe(const Context& context);
[[nodiscard]] ExitStatus run_counters(const Context& context, bool all);
[[nodiscard]] ExitStatus run_rules(const Context& context);
[[nodiscard]] ExitStatus run_history(const Context& context);
[[nodiscard]] ExitStatus run_report(const Context& context, const ReportOptions& options);
[[nodiscard]] ExitStatus run_watch(const Context& context);
[[nodiscard]] ExitStatus run_why(const Context& context, const base::Flow& flow);
[[nodiscard]] ExitStatus run_trace(const Context& context, const control::TraceArguments& arguments);
[[nodiscard]] ExitStatus run_reload(const Context& context);
[[nodiscard]] ExitStatus run_forget(const Context& context, const base::Address& peer);
[[nodiscard]] ExitStatus run_release(const Context& context);
[[nodiscard]] ExitStatus run_check(const Context& context, const CheckOptions& options);
[[nodiscard]] ExitStatus run_explain(const Context& context, const ExplainOptions& options);
[[nodiscard]] ExitStatus run_import(const Context& context, const ImportOptions& options);
[[nodiscard]] ExitStatus run_decode(const Context& context, const DecodeOptions& options);
[[nodiscard]] ExitStatus run_encode(const Context& context);
[[nodiscard]] ExitStatus run_pki_ca(const Context& context, const PkiOptions& options);
[[nodiscard]] ExitStatus run_pki_gateway(const Context& context, const PkiOptions& options);
[[nodiscard]] ExitStatus run_pki_revoke(const Context& context, const PkiOptions& options);
[[nodiscard]] ExitStatus run_pki_show(const Context& context, const PkiOptions& options);

}  // namespace cli
