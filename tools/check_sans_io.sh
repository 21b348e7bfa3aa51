#!/bin/bash
# Fails when an archive of a pure layer calls for a clock, socket, random device, file or thread.
# Usage: tools/check_sans_io.sh [PRESET]   (release by default; the preset must be built)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
lib=out/${1:-release}/lib
[ -d "$lib" ] || { echo "sans-IO: $lib is not built; run ./build first" >&2; exit 2; }
banned='^(clock_gettime|gettimeofday|time|nanosleep|socket|connect|bind|listen|accept4?|send(to|msg|mmsg)?|recv(from|msg|mmsg)?|open(at)?(64)?|fopen(64)?|read|write|ioctl|getrandom|getentropy|rand|random|srand|pthread_create|pthread_mutex_lock|syslog|printf|puts|fprintf|vfprintf|getenv)(@|$)|std::(chrono::_V2::(system|steady)_clock::now|random_device|thread|basic_[io]?fstream|filesystem|cout|cerr|clog|mutex)'
bad=0
for layer in base wire policy engine; do
  symbols=$(nm -uC "$lib/lib$layer.a" | sed -n 's/^ *U //p' | sort -u)
  if found=$(grep -E "$banned" <<<"$symbols"); then
    sed "s/^/$layer calls for /" <<<"$found"; bad=1
  fi
done
[ $bad = 0 ] && echo "sans-IO: base, wire, policy and engine touch nothing outside"
exit $bad
