// The policy that applies where `--autocast-policy` names no other.
#include "mpgemm/Dialect/MPGemm/Transforms/Autocast.h"

using namespace mlir;
using namespace mlir::mpgemm;

static constexpr StringLiteral policy = R"json({
  "format": 1,
  "rules": [
    {
      "match": {"last": true},
      "action": {"precision": "f32"},
      "why": "it is the last product: no later one depends on it, and its errors are those of the result",
      "help": "last-layer=true (of the driver: --autocast-last-layer) casts it too"
    },
    {
      "match": {"work": {"max": 32767}},
      "action": {"precision": "f32"},
      "why": "it has fewer than 32768 multiplications, which take no longer in f32",
      "help": "a policy without the rule on work"
    },
    {
      "match": {"asked": ["f16"], "absmax_a": {"min": 65520}},
      "action": {"precision": "f32"},
      "why": "values of A become infinities in f16",
      "help": "bf16 has the range of f32"
    },
    {
      "match": {"asked": ["f16"], "absmax_b": {"min": 65520}},
      "action": {"precision": "f32"},
      "why": "values of B become infinities in f16",
      "help": "bf16 has the range of f32"
    },
    {
      "match": {"asked": ["fp8", "int8"], "a": ["argument", "computed"], "b": "computed"},
      "action": {"precision": "bf16"},
      "why": "both operands are activations; 8 bits are for products with weights"
    },
    {
      "match": {"asked": ["fp8", "int8"], "k": {"max": 31}},
      "action": {"precision": "bf16"},
      "why": "sums this short do not pay for quantising the operands"
    },
    {
      "match": {},
      "action": {"precision": "asked", "weights": "channel", "activations": "token", "ranges": "auto"},
      "why": "as asked"
    }
  ]
}
)json";

StringRef mpgemm::getBuiltinAutocastPolicy() { return policy; }
