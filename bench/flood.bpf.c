/* A flood of frames made where a driver would get them: run by BPF_PROG_TEST_RUN with live frames, it fills one after the other
   and sends it out of an interface, at most so many a second. No socket buffer is made for any. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "flood_layout.h"

/* Behind by more, it has missed what it missed: a flood at a rate makes no bursts. */
#define MOST_BEHIND 1000000ULL

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1); /* as many as the loader says */
  __type(key, __u32);
  __type(value, struct FloodFrame);
} flood_frames SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct FloodState);
} flood_state SEC(".maps");

SEC("xdp")
int flood(struct xdp_md *frame) {
  const __u32 zero = 0;
  struct FloodState *state = bpf_map_lookup_elem(&flood_state, &zero);
  if (!state) return XDP_DROP;
  if (state->interval) {
    const __u64 now = bpf_ktime_get_ns();
    if (now < state->due) return XDP_DROP;
    if (now - state->due > MOST_BEHIND) state->due = now - MOST_BEHIND;
    state->due += state->interval;
  }
  const __u32 index = state->next;
  state->next = index + 1 < state->frames ? index + 1 : 0;
  struct FloodFrame *one = bpf_map_lookup_elem(&flood_frames, &index);
  if (!one || one->length < 1 || one->length > FLOOD_LONGEST) return XDP_DROP;
  if (bpf_xdp_store_bytes(frame, 0, one->bytes, one->length)) return XDP_DROP;
  state->sent++;
  return bpf_redirect(state->interface, 0);
}

char _license[] SEC("license") = "GPL";
