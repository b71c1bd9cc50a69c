// Program: does rounds of one case, as fast as the kernel lets a C program. A line on stdin asks for a round, which is
// answered with how long it took, and when it began (bench/answer.ts).
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cases.h"

static const struct bench_case* find_case(const char* name) {
  for (const struct bench_case* each = bench_cases; each->name; each++) {
    if (strcmp(each->name, name) == 0) return each;
  }
  errx(1, "no case '%s'", name);
}

static int positive(const char* text) {
  const int number = atoi(text);
  if (number < 1) errx(1, "'%s' is no count", text);
  return number;
}

// The namespaces that are made stay open.
static void allow_descriptors(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static struct setting prepared(const struct bench_case* chosen, int count, int most) {
  struct setting setting = {.count = count, .most = most, .made = calloc((size_t)count, sizeof(int))};
  if (!setting.made) err(1, "calloc");
  chosen->prepare(&setting);
  return setting;
}

static void tell_edges(const struct setting* setting) {
  const double first = (double)setting->first / 1000 / EDGE;
  const double last = (double)setting->last / 1000 / EDGE;
  printf(", \"figures\": {\"first %d, µs each\": %f, \"last %d, µs each\": %f, \"last / first\": %f}",
         EDGE,
         first,
         EDGE,
         last,
         last / first);
}

int main(int argc, char** argv) {
  if (argc != 4) errx(1, "usage: floor CASE COUNT MESSAGES-IN-A-DATAGRAM");
  const struct bench_case* chosen = find_case(argv[1]);
  const int count = positive(argv[2]);
  const int most = positive(argv[3]);
  allow_descriptors();

  char line[16];
  struct setting setting;
  for (int round = 0; fgets(line, sizeof line, stdin); round++) {
    if (round == 0 || !chosen->keeps) setting = prepared(chosen, count, most);
    const long long start = nanoseconds();
    chosen->run(&setting);
    const long long taken = nanoseconds() - start;
    const int done = chosen->done(&setting);
    if (done != count) errx(1, "%d of %d took effect", done, count);
    if (!chosen->keeps) {
      clear(&setting);
      free(setting.made);
    }
    printf("{\"ns\": %lld, \"start\": %lld", taken, start);
    if (setting.first > 0) tell_edges(&setting);
    printf("}\n");
    fflush(stdout);
  }
}
