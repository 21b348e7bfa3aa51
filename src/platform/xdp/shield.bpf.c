/* The shield: at the interface, ahead of everything that costs, it drops discovery datagrams beyond a rate, by source,
   of sources not heard lately, and in all. What is no discovery datagram by the same bytes as the interception's
   (nft/ted_match.hpp), is a fragment, or cannot be read, passes untouched. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "shield_layout.h"

#define NS_PER_S 1000000000ULL
#define ISAKMP_PORT 500
#define ISAKMP_HEADER 28
#define LONGEST 4104             /* UDP header included; as in nft/ted_match.hpp */
#define PROBE 0xf0
#define RESPONSE 0xf1
#define MAX_EXTENSION_HEADERS 32 /* as many as one packet may have and be read; with more it passes */
#define MAX_PRIORITY_TAGS 32     /* likewise */

struct source {
  __u32 address[4]; /* an IPv4 one stands in the last word, the host part of an IPv6 one is left out */
};

/* Up to when a rate is used up, in nanoseconds since boot: one that is far in the past is unused. */
struct rate {
  __u64 used_until;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, SHIELD_SOURCES);
  __type(key, struct source);
  __type(value, struct rate);
} shield_sources SEC(".maps");

/* 0: of those not heard lately; 1: of all; 2: of the busy ones among all. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 3);
  __type(key, __u32);
  __type(value, struct rate);
} shield_rates SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, SHIELD_COUNTS);
  __type(key, __u32);
  __type(value, __u64);
} shield_counts SEC(".maps");

static __always_inline void count(__u32 what) {
  __u64 *value = bpf_map_lookup_elem(&shield_counts, &what);
  if (value) ++*value;
}

/* Processors that do this at the same moment may both get in: a rate is a bound on cost, not an account. */
static __always_inline int admit(struct rate *rate, __u64 now, __u64 per_second, __u64 burst) {
  const __u64 interval = NS_PER_S / per_second;
  const __u64 from = rate->used_until > now ? rate->used_until : now;
  if (from - now > (burst - 1) * interval) return 0;
  rate->used_until = from + interval;
  return 1;
}

static __always_inline int admit_shared(__u32 which, __u64 now, __u64 per_second, __u64 burst) {
  struct rate *rate = bpf_map_lookup_elem(&shield_rates, &which);
  return !rate || admit(rate, now, per_second, burst);
}

static __always_inline int judge_all(__u64 now, int busy) {
  const int has_room = !busy || admit_shared(2, now, SHIELD_BUSY_RATE, SHIELD_BUSY_BURST);
  if (has_room && admit_shared(1, now, SHIELD_ALL_RATE, SHIELD_ALL_BURST)) return XDP_PASS;
  count(SHIELD_OVER_ALL);
  return XDP_DROP;
}

/* What is refused as a newcomer is not remembered: invented sources push out those that are known only as fast as they
   are let in. A response counts against all alone: whoever sends under a peer's address must not use up what the peer
   gets, and one to no probe of ours costs little. */
static __always_inline int judge(const struct source *source, __u8 exchange) {
  const __u64 now = bpf_ktime_get_ns();
  count(SHIELD_SEEN);
  if (exchange == RESPONSE) return judge_all(now, 0);
  int busy = 0;
  struct rate *known = bpf_map_lookup_elem(&shield_sources, source);
  if (known) {
    if (!admit(known, now, SHIELD_SOURCE_RATE, SHIELD_SOURCE_BURST)) {
      count(SHIELD_OVER_SOURCE);
      return XDP_DROP;
    }
    busy = known->used_until > now + SHIELD_CALM * (NS_PER_S / SHIELD_SOURCE_RATE);
  } else if (!admit_shared(0, now, SHIELD_NEWCOMERS_RATE, SHIELD_NEWCOMERS_BURST)) {
    count(SHIELD_OVER_NEWCOMERS);
    return XDP_DROP;
  }
  const int verdict = judge_all(now, busy);
  if (verdict == XDP_PASS && !known) {
    const struct rate first = {now + NS_PER_S / SHIELD_SOURCE_RATE};
    bpf_map_update_elem(&shield_sources, source, &first, BPF_ANY);
  }
  return verdict;
}

/* Of a discovery datagram; 0: it is none. Copies, instead of pointers into the frame that a length moves: those take CAP_PERFMON, which nothing else needs. */
static __always_inline __u8 exchange_of(struct xdp_md *frame, __u32 offset) {
  struct {
    struct udphdr udp;
    __u8 isakmp[ISAKMP_HEADER];
  } head;
  if (bpf_xdp_load_bytes(frame, offset, &head, sizeof(head))) return 0;
  if (head.udp.dest != bpf_htons(ISAKMP_PORT)) return 0;
  const __u16 length = bpf_ntohs(head.udp.len);
  if (length < sizeof(head) || length > LONGEST) return 0;
  const __u8 exchange = head.isakmp[18];
  return head.isakmp[17] == 0x10 && (exchange == PROBE || exchange == RESPONSE) ? exchange : 0;
}

/* `ip` is what stands at that offset. */
static __always_inline int judge_ipv4(struct xdp_md *frame, const struct iphdr *ip, __u32 offset) {
  if (ip->version != 4 || ip->ihl < 5 || ip->protocol != IPPROTO_UDP) return XDP_PASS;
  if (ip->frag_off & bpf_htons(0x3fff)) return XDP_PASS;
  const __u8 exchange = exchange_of(frame, offset + ip->ihl * 4);
  const struct source source = {{0, 0, bpf_htonl(0xffff), ip->saddr}};
  return exchange ? judge(&source, exchange) : XDP_PASS;
}

static __always_inline int judge_ipv6(struct xdp_md *frame, const struct ipv6hdr *ip, __u32 offset) {
  if (ip->version != 6) return XDP_PASS;
  const struct source source = {{ip->saddr.in6_u.u6_addr32[0], ip->saddr.in6_u.u6_addr32[1], 0, 0}};
  __u8 next = ip->nexthdr;
  offset += sizeof(*ip);
  for (int i = 0; i < MAX_EXTENSION_HEADERS && next != IPPROTO_UDP; i++) {
    if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS && next != IPPROTO_AH) return XDP_PASS;
    struct {
      __u8 next, length;
    } extension;
    if (bpf_xdp_load_bytes(frame, offset, &extension, sizeof(extension))) return XDP_PASS;
    /* RFC 8200 section 4: in 8 bytes, the first not counted; RFC 4302 section 2.2: in 4 bytes, the first two not counted. */
    offset += next == IPPROTO_AH ? (extension.length + 2) * 4 : (extension.length + 1) * 8;
    next = extension.next;
  }
  const __u8 exchange = next == IPPROTO_UDP ? exchange_of(frame, offset) : 0;
  return exchange ? judge(&source, exchange) : XDP_PASS;
}

static __always_inline int is_tag(__be16 type) {
  return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

/* A tag of VLAN 0 says the priority alone: the kernel strips it, however many there are, and the packet is this interface's
   own. One of another VLAN belongs to the interface of that VLAN, where a shield sees it without the tag. */
static __noinline int judge_tagged(struct xdp_md *frame, __be16 type) {
  __u32 offset = ETH_HLEN;
  for (int i = 0; i < MAX_PRIORITY_TAGS && is_tag(type); i++) {
    struct {
      __be16 priority_and_vlan, type;
    } tag;
    if (bpf_xdp_load_bytes(frame, offset, &tag, sizeof(tag))) return XDP_PASS;
    if (tag.priority_and_vlan & bpf_htons(0x0fff)) return XDP_PASS;
    offset += sizeof(tag);
    type = tag.type;
  }
  if (type == bpf_htons(ETH_P_IP)) {
    struct iphdr ip;
    return bpf_xdp_load_bytes(frame, offset, &ip, sizeof(ip)) ? XDP_PASS : judge_ipv4(frame, &ip, offset);
  }
  if (type == bpf_htons(ETH_P_IPV6)) {
    struct ipv6hdr ip;
    return bpf_xdp_load_bytes(frame, offset, &ip, sizeof(ip)) ? XDP_PASS : judge_ipv6(frame, &ip, offset);
  }
  return XDP_PASS;
}

SEC("xdp")
int opented_shield(struct xdp_md *frame) {
  const void *at = (const void *)(long)frame->data;
  const void *end = (const void *)(long)frame->data_end;
  const struct ethhdr *ethernet = at;
  if ((const void *)(ethernet + 1) > end) return XDP_PASS;
  if (is_tag(ethernet->h_proto)) return judge_tagged(frame, ethernet->h_proto);
  if (ethernet->h_proto == bpf_htons(ETH_P_IP)) {
    const struct iphdr *ip = (const void *)(ethernet + 1);
    return (const void *)(ip + 1) > end ? XDP_PASS : judge_ipv4(frame, ip, ETH_HLEN);
  }
  if (ethernet->h_proto == bpf_htons(ETH_P_IPV6)) {
    const struct ipv6hdr *ip = (const void *)(ethernet + 1);
    return (const void *)(ip + 1) > end ? XDP_PASS : judge_ipv6(frame, ip, ETH_HLEN);
  }
  return XDP_PASS;
}

char _license[] SEC("license") = "Apache-2.0";
