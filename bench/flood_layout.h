/* What the flood's program in the kernel and its loader share. C and C++ read it. */
#ifndef OPENTED_BENCH_FLOOD_LAYOUT_H
#define OPENTED_BENCH_FLOOD_LAYOUT_H

#include <linux/types.h>

#define FLOOD_LONGEST 1024

struct FloodFrame {
  __u32 length;
  __u8 bytes[FLOOD_LONGEST];
};

struct FloodState {
  __u64 interval; /* nanoseconds between two frames; 0: as fast as it goes */
  __u64 due;      /* of the next one, since boot */
  __u64 sent;
  __u32 frames;    /* how many there are, of one length */
  __u32 next;      /* which of them */
  __u32 interface; /* by its index */
  __u32 unused;
};

#endif
