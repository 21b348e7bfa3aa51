// `tedctl trace`: one discovery without a tunnel.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "cli/text.hpp"
#include "cli/trace_progress.hpp"

namespace cli {

namespace {

/// More than a discovery takes with all its retransmissions.
constexpr std::chrono::seconds kTracePatience{120};

// A peer of versions 1 and 2 tells its own side only.
Pair proxy_of(const control::TraceResult& trace) {
  if (trace.half_proxy) return {"half proxy", trace.half_proxy->text() + ", in the draft form"};
  return {"proxy", trace.proxy ? trace.proxy->text() : "-"};
}

/// More than fit a screen are counted.
constexpr std::size_t kMostShown = 8;

void add_list(Pairs& pairs, const std::string& name, const std::optional<std::vector<base::Selector>>& selectors) {
  if (!selectors) return;
  for (std::size_t i = 0; i < selectors->size(); ++i) {
    if (i == kMostShown) {
      pairs.emplace_back("", fmt::format("and {} more (--json has them)", selectors->size() - i));
      break;
    }
    pairs.emplace_back(i == 0 ? name : "", (*selectors)[i].text());
  }
}

void show_failure(const control::TraceResult& trace) {
  print_hanging("no answer: ", trace.reason.value_or("no reason given"), Tone::kBad);
  if (trace.reason.value_or("").starts_with(control::kUnsent)) {
    const std::string destination = trace.flow.destination.text();
    print_hanging("way out    ",
                  "a probe takes the packet's own way: 'ip route get " + destination +
                      "' must find one, and no firewall of this gateway may reject UDP port 500 to there");
    return;
  }
  print_hanging("way out    ",
                "is there a gateway before " + trace.flow.destination.text() +
                    " whose rules respond? UDP port 500 must pass to it and back: 'tcpdump -n udp port 500' at both "
                    "ends shows how far probes and answers come");
  print_hanging("           ", "on that gateway 'tedctl why " + trace.flow.mirrored().text() +
                                   "' says whether the probe came there, and why it was not answered: no rule, a proof "
                                   "that it does not believe, a clock that is off");
  print_hanging("           ", "'tedctl why " + trace.flow.text() + "' says how such a flow fares here");
}

/// Whether it is one flow that is asked for, and which.
std::optional<base::Flow> flow_of(const control::TraceArguments& asked) {
  if (!asked.source || !asked.protocol) return std::nullopt;
  base::Flow flow{*asked.source, asked.destination, *asked.protocol, 0, 0};
  if (!base::has_ports(flow.protocol) && !base::is_icmp(flow.protocol)) return flow;
  if (!asked.source_port || !asked.port) return std::nullopt;
  flow.source_port = *asked.source_port;
  flow.destination_port = *asked.port;
  return flow;
}

/// Says so where policy would send no probe for it.
void remark_on(const Context& context, const base::Flow& flow) {
  const auto data = ask(context, {control::Command::kWhy, control::WhyArguments{flow}});
  const auto* why = data ? std::get_if<control::Why>(&*data) : nullptr;
  if (why == nullptr || (why->verdict != "clear" && why->verdict != "blocked")) return;
  const std::string what = why->verdict == "clear" ? "lets it pass in the clear" : "drops it";
  print_hanging("note: ", (why->rule ? "rule '" + *why->rule + "' " + what
                                     : std::string("no rule matches it, so it passes in the clear")) +
                              ": packets of " + flow.text() + " would send no probe; probing all the same");
}

void show(const control::TraceResult& trace) {
  print(
      fmt::format("probed for {}, {} {}", trace.flow.text(), trace.attempts, trace.attempts == 1 ? "probe" : "probes"));
  if (!trace.answered) return show_failure(trace);
  Pairs pairs{{"gateway", trace.gateway ? trace.gateway->text() : "-"},
              {"round trip", trace.rtt_us ? round_trip_text(*trace.rtt_us) : "-"},
              {"proved by", trace.proof.value_or("nothing")},
              proxy_of(trace)};
  add_list(pairs, "offers", trace.offered);
  add_list(pairs, "but not", trace.exempt);
  add_list(pairs, "a tunnel", trace.tunnel);
  print_pairs(pairs);
  if (trace.reason) print_hanging("no tunnel would come of it: ", *trace.reason, Tone::kBad);
}

}  // namespace

ExitStatus run_trace(const Context& context, const control::TraceArguments& arguments) {
  const auto flow = flow_of(arguments);
  if (flow && !context.json) remark_on(context, *flow);
  const bool follows = !context.json && terminal_size();
  const auto data = follows ? ask_and_follow(context, arguments, kTracePatience)
                            : ask(context, {control::Command::kTrace, arguments}, kTracePatience);
  if (!data) return fail(data.error());
  const auto* trace = std::get_if<control::TraceResult>(&*data);
  if (context.json) {
    print_json(control::data_json(*data));
  } else if (trace != nullptr) {
    if (!flow) remark_on(context, trace->flow);
    show(*trace);
  }
  return trace != nullptr && trace->answered ? ExitStatus::kOk : ExitStatus::kNo;
}

}  // namespace cli
