#include "rte_acl.hpp"

#include <stdexcept>

#ifdef OPENTED_RTE_ACL
#include <array>
#include <bit>
#include <cstddef>
#include <rte_acl.h>
#include <rte_eal.h>
#include <rte_log.h>
#include <rte_malloc.h>
#endif

namespace bench {

#ifdef OPENTED_RTE_ACL

namespace {

std::uint32_t big_endian(std::uint32_t value) {
  return __builtin_bswap32(value);
}
std::uint16_t big_endian(std::uint16_t value) {
  return __builtin_bswap16(value);
}

constexpr std::size_t kFields = 5;
RTE_ACL_RULE_DEF(AclRule, kFields);

// Its first field is one byte, and the others are read four bytes at a time.
constexpr rte_acl_field_def field(std::uint8_t type, std::uint8_t size, std::uint8_t index, std::uint8_t input,
                                  std::size_t offset) {
  return {type, size, index, input, static_cast<std::uint32_t>(offset)};
}

constexpr std::array<rte_acl_field_def, kFields> kDefinition = {
    field(RTE_ACL_FIELD_TYPE_BITMASK, 1, 0, 0, offsetof(AclKey, protocol)),
    field(RTE_ACL_FIELD_TYPE_BITMASK, 4, 1, 1, offsetof(AclKey, from)),
    field(RTE_ACL_FIELD_TYPE_BITMASK, 4, 2, 2, offsetof(AclKey, to)),
    field(RTE_ACL_FIELD_TYPE_RANGE, 2, 3, 3, offsetof(AclKey, from_port)),
    field(RTE_ACL_FIELD_TYPE_RANGE, 2, 4, 3, offsetof(AclKey, to_port)),
};

bool start() {
  static const bool kStarted = [] {
    std::array<char*, 8> arguments = {const_cast<char*>("tedbench"), const_cast<char*>("--no-huge"),
                                      const_cast<char*>("--no-pci"), const_cast<char*>("--no-shconf"),
                                      const_cast<char*>("-m"),       const_cast<char*>("4096"),
                                      const_cast<char*>("-l"),       const_cast<char*>("0")};
    rte_log_set_global_level(RTE_LOG_ERR);
    return rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) >= 0;
  }();
  return kStarted;
}

std::size_t heap() {
  rte_malloc_socket_stats stats{};
  rte_malloc_get_socket_stats(0, &stats);
  return stats.heap_allocsz_bytes;
}

AclRule acl_rule(const policy::Rule& rule, std::size_t index) {
  AclRule out{};
  out.data.category_mask = 1;
  out.data.priority = static_cast<std::int32_t>(RTE_ACL_MAX_PRIORITY - static_cast<int>(index));
  out.data.userdata = static_cast<std::uint32_t>(index + 1);
  if (rule.protocol) {
    out.field[0].value.u8 = base::number(*rule.protocol);
    out.field[0].mask_range.u8 = 0xff;
  }
  const auto set = [](rte_acl_field& where, const base::MaskedAddress& addresses) {
    where.value.u32 = static_cast<std::uint32_t>(addresses.address().value());
    where.mask_range.u32 = static_cast<std::uint32_t>(addresses.mask());
  };
  set(out.field[1], rule.local.front());
  set(out.field[2], rule.remote.front());
  out.field[3].value.u16 = rule.local_port.lo;
  out.field[3].mask_range.u16 = rule.local_port.hi;
  out.field[4].value.u16 = rule.remote_port.lo;
  out.field[4].mask_range.u16 = rule.remote_port.hi;
  return out;
}

}  // namespace

bool RteAcl::is_here() {
  return start();
}
std::string RteAcl::why_not() {
  return "rte_acl's environment does not start";
}

std::vector<AclKey> acl_keys(const std::vector<base::Flow>& flows) {
  std::vector<AclKey> keys;
  keys.reserve(flows.size());
  for (const base::Flow& flow : flows) {
    keys.push_back({base::number(flow.protocol),
                    {},
                    big_endian(static_cast<std::uint32_t>(flow.source.value())),
                    big_endian(static_cast<std::uint32_t>(flow.destination.value())),
                    big_endian(flow.source_port),
                    big_endian(flow.destination_port)});
  }
  return keys;
}

RteAcl::RteAcl(const std::vector<policy::Rule>& rules) {
  static unsigned serial = 0;
  const std::string name = "bench" + std::to_string(++serial);
  const std::size_t before = heap();
  rte_acl_param parameters{};
  parameters.name = name.c_str();
  parameters.socket_id = -1;
  parameters.rule_size = RTE_ACL_RULE_SZ(kFields);
  parameters.max_rule_num = static_cast<std::uint32_t>(rules.size());
  auto* context = rte_acl_create(&parameters);
  context_ = context;
  std::vector<AclRule> own;
  own.reserve(rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) own.push_back(acl_rule(rules[i], i));
  rte_acl_config config{};
  config.num_categories = 1;
  config.num_fields = kFields;
  std::copy(kDefinition.begin(), kDefinition.end(), config.defs);
  int error = context == nullptr ? -1 : 0;
  if (error == 0) {
    error = rte_acl_add_rules(context, reinterpret_cast<const rte_acl_rule*>(own.data()),
                              static_cast<std::uint32_t>(own.size()));
  }
  if (error == 0) error = rte_acl_build(context, &config);
  if (error != 0) throw std::runtime_error("rte_acl: error " + std::to_string(error));
  memory_ = heap() - before;
}

RteAcl::~RteAcl() {
  rte_acl_free(static_cast<rte_acl_ctx*>(context_));
}

void RteAcl::classify(std::span<const AclKey* const> keys, std::span<std::uint32_t> rules) const {
  auto* data = reinterpret_cast<const std::uint8_t**>(const_cast<const AclKey**>(keys.data()));
  rte_acl_classify(static_cast<const rte_acl_ctx*>(context_), data, rules.data(),
                   static_cast<std::uint32_t>(keys.size()), 1);
}

#else

bool RteAcl::is_here() {
  return false;
}
std::string RteAcl::why_not() {
  return "this tedbench was built without it: install libdpdk-dev and build again";
}
std::vector<AclKey> acl_keys(const std::vector<base::Flow>&) {
  return {};
}
RteAcl::RteAcl(const std::vector<policy::Rule>&) {
  throw std::runtime_error(why_not());
}
RteAcl::~RteAcl() = default;
void RteAcl::classify(std::span<const AclKey* const>, std::span<std::uint32_t>) const {}

#endif

}  // namespace bench
