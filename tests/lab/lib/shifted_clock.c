/* Preloaded into a daemon: its time of day is off by SHIFTED_CLOCK seconds. Its timers run on other clocks, which stay right. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int status = real(clock, now);
  const char *shift = getenv("SHIFTED_CLOCK");
  if (status == 0 && clock == CLOCK_REALTIME && shift) now->tv_sec += atol(shift);
  return status;
}
