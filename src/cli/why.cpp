// `tedctl why`: how a flow fares at a running gateway, what happened, and what would make it work.
#include <array>
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

struct Words {
  const char* verdict;
  const char* text;
};

std::string verdict_text(const std::string& verdict) {
  static constexpr std::array<Words, 8> kWords = {{
      {"protected", "protected: a tunnel carries it"},
      {"in_progress", "dropped or held until its tunnel stands: its discovery is under way"},
      {"failing", "dropped: no tunnel comes up"},
      {"open", "in the clear: no tunnel comes up, and its rule says on_failure = \"bypass\""},
      {"idle", "protected, and nothing is under way: its next packet starts a discovery"},
      {"observed", "in the clear: this gateway only observes; its policy would have it protected or dropped"},
      {"clear", "in the clear, as policy says"},
      {"blocked", "dropped, as policy says"},
  }};
  for (const Words& words : kWords) {
    if (verdict == words.verdict) return words.text;
  }
  return verdict;
}

Tone tone_of(const std::string& verdict) {
  if (verdict == "failing" || verdict == "open") return Tone::kBad;
  return verdict == "protected" ? Tone::kGood : Tone::kPlain;
}

void show_list(const char* heading, const std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) print_hanging(fmt::format("{:9}", i == 0 ? heading : ""), lines[i]);
}

std::vector<std::string> lines_of(const control::Why& why) {
  std::vector<std::string> lines;
  lines.reserve(why.tunnels.size());
  for (const control::Tunnel& tunnel : why.tunnels) {
    lines.push_back(fmt::format("to {} since {}, {}", tunnel.peer.text(), control::text(tunnel.since),
                                joined(tunnel.selectors, "; ")));
  }
  return lines;
}

std::vector<std::string> states_of(const control::Why& why) {
  std::vector<std::string> lines;
  for (const control::Pending& pending : why.pending) {
    lines.push_back(fmt::format("{}, {} {} sent{}", pending_state(pending), pending.attempts,
                                pending.attempts == 1 ? "probe" : "probes",
                                pending.next_ms ? ", next step in " + span_text(*pending.next_ms) : std::string()));
    if (pending.reason) lines.push_back("failed: " + *pending.reason);
  }
  return lines;
}

void show(const control::Why& why) {
  print(why.flow.text());
  print_hanging(std::string(9, ' '), verdict_text(why.verdict), tone_of(why.verdict));
  show_list("policy", why.because);
  show_list("tunnel", lines_of(why));
  show_list("state", states_of(why));
  std::vector<std::string> steps;
  steps.reserve(why.steps.size());
  for (const control::Event& step : why.steps) {
    steps.push_back(fmt::format("{}  {}  {}", control::text(step.time), step.id, step.text));
  }
  show_list("lately", steps);
  show_list("way out", why.advice);
}

}  // namespace

ExitStatus run_why(const Context& context, const base::Flow& flow) {
  const auto data = ask(context, {control::Command::kWhy, control::WhyArguments{flow}});
  if (!data) return fail(data.error());
  const auto* why = std::get_if<control::Why>(&*data);
  if (context.json) {
    print_json(control::data_json(*data));
  } else if (why != nullptr) {
    show(*why);
  }
  return why != nullptr && why->verdict != "failing" ? ExitStatus::kOk : ExitStatus::kNo;
}

}  // namespace cli
