// Affinity, and the way back to what it was.
#include "placement.h"

namespace netprim {

void Placement::keepAway(int processor) { keep(Where::away, processor); }

void Placement::keepOn(int processor) { keep(Where::on, processor); }

void Placement::keep(Where where, int processor) {
  if (where_ == where && processor_ == processor) return;
  const pthread_t thread = thread_.native_handle();
  if (where_ == Where::anywhere && pthread_getaffinity_np(thread, sizeof before_, &before_) != 0) return;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(processor, &only);
  cpu_set_t allowed;
  CPU_AND(&allowed, &before_, &only);
  if (where == Where::away) CPU_XOR(&allowed, &before_, &allowed);
  if (CPU_COUNT(&allowed) == 0 || pthread_setaffinity_np(thread, sizeof allowed, &allowed) != 0) return;
  kept_ = allowed;
  where_ = where;
  processor_ = processor;
}

void Placement::release() {
  if (where_ == Where::anywhere) return;
  const pthread_t thread = thread_.native_handle();
  cpu_set_t now;
  // Not if somebody else has said meanwhile where it may be.
  if (pthread_getaffinity_np(thread, sizeof now, &now) == 0 && CPU_EQUAL(&now, &kept_))
    pthread_setaffinity_np(thread, sizeof before_, &before_);
  where_ = Where::anywhere;
}

}  // namespace netprim
