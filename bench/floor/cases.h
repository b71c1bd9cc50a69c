// The cases, by the names that they have in bench/cases/.
#pragma once

#include <stdbool.h>

#include "container.h"
#include "link.h"

// What a round works on: a fresh namespace.
struct setting {
  int count;
  // How many messages go in a datagram.
  int most;
  struct channel* route;
  struct channel* netfilter;
  struct network network;
  struct place place;
  // Index of the one that the case is about: a bridge, or one end of a pair.
  int link;
  // What each operation has come to: the index of a pair, a bridge or a link that was read; the descriptor of a
  // namespace.
  int* made;
  int found;
  // Nanoseconds that the first and the last operations took; zero, of a case that does not tell, or has too few.
  long long first;
  long long last;
};

// How many of the first, and of the last, are told of.
enum { EDGE = 100 };

long long nanoseconds(void);

struct bench_case {
  const char* name;
  // Makes what the round needs.
  void (*prepare)(struct setting* setting);
  // What is measured.
  void (*run)(struct setting* setting);
  // How many took effect.
  int (*done)(struct setting* setting);
  // What takes seconds to make serves all rounds.
  bool keeps;
};

// Ends with one that has no name.
extern const struct bench_case bench_cases[];

// Deletes what is left, so that the next round finds its memory in the kernel's hands and not in the hypervisor's.
void clear(struct setting* setting);
