#include "sim/report_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace sim {

namespace {

using Json = nlohmann::ordered_json;

double seconds(base::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Json options_json(const Options& options) {
  static constexpr std::array kPolicies = {"plain", "mesh", "random"};
  static constexpr std::array kProofs = {"none", "key", "signature"};
  return {
      {"gateways", options.gateways},
      {"hosts", options.hosts},
      {"flows", options.flows},
      {"seed", options.seed},
      {"ip_version", options.family == base::Family::kV4 ? 4 : 6},
      {"policies", kPolicies[static_cast<std::size_t>(options.policies)]},
      {"peers", options.peers},
      {"crossing", options.crossing},
      {"transit", options.transit},
      {"standby", options.standby},
      {"proofs", kProofs[static_cast<std::size_t>(options.proofs)]},
      {"foreign", options.foreign},
      {"delay_s", seconds(options.delay)},
      {"jitter_s", seconds(options.jitter)},
      {"asymmetry", options.asymmetry},
      {"loss", options.loss},
      {"reorder", options.reorder},
      {"duplicate", options.duplicate},
      {"partitions", {{"count", options.partitions.count}, {"seconds", seconds(options.partitions.lasts)}}},
      {"churn", {{"count", options.churn.count}, {"seconds", seconds(options.churn.lasts)}}},
      {"moves", options.moves},
      {"reloads", options.reloads},
      {"dead_peer_s", seconds(options.dead_peer)},
      {"ike_failure", options.ike_failure},
      {"attack",
       {{"forge", options.forge}, {"replay", options.replay}, {"mangle", options.mangle}, {"flood", options.flood}}},
      {"room", options.room},
      {"ramp_s", seconds(options.ramp)},
      {"calm_s", seconds(options.calm)},
      {"within_s", seconds(options.within)},
      {"rekey_s", seconds(options.rekey)},
      {"think_s", seconds(options.think)},
      {"strict", options.strict}};
}

Json violation_json(const Simulation& simulation) {
  if (!simulation.violation()) return nullptr;
  Json story = Json::array();
  for (const Happening& happening : simulation.ground().story.told()) story.push_back(text(happening));
  return {{"what", *simulation.violation()},
          {"at_s", seconds(simulation.ground().now.time_since_epoch())},
          {"story", std::move(story)}};
}

Json flows_json(const Simulation& simulation) {
  const Waits waits = waits_of(simulation.hosts());
  return {{"started", simulation.ground().metrics.total(Figure::kFlowsStarted)},
          {"with_tunnel", simulation.hosts().with_tunnel()},
          {"unanswered", simulation.invariants().unanswered()},
          {"stranded", simulation.invariants().stranded()},
          {"wait_ms",
           {{"flows", waits.flows},
            {"median", waits.median_ms},
            {"p95", waits.p95_ms},
            {"p99", waits.p99_ms},
            {"longest", waits.longest_ms}}}};
}

Json counters_json(const Nodes& nodes) {
  Json counters = Json::object();
  for (std::size_t i = 0; i < engine::kCounterCount; ++i) {
    const auto counter = static_cast<engine::Counter>(i);
    counters[std::string(engine::name(counter))] = nodes.counted(counter);
  }
  return counters;
}

Json totals_json(const Metrics& metrics) {
  Json totals = Json::object();
  for (std::size_t i = 0; i < kFigures; ++i) {
    const auto figure = static_cast<Figure>(i);
    totals[std::string(name(figure))] = metrics.total(figure);
  }
  return totals;
}

Json intervals_json(const Metrics& metrics) {
  Json all = Json::array();
  for (const Interval& interval : metrics.intervals()) {
    Json one = {{"end_s", seconds(interval.end.time_since_epoch())}, {"with_tunnel", interval.with_tunnel}};
    for (std::size_t i = 0; i < kFigures; ++i) one[std::string(name(static_cast<Figure>(i)))] = interval.figures[i];
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

Waits waits_of(const Hosts& hosts) {
  std::vector<std::uint32_t> waited;
  for (const FlowState& flow : hosts.flows()) {
    if (flow.waited != 0) waited.push_back(flow.waited - 1);
  }
  if (waited.empty()) return {};
  std::ranges::sort(waited);
  const auto at = [&waited](double share) {
    static constexpr double kPerMillisecond = 100;
    return waited[static_cast<std::size_t>(share * static_cast<double>(waited.size() - 1))] / kPerMillisecond;
  };
  return {waited.size(), at(0.5), at(0.95), at(0.99), at(1)};
}

std::string report_json(const Simulation& simulation) {
  const Metrics& metrics = simulation.ground().metrics;
  const Json report = {{"options", options_json(simulation.ground().options)},
                       {"violation", violation_json(simulation)},
                       {"ended_s", seconds(simulation.ground().now.time_since_epoch())},
                       {"events", simulation.events()},
                       {"engine_events", simulation.nodes().engine_events()},
                       {"flows", flows_json(simulation)},
                       {"tunnels_standing", simulation.tunnels().standing()},
                       {"totals", totals_json(metrics)},
                       {"counters", counters_json(simulation.nodes())},
                       {"intervals", intervals_json(metrics)}};
  return report.dump(1) + "\n";
}

}  // namespace sim
