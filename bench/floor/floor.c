// Program: does rounds of one case, as fast as the kernel lets a C program. A line on stdin asks for a round, its
// nanoseconds are the answer.
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cases.h"

static long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static const struct bench_case* find_case(const char* name) {
  for (const struct bench_case* each = bench_cases; each->name; each++) {
    if (strcmp(each->name, name) == 0) return each;
  }
  errx(1, "no case '%s'", name);
}

int main(int argc, char** argv) {
  if (argc != 3) errx(1, "usage: floor CASE COUNT");
  const struct bench_case* chosen = find_case(argv[1]);
  const int count = atoi(argv[2]);
  if (count < 1) errx(1, "COUNT: '%s'", argv[2]);

  char line[16];
  while (fgets(line, sizeof line, stdin)) {
    struct setting setting = {.count = count, .links = calloc((size_t)count, sizeof(int))};
    if (!setting.links) err(1, "calloc");
    chosen->prepare(&setting);
    const long long start = nanoseconds();
    chosen->run(&setting);
    const long long taken = nanoseconds() - start;
    clear(&setting);
    printf("%lld\n", taken);
    fflush(stdout);
  }
}
