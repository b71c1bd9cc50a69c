// A piece is JavaScript's as long as anything in it is; the next one is made when it is full.
#include "replies.h"

#include <cstring>

namespace netprim {

namespace {

constexpr size_t kPieceSize = 64 * 1024;
constexpr size_t kLargest = 4 * 1024;

}  // namespace

Napi::Value Replies::add(Napi::Env env, std::string_view bytes) {
  if (bytes.size() > kLargest) return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
  if (piece_.IsEmpty() || used_ + bytes.size() > kPieceSize) {
    piece_ = Napi::Persistent(Napi::ArrayBuffer::New(env, kPieceSize));
    used_ = 0;
  }
  Napi::ArrayBuffer piece = piece_.Value();
  std::memcpy(static_cast<char*>(piece.Data()) + used_, bytes.data(), bytes.size());
  const auto added = Napi::Uint8Array::New(env, bytes.size(), piece, used_);
  used_ += bytes.size();
  return added;
}

}  // namespace netprim
