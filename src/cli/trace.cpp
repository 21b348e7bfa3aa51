// `tedctl trace`: one discovery without a tunnel.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

/// More than a discovery takes with all its retransmissions.
constexpr std::chrono::seconds kTracePatience{120};

std::string rtt_text(std::int64_t microseconds) {
  return fmt::format("{}.{:03} ms", microseconds / 1000, microseconds % 1000);
}

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

void show(const control::TraceResult& trace) {
  print(
      fmt::format("probed for {}, {} {}", trace.flow.text(), trace.attempts, trace.attempts == 1 ? "probe" : "probes"));
  if (!trace.answered) return print("no answer: " + trace.reason.value_or("no reason given"), Tone::kBad);
  Pairs pairs{{"gateway", trace.gateway ? trace.gateway->text() : "-"},
              {"round trip", trace.rtt_us ? rtt_text(*trace.rtt_us) : "-"},
              {"proved by", trace.proof.value_or("nothing")},
              proxy_of(trace)};
  add_list(pairs, "offers", trace.offered);
  add_list(pairs, "but not", trace.exempt);
  add_list(pairs, "a tunnel", trace.tunnel);
  print_pairs(pairs);
  if (trace.reason) print("no tunnel would come of it: " + *trace.reason, Tone::kBad);
}

}  // namespace

ExitStatus run_trace(const Context& context, const control::TraceArguments& arguments) {
  const auto data = ask(context, {control::Command::kTrace, arguments}, kTracePatience);
  if (!data) return fail(data.error());
  const auto* trace = std::get_if<control::TraceResult>(&*data);
  if (context.json) {
    print_json(control::data_json(*data));
  } else if (trace != nullptr) {
    show(*trace);
  }
  return trace != nullptr && trace->answered ? ExitStatus::kOk : ExitStatus::kNo;
}

}  // namespace cli
