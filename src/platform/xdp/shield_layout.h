/* What the program in the kernel and its loader share: numbers, and the layout of its maps. C and C++ read it. */
#ifndef OPENTED_PLATFORM_XDP_SHIELD_LAYOUT_H
#define OPENTED_PLATFORM_XDP_SHIELD_LAYOUT_H

/* Datagrams a second, and at once after silence. A source is a host, or the /64 of an IPv6 one. One source gets what
   one gateway is answered, and all together twice what all are answered (engine/limits.hpp): of what a mesh asks nothing
   is lost here. Those that have not been heard lately share a part, so that a flood of invented sources does not touch
   what those get that are heard every few seconds. */
#define SHIELD_SOURCE_RATE 200
#define SHIELD_SOURCE_BURST 1000
#define SHIELD_NEWCOMERS_RATE 4000
#define SHIELD_NEWCOMERS_BURST 4000
#define SHIELD_ALL_RATE 40000
#define SHIELD_ALL_BURST 20000
/* A source that has used up more than so much of its burst is busy, and all busy ones get half of what all get: however
   many of those that are known flood, the others find room. */
#define SHIELD_CALM 50
#define SHIELD_BUSY_RATE 20000
#define SHIELD_BUSY_BURST 10000

/* Sources that are told apart; the one that was silent for longest makes room. 5 MB. */
#define SHIELD_SOURCES 65536

/* Index into the map of counts. */
enum ShieldCount {
  SHIELD_SEEN,           /* discovery datagrams that arrived, whatever became of them */
  SHIELD_OVER_SOURCE,    /* dropped: its source sends too many */
  SHIELD_OVER_NEWCOMERS, /* dropped: too many sources that have not been heard lately */
  SHIELD_OVER_ALL,       /* dropped: too many in all */
  SHIELD_COUNTS
};

#endif
