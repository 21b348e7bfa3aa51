// Every metric has a value, every value is a metric, and docs/metrics.md has them all.
#include "daemon/measure.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <sstream>

#include "daemon/answers.hpp"
#include "daemon/metric_catalogue.hpp"
#include "daemon/queue_counters.hpp"
#include "platform/nft/drops.hpp"
#include "sim/random.hpp"

namespace tedd {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const policy::Snapshot> policy(std::size_t protecting) {
  std::vector<policy::Rule> rules;
  for (std::size_t i = 0; i <= protecting; ++i) {
    policy::Rule rule;
    rule.name = i == 0 ? "inside" : "r" + std::to_string(i);
    rule.action = i == 0 ? policy::Action::kBypass : policy::Action::kProtect;
    rule.local = {*base::MaskedAddress::parse("10.0.0.0/16")};
    rule.remote = {*base::MaskedAddress::parse("10." + std::to_string(i) + ".0.0/16")};
    rules.push_back(rule);
  }
  return std::make_shared<const policy::Snapshot>(rules);
}

class Measure : public ::testing::Test {
 protected:
  explicit Measure(std::size_t rules = 3)
      : engine_(engine::Settings{.gateways = {*base::Address::parse("192.0.2.1")}}, policy(rules),
                engine::Ports{random_, hash_}) {}

  void tell(engine::Event event) {
    engine_.handle(std::move(event), now_);
    while (engine_.next_action()) {
    }
  }
  void pass(base::Duration span) {
    for (const base::Instant end = now_ + span; now_ < end; now_ += 100ms) {
      engine_.on_deadline(now_);
      while (engine_.next_action()) {
      }
    }
  }
  void catch_flow(const std::string& destination) {
    tell(engine::FlowCaught{*base::Flow::parse("tcp 10.0.0.7:4000 > " + destination + ":80")});
  }
  void come_up(std::uint64_t id, const std::string& remote) {
    tell(engine::TunnelUp{
        engine::TunnelId{id},
        *base::Address::parse("192.0.2.2"),
        *base::Address::parse("192.0.2.1"),
        {{{}, *base::MaskedAddress::parse("10.0.0.0/16"), *base::MaskedAddress::parse(remote), {}, {}}},
        {}});
  }
  [[nodiscard]] MetricValues values() const {
    control::Counters counters = counters_of(engine_);
    counters.values.emplace_back("guard_restored", 0);
    for (std::size_t i = 0; i < nft::kDrops; ++i) {
      counters.values.emplace_back("guard_dropped_" + std::string(nft::name_of(nft::Drop(i))), 0);
    }
    add_counters(QueueCounts{}, counters);
    for (const char* name : {"seen", "dropped_source", "dropped_newcomers", "dropped_all"}) {
      counters.values.emplace_back(std::string("shield_") + name, 0);
    }
    return measure(engine_, {}, counters, situation_);
  }
  [[nodiscard]] double value(const std::string& name, const std::string& label = {}) const {
    for (const Sample& sample : values().samples) {
      if (sample.name == name && sample.label == label) return sample.value;
    }
    ADD_FAILURE() << name << " " << label << " is not measured";
    return -1;
  }

  sim::SeededRandom random_{1};
  sim::SeededHash hash_{1};
  base::Instant now_{1s};
  engine::Engine engine_;
  Situation situation_{.version = "1.2.3", .started = control::Timestamp{5500ms}, .loaded = control::Timestamp{7s}};
};

class MeasureMany : public Measure {
 protected:
  MeasureMany() : Measure(kMaxRuleLabels + 3) {}
};

TEST_F(Measure, EveryMetricHasAValueAndEveryValueIsAMetric) {
  std::set<std::string> measured = {"opented_values_age_seconds"};  // that one is the scrape's own
  for (const Sample& sample : values().samples) measured.insert(sample.name);
  for (const auto& [name, histogram] : values().histograms) measured.insert(name);
  std::set<std::string> known;
  for (const MetricInfo& info : metric_catalogue()) {
    EXPECT_TRUE(known.insert(std::string(info.name)).second) << info.name << " is there twice";
    EXPECT_FALSE(info.help.empty()) << info.name;
    EXPECT_EQ(info.type == MetricType::kCounter, info.name.ends_with("_total")) << info.name;
  }
  for (const std::string& name : measured) EXPECT_TRUE(known.contains(name)) << name << ": add it to the catalogue";
  for (const std::string& name : known) EXPECT_TRUE(measured.contains(name)) << name << " never has a value";
}

TEST_F(Measure, EveryCounterOfTheEngineIsExportedUnderItsName) {
  std::set<std::string_view> known;
  for (const MetricInfo& info : metric_catalogue()) known.insert(info.name);
  for (std::size_t i = 0; i < engine::kCounterCount; ++i) {
    const std::string wanted = "opented_" + std::string(name(static_cast<engine::Counter>(i))) + "_total";
    EXPECT_TRUE(known.contains(wanted)) << wanted << ": add it to the catalogue";
  }
}

TEST_F(Measure, RulesAreToldApart) {
  come_up(1, "10.1.0.0/16");
  come_up(2, "10.2.0.0/17");
  come_up(3, "10.2.128.0/17");
  catch_flow("10.3.0.8");
  pass(5s);  // nobody answers
  catch_flow("10.3.0.9");
  EXPECT_EQ(value("opented_rule_tunnels", "r1"), 1);
  EXPECT_EQ(value("opented_rule_tunnels", "r2"), 2);
  EXPECT_EQ(value("opented_rule_tunnels", "r3"), 0);
  EXPECT_EQ(value("opented_rule_discoveries_failing", "r3"), 1);
  EXPECT_EQ(value("opented_rule_discoveries_pending", "r3"), 1);
  EXPECT_EQ(value("opented_rule_discoveries_failing", "r1"), 0);
  EXPECT_EQ(value("opented_tunnels"), 3);
  EXPECT_EQ(value("opented_discoveries"), 2);
  EXPECT_EQ(value("opented_tunnels_up_total"), 3);
  for (const Sample& sample : values().samples) EXPECT_NE(sample.label, "inside") << sample.name;
}

TEST_F(MeasureMany, OnlySoManyRulesHaveALabel) {
  const std::string last = "r" + std::to_string(kMaxRuleLabels);
  come_up(1, "10." + std::to_string(kMaxRuleLabels) + ".0.0/16");
  come_up(2, "10." + std::to_string(kMaxRuleLabels + 1) + ".0.0/16");
  come_up(3, "10." + std::to_string(kMaxRuleLabels + 3) + ".0.0/16");
  EXPECT_EQ(value("opented_rule_tunnels", last), 1);
  EXPECT_EQ(value("opented_rule_tunnels", std::string(kOtherRules)), 2);
  std::set<std::string> labels;
  for (const Sample& sample : values().samples) {
    if (sample.name == "opented_rule_tunnels") labels.insert(sample.label);
  }
  EXPECT_EQ(labels.size(), kMaxRuleLabels + 1);
}

TEST_F(Measure, WhatTheDaemonKnowsIsAZeroOrAOne) {
  EXPECT_EQ(value("opented_build_info", "1.2.3"), 1);
  EXPECT_EQ(value("opented_start_time_seconds"), 5.5);
  EXPECT_EQ(value("opented_config_loaded_time_seconds"), 7);
  EXPECT_EQ(value("opented_config_reload_successful"), 1);
  EXPECT_EQ(value("opented_charon_connected"), 0);
  EXPECT_EQ(value("opented_guard_in_force"), 0);
  situation_.reload_refused = situation_.charon_connected = situation_.guard_in_force = true;
  situation_.guard_released = situation_.intercepts = true;
  situation_.openings = 4;
  EXPECT_EQ(value("opented_config_reload_successful"), 0);
  EXPECT_EQ(value("opented_charon_connected"), 1);
  EXPECT_EQ(value("opented_guard_in_force"), 1);
  EXPECT_EQ(value("opented_guard_released"), 1);
  EXPECT_EQ(value("opented_interception_in_force"), 1);
  EXPECT_EQ(value("opented_openings"), 4);
}

/// The reference of docs/metrics.md is made of the catalogue: OPENTED_UPDATE_GOLDEN=1 writes it anew.
TEST(MetricsDocument, HasTheCatalogueAsItIs) {
  const std::string path = OPENTED_TESTS_DIR "/../docs/metrics.md";
  std::stringstream stream;
  stream << std::ifstream(path).rdbuf();
  const std::string text = stream.str();
  std::string table;
  for (const MetricInfo& info : metric_catalogue()) {
    const std::string label = info.label.empty() ? "" : "`" + std::string(info.label) + "`";
    table.append("| `").append(info.name).append("` | ").append(tedd::text(info.type)).append(" | ");
    table.append(label).append(label.empty() ? "| " : " | ").append(info.help).append(" |\n");
  }
  const std::string head = "| metric | type | label | |\n|---|---|---|---|\n";
  const auto begin = text.find(head);
  ASSERT_NE(begin, std::string::npos) << path << " has no table that begins with " << head;
  const auto end = text.find("\n\n", begin) + 1;
  const std::string wanted = text.substr(0, begin + head.size()) + table + text.substr(end);
  if (std::getenv("OPENTED_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << wanted;
  EXPECT_EQ(text.substr(begin + head.size(), end - begin - head.size()), table);
}

}  // namespace
}  // namespace tedd
