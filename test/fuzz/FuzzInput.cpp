// The texts of mpgemm-run's options: --input, --expected_output, --device. One line of the fuzzed
// bytes is one text; a function with two symbolic arguments takes them.
#include "Fuzz.h"

#include "HostTensor.h"

#include "mpgemm/Simulator/Simulator.h"

#include <cstdlib>

using namespace mpgemm;
using namespace mpgemm::run;

static Function makeFunction() {
  Function function;
  function.name = "main";
  function.symbols = {"s0", "s1"};
  auto symbol = [](int index) {
    return Expression::symbol(index, "s" + std::to_string(index), "here");
  };
  TensorSpec x, y;
  x.name = "x";
  x.shape = {symbol(0), Expression::constant(4, "here")};
  y.name = "y";
  y.type = ElementType::BF16;
  y.shape = {symbol(1), symbol(0)};
  function.arguments = {x, y};
  return function;
}

static std::vector<std::string> cutLines(const std::string &text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at <= text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

/// Files are the matter of the other harnesses, and devices and pipes may not be read here.
static bool namesAFile(const std::string &text) { return text.find('@') != std::string::npos; }

static void checkTensor(const HostTensor &tensor) {
  auto bytes = uint64_t(elementBytes(tensor.type));
  for (int64_t extent : tensor.shape)
    bytes *= uint64_t(extent);
  if (bytes != tensor.data.size())
    fuzz::fail("shape and data disagree");
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const Function function = makeFunction();
  fuzz::largestBlock = 1 << 20; // a tensor of more takes too long to fill
  std::string text(reinterpret_cast<const char *>(data), size);
  if (namesAFile(text))
    return 0;
  std::vector<std::string> lines = cutLines(text);
  fuzz::allowErrors([&] {
    std::vector<std::string> two(lines.begin(), lines.begin() + std::min<long>(2, lines.size()));
    two.resize(2, "random");
    for (const HostTensor &tensor : parseInputs(function, two))
      checkTensor(tensor);
  });
  fuzz::allowErrors(
      [&] { checkTensor(parseReference(lines[0], ElementType::F32, {2, 2}, "--bound 0")); });
  fuzz::allowErrors([&] { parseSimulatorOptions(lines.back()); });
  return 0;
}
