// The reader of .safetensors files: every tensor it returns must lie inside the file. The header is
// mutated as JSON.
#include "Fuzz.h"

#include "mpgemm/Artifact/Safetensors.h"

using namespace mpgemm;

static uint64_t lengthOf(const std::string &file) {
  uint64_t length = 0;
  for (size_t i = 0; i < 8; ++i)
    length |= uint64_t(static_cast<unsigned char>(file[i])) << (8 * i);
  return length;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz::MemoryFile file;
  file.set(std::string(reinterpret_cast<const char *>(data), size));
  fuzz::allowErrors([&] {
    SafetensorsFile tensors(file.path());
    size_t sum = 0;
    for (const auto &[name, tensor] : tensors.tensors()) {
      if (tensor.bytes > size)
        fuzz::fail("tensor '" + name + "' is larger than the file");
      for (size_t i = 0; i < tensor.bytes; ++i)
        sum += tensor.data[i];
    }
    if (sum > size * 255 * (tensors.tensors().size() + 1))
      fuzz::fail("a tensor lies outside the file");
    if (tensors.sha256().size() != 64)
      fuzz::fail("no hash");
  });
  return 0;
}

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  std::string file(reinterpret_cast<const char *>(data), size);
  if (seed % 4 == 0 || size < 8 || lengthOf(file) > size - 8)
    return LLVMFuzzerMutate(data, size, most);
  size_t length = size_t(lengthOf(file));
  std::string header = fuzz::mutateJson(file.substr(8, length), most, seed);
  std::string result;
  for (size_t i = 0; i < 8; ++i)
    result += char(header.size() >> (8 * i));
  return fuzz::store(result + header + file.substr(8 + length), data, most);
}
