// The reader of .npy files: what it accepts must be as large as it says.
#include "Fuzz.h"

#include "mpgemm/Support/Npy.h"

using namespace mpgemm;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz::MemoryFile file;
  file.set(std::string(reinterpret_cast<const char *>(data), size));
  fuzz::allowErrors([&] {
    NpyArray array = readNpy(file.path());
    auto bytes = uint64_t(array.elementBytes);
    for (int64_t extent : array.shape) {
      if (extent < 0)
        fuzz::fail("a negative size was accepted");
      bytes *= uint64_t(extent);
    }
    if (bytes != array.data.size())
      fuzz::fail("shape and data disagree");
    if (array.type && elementBytes(*array.type) != array.elementBytes)
      fuzz::fail("type and element size disagree");
  });
  return 0;
}
