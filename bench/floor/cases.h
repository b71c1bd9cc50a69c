// The cases, by the names that they have in bench/cases/.
#pragma once

#include "link.h"

// What a round works on: a fresh namespace.
struct setting {
  int socket;
  struct place place;
  // Index of each pair, once it has been made, until it has been deleted.
  int* links;
  int count;
};

struct bench_case {
  const char* name;
  // Makes what the round needs.
  void (*prepare)(struct setting* setting);
  // What is measured.
  void (*run)(struct setting* setting);
};

// Ends with one that has no name.
extern const struct bench_case bench_cases[];

// Deletes the pairs that are left, so that the next round finds its memory in the kernel's hands and not in the
// hypervisor's.
void clear(struct setting* setting);
