#include "cli/arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hex.hpp"
#include "base/number.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/mistyped.hpp"
#include "cli/output.hpp"

namespace cli {

namespace {

/// The values that the parser writes to while it reads.
struct Values {
  Context context;
  Invocation invocation;
  control::TraceArguments trace;
  base::Address peer;
  std::vector<std::string> flow_words;
  std::vector<std::string> trace_words;
  base::Flow flow;
  CheckOptions check;
  ExplainOptions explain;
  bool batch = false;
  bool all_counters = false;
  ImportOptions importing;
  std::vector<std::string> hex;
  DecodeOptions decode;
  ReportOptions report;
  PkiOptions pki;
  std::vector<std::string> help_words;
  std::string help;
};

[[noreturn]] void refuse(const std::string& option, const base::TextError& error) {
  throw CLI::ValidationError(option, error.hint.empty() ? error.message : error.message + ": " + error.hint);
}

/// An option whose text goes to `store`, which refuses what it does not understand.
template <class Store>
CLI::Option* add_text(CLI::App& app, const std::string& name, const Store& store, const std::string& help) {
  const CLI::callback_t take = [store](const CLI::results_t& texts) {
    store(texts.front());
    return true;
  };
  return app.add_option(name, take, help)->type_name("TEXT");
}

/// An option whose text `parse` turns into `target`; what it refuses is a usage error.
template <class T, class Parse>
CLI::Option* add_value(CLI::App& app, const std::string& name, T& target, Parse parse, const std::string& help) {
  const auto store = [&target, parse, name](const std::string& text) {
    const auto value = parse(text);
    if (!value) refuse(name, value.error());
    target = *value;
  };
  return add_text(app, name, store, help);
}

base::Result<std::uint16_t, base::TextError> parse_port(std::string_view text) {
  const auto port = base::parse_number<std::uint16_t>(text, 65535);
  if (!port) return std::unexpected(base::TextError{std::string(text) + " is no port", "a number from 0 to 65535"});
  return *port;
}

base::Result<policy::DataPlane, base::TextError> parse_data_plane(std::string_view text) {
  if (text == "kernel") return policy::DataPlane::kKernel;
  if (text == "userspace") return policy::DataPlane::kUserspace;
  return std::unexpected(base::TextError{std::string(text) + " is no data plane", "kernel or userspace"});
}

base::Result<ImportFormat, base::TextError> parse_format(std::string_view text) {
  if (text == "ios") return ImportFormat::kIos;
  if (text == "swanctl") return ImportFormat::kSwanctl;
  return std::unexpected(base::TextError{std::string(text) + " is no format", "ios or swanctl"});
}

base::Result<pki::KeyKind, base::TextError> parse_key_kind(std::string_view text) {
  if (text == "ecdsa") return pki::KeyKind::kEcdsaP256;
  if (text == "ed25519") return pki::KeyKind::kEd25519;
  return std::unexpected(base::TextError{std::string(text) + " is no kind of key", "ecdsa or ed25519"});
}

constexpr unsigned kMostDays = 36'500;

/// Not after the year 9999, which no certificate knows (RFC 5280 section 4.1.2.5).
base::Result<unsigned, base::TextError> parse_days(std::string_view text) {
  const auto days = base::parse_number<unsigned>(text, kMostDays);
  if (days && *days > 0) return *days;
  return std::unexpected(
      base::TextError{std::string(text) + " is no number of days", "from 1 to " + std::to_string(kMostDays)});
}

/// `PREFIX[,PREFIX…]`
base::Result<base::AddressSet, base::TextError> parse_blocks(std::string_view text) {
  base::AddressSet blocks;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    TED_TRY(const base::Prefix prefix, base::Prefix::parse(text.substr(begin, end - begin)));
    blocks.add(prefix);
    begin = end + 1;
  }
  return blocks;
}

/// A command; `run` is what it does once the whole line is understood.
CLI::App& add_command(CLI::App& app, Values& values, const std::string& name, const std::string& help,
                      std::function<ExitStatus()> run) {
  CLI::App& command = *app.add_subcommand(name, help);
  command.callback([&values, run = std::move(run)] { values.invocation.command = run; });
  return command;
}

void add_counters(CLI::App& app, Values& values) {
  CLI::App& counters = add_command(app, values, "counters", "What the daemon counts, each drop under its reason",
                                   [&values] { return run_counters(values.context, values.all_counters); });
  counters.add_flag("--all", values.all_counters, "Also those that are zero");
}

void add_questions(CLI::App& app, Values& values) {
  const auto add = [&](const char* name, const char* help, ExitStatus (*run)(const Context&)) {
    add_command(app, values, name, help, [&values, run] { return run(values.context); });
  };
  add("status", "The daemon at a glance", run_status);
  add("tunnels", "What is up, to whom, and what it carries", run_tunnels);
  add("pending", "Discoveries under way and destinations held down", run_pending);
  add("peers", "The gateways that the daemon has heard from", run_peers);
  add("observe", "What would be protected by whom, where mode = \"observe\"", run_observe);
  add_counters(app, values);
  add("rules", "The policy in force", run_rules);
  add("history", "What happened lately to discoveries and tunnels", run_history);
  add("watch", "Events as they happen, one a line", run_watch);
  add("reload", "Read the configuration again", run_reload);
  add("release", "Take the guard down on purpose: protected traffic may then leave in the clear", run_release);
  add("encode", "JSON of decode on standard input, hex out", run_encode);
}

std::string in_one(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// A destination, which options say more of, or a flow, which says all.
void read_trace(const std::vector<std::string>& words, control::TraceArguments& trace) {
  const std::string text = in_one(words);
  if (text.find_first_of(" >") == std::string::npos) {
    const auto destination = base::Address::parse(text);
    if (!destination) refuse("DST", destination.error());
    trace.destination = *destination;
    return;
  }
  const auto flow = base::Flow::parse(text);
  if (!flow) refuse("FLOW", flow.error());
  if (trace.source || trace.protocol || trace.port) {
    refuse("FLOW", {"it says source, protocol and port itself", "leave out --from, --proto and --port"});
  }
  trace = {.destination = flow->destination, .source = flow->source, .protocol = flow->protocol, .port = {}};
  if (!base::has_ports(flow->protocol) && !base::is_icmp(flow->protocol)) return;
  trace.port = flow->destination_port;
  trace.source_port = flow->source_port;
}

/// What one option says must fit what another says.
void check_trace(const control::TraceArguments& trace) {
  if (trace.source && trace.source->family() != trace.destination.family()) {
    refuse("--from", {"source and destination mix IPv4 and IPv6", "give both of one family"});
  }
  if (trace.port && !trace.source_port && trace.protocol && !base::has_ports(*trace.protocol)) {
    refuse("--port", {base::text(*trace.protocol) + " has no ports", "leave out --port"});
  }
}

void add_trace(CLI::App& app, Values& values) {
  CLI::App& trace =
      add_command(app, values, "trace", "One discovery without a tunnel: who answers, how fast, with what",
                  [&values] { return run_trace(values.context, values.trace); });
  trace.add_option("DST", values.trace_words, "The destination, or a flow: PROTO SRC[:PORT] > DST[:PORT]")->required();
  add_value(trace, "--from", values.trace.source, base::Address::parse, "The source");
  add_value(trace, "--proto", values.trace.protocol, base::parse_protocol, "The protocol: a name or number");
  add_value(trace, "--port", values.trace.port, parse_port, "The destination port");
  trace.parse_complete_callback([&values] {
    read_trace(values.trace_words, values.trace);
    check_trace(values.trace);
  });
}

void add_why(CLI::App& app, Values& values) {
  CLI::App& why = add_command(app, values, "why", "How a flow fares here, what happened, and what would make it work",
                              [&values] { return run_why(values.context, values.flow); });
  why.add_option("FLOW", values.flow_words, "PROTO SRC[:PORT] > DST[:PORT], in one word or several")->required();
  why.parse_complete_callback([&values] {
    const auto flow = base::Flow::parse(in_one(values.flow_words));
    if (!flow) refuse("FLOW", flow.error());
    values.flow = *flow;
  });
}

void add_report(CLI::App& app, Values& values) {
  CLI::App& report = add_command(app, values, "report", "One page about this gateway, for a browser",
                                 [&values] { return run_report(values.context, values.report); });
  report.add_option("-o,--output", values.report.output, "Write to this file, not to standard output");
  report.add_option("--from", values.report.from, "Of what --json wrote, not of the daemon; - is standard input");
}

void add_forget(CLI::App& app, Values& values) {
  CLI::App& forget =
      add_command(app, values, "forget", "Close the tunnels to a peer and forget what was learnt about it",
                  [&values] { return run_forget(values.context, values.peer); });
  add_value(forget, "PEER", values.peer, base::Address::parse, "The peer's address")->required();
}

/// May be given again and again.
void add_interfaces(CLI::App& app, const std::string& name, GivenInterfaces& interfaces, const std::string& help) {
  const CLI::callback_t take = [&interfaces, name](const CLI::results_t& texts) {
    for (const std::string& text : texts) {
      if (const auto added = add_interface(text, interfaces); !added) refuse(name, added.error());
    }
    return true;
  };
  app.add_option(name, take, help)->type_name("NAME=PREFIX[,PREFIX...]")->expected(1)->take_all();
}

void add_check(CLI::App& app, Values& values) {
  CLI::App& check = add_command(app, values, "check", "Validate a configuration; report shadowed and overlapping rules",
                                [&values] { return run_check(values.context, values.check); });
  check.add_option("FILE", values.check.file, "The configuration")->required();
  add_interfaces(check, "--interface", values.check.interfaces, "What an interface of its rules stands for");
}

void add_explain(CLI::App& app, Values& values) {
  CLI::App& explain = add_command(app, values, "explain", "Offline: what becomes of a flow under one or two policies",
                                  [&values] { return run_explain(values.context, values.explain); });
  ExplainOptions& options = values.explain;
  explain.add_option("--config", options.config, "The configuration that is asked")->required();
  explain.add_option("--peer", options.peer, "The other gateway's configuration, asked for the mirrored flow");
  add_interfaces(explain, "--interface", options.interfaces, "What an interface of its rules stands for");
  add_interfaces(explain, "--peer-interface", options.peer_interfaces, "The same of the other gateway's");
  const auto store_flow = [&options](const std::string& text) {
    const auto flow = base::Flow::parse(text);
    if (!flow) refuse("--flow", flow.error());
    options.flow = *flow;
    options.flow_text = text;
  };
  auto* flow = add_text(explain, "--flow", store_flow, "PROTO SRC[:PORT] > DST[:PORT]");
  auto* batch = explain.add_flag("--batch", values.batch, "Flows on standard input, one a line; JSON lines out");
  flow->excludes(batch);
  add_value(explain, "--dataplane", options.data_plane, parse_data_plane, "kernel (default) or userspace");
  explain.parse_complete_callback([&values] {
    if (!values.batch && !values.explain.flow) throw CLI::RequiredError("--flow or --batch");
  });
}

void add_import(CLI::App& app, Values& values) {
  CLI::App& command = add_command(app, values, "import", "Rules out of another product's configuration",
                                  [&values] { return run_import(values.context, values.importing); });
  command.add_option("FILE", values.importing.file, "The other configuration; - is standard input")->required();
  command.add_option("-o,--output", values.importing.output, "Write to this new file, not to standard output");
  add_value(command, "--format", values.importing.format, parse_format,
            "ios or swanctl; without it by what is in the file");
}

/// No datagram is longer than 64 KiB; of hex that is longer the decoder need not see the end.
constexpr std::streamsize kMaxHex = std::streamsize{1} << 20;

std::string standard_input() {
  std::string text(kMaxHex, '\0');
  std::cin.read(text.data(), kMaxHex);
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  return text;
}

/// Hex may be given in several words, as tools print it.
void store_datagram(Values& values) {
  if (values.hex.empty() == values.decode.capture.empty()) throw CLI::RequiredError("either HEX or -r FILE");
  if (values.hex.empty()) return;
  std::string text;
  for (const auto& word : values.hex) text += word;
  if (text == "-") text = standard_input();
  values.decode.datagram = base::from_hex(text);
  if (!values.decode.datagram)
    refuse("HEX", {"it is not hexadecimal, or has half a byte", "give two digits for each byte"});
}

void add_decode(CLI::App& app, Values& values) {
  CLI::App& decode = add_command(app, values, "decode", "A TED datagram in words or JSON",
                                 [&values] { return run_decode(values.context, values.decode); });
  decode.add_option("HEX", values.hex, "The datagram, from the ISAKMP header on; - is standard input");
  decode.add_option("-r", values.decode.capture, "A pcap file; - is standard input");
  decode.parse_complete_callback([&values] { store_datagram(values); });
}

void add_making(CLI::App& command, PkiOptions& options, const char* name_help) {
  command.add_option("--name", options.name, name_help)->required();
  command.add_option("--out", options.out, "The folder that the files go to")->required();
  add_value(command, "--blocks", options.blocks, parse_blocks, "Prefixes that it may speak for (RFC 3779): A,B,...");
  add_value(command, "--days", options.days, parse_days, "How long it holds");
  add_value(command, "--key", options.key, parse_key_kind, "ecdsa (default) or ed25519");
}

void add_pki(CLI::App& app, Values& values) {
  CLI::App& pki = *app.add_subcommand("pki", "Offline: an authority and certificates for labs and small sites");
  pki.require_subcommand(1);
  PkiOptions& options = values.pki;
  const auto add = [&](const char* name, const char* help, ExitStatus (*run)(const Context&, const PkiOptions&)) {
    return &add_command(pki, values, name, help, [&values, run] { return run(values.context, values.pki); });
  };
  add_making(*add("ca", "Make an authority: ca.pem and ca.key", run_pki_ca), options, "Its name");
  CLI::App& gateway =
      *add("gateway", "Make a gateway's key and certificate: NAME.pem, NAME.key, ca.pem", run_pki_gateway);
  add_making(gateway, options, "Its DNS name");
  gateway.add_option("--ca", options.authority, "The authority's folder")->required();
  const CLI::callback_t take = [&options](const CLI::results_t& texts) {
    for (const std::string& text : texts) {
      const auto address = base::Address::parse(text);
      if (!address) refuse("--address", address.error());
      options.addresses.push_back(*address);
    }
    return true;
  };
  gateway.add_option("--address", take, "Its tunnel endpoint; may be given again")
      ->type_name("TEXT")
      ->expected(1)
      ->take_all();
  CLI::App& revoke =
      *add("revoke", "Write the authority's revocation list, ca.crl, anew, with these in it", run_pki_revoke);
  revoke.add_option("--ca", options.authority, "The authority's folder")->required();
  add_value(revoke, "--days", options.days, parse_days, "How long the list holds");
  revoke.add_option("CERT", options.files, "Certificates; none: the list of before, for longer");
  CLI::App& show = *add("show", "What certificates say", run_pki_show);
  show.add_option("FILE", options.files, "Certificates, PEM or DER")->required();
}

void add_help(CLI::App& app, Values& values) {
  CLI::App& help = add_command(app, values, "help", "What --help says: of tedctl, or of a command", [&values] {
    print_part(values.help);
    return ExitStatus::kOk;
  });
  help.add_option("COMMAND", values.help_words, "The command");
  help.parse_complete_callback([&app, &values] {
    values.help = help_of(app, values.help_words);
    if (values.help.empty()) refuse("COMMAND", {"there is no such command", "tedctl --help names the commands"});
  });
}

}  // namespace

Invocation parse_arguments(int argc, char** argv) {
  // Commands refer to it when they run, so it lives as long as they do.
  const auto values = std::make_shared<Values>();
  CLI::App app("Control of tedd, and tools around Tunnel Endpoint Discovery", "tedctl");
  app.set_version_flag("--version", "tedctl " OPENTED_VERSION);
  app.add_option("--socket", values->context.socket, "The daemon's control socket")->capture_default_str();
  app.add_flag("--json", values->context.json, "Answer in JSON");
  app.require_subcommand(1);
  app.fallthrough();
  add_questions(app, *values);
  add_why(app, *values);
  add_report(app, *values);
  add_trace(app, *values);
  add_forget(app, *values);
  add_check(app, *values);
  add_explain(app, *values);
  add_import(app, *values);
  add_decode(app, *values);
  add_pki(app, *values);
  add_help(app, *values);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version end this way, too.
    if (error.get_exit_code() == 0) return {{}, app.exit(error) == 0 ? ExitStatus::kOk : ExitStatus::kUsage};
    // The parser only says that something is missing or unexpected.
    complain(mistyped(app, argc, argv)
                 .value_or(base::TextError{error.what(),
                                           "tedctl --help names the commands, tedctl COMMAND --help its options"}));
    return {{}, ExitStatus::kUsage};
  }
  return {[values] { return values->invocation.command(); }, ExitStatus::kOk};
}

}  // namespace cli
