// Expressions of rules and set elements, as records: { name: 'meta', key: 'iifname', dreg: 0 }.
#pragma once

// clang-format off: libnftnl's header takes FILE from one that is included before it.
#include <cstdio>
#include <libnftnl/expr.h>
// clang-format on

#include "nft-field.h"

namespace netprim {

using OwnedExpression = Owned<nftnl_expr, nftnl_expr_free>;

// A bound on what one expression takes in a message.
inline constexpr size_t kExpressionSize = 1024;

OwnedExpression encodeExpression(const Napi::Object& record);
// Of an expression that has no table only the name is told.
Napi::Object decodeExpression(Napi::Env env, const nftnl_expr* expression);
// libnftnl reads what is not there of an expression without a name, and of a verdict without its chain. Whether all
// expressions are whole, those inside the attribute `list` and the attribute `single`; and whether a value is, if it is
// a verdict.
bool areReadable(const AttributeRange& attributes, uint16_t list, uint16_t single);
bool isReadableData(const nlattr& data);
// For libnftnl's iterators: appends the decoded expression to the Napi::Array at `list`.
int appendNftExpression(nftnl_expr* expression, void* list);

}  // namespace netprim
