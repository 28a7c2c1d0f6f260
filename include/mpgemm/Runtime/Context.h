//===- Context.h - What calls of a program need while they run --*- C++ -*-===//
#ifndef MPGEMM_RUNTIME_CONTEXT_H
#define MPGEMM_RUNTIME_CONTEXT_H

#include "mpgemm/Runtime/Observation.h"
#include "mpgemm/Runtime/PreparedCall.h"
#include "mpgemm/Runtime/mpgemm.h"

#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

namespace mpgemm {

/// An arena and the prepared calls of the shapes seen so far. One call at a time.
class Context {
public:
  /// With `ownConstants` the context reads a copy of its own of the constants (benchmarks rotate
  /// them).
  explicit Context(std::shared_ptr<const Program> program, bool ownConstants = false);
  ~Context();

  const Program &program() const { return *program_; }

  /// Makes the arena large enough for calls with such shapes, and prepares what does not depend on
  /// addresses.
  void reserve(int function, const mpgemm_tensor *arguments, size_t count);
  void reserveBytes(int64_t bytes);

  /// Enqueues a function on a stream. Throws without having launched anything where a check fails.
  void call(int function, const mpgemm_tensor *arguments, size_t argumentCount,
            const mpgemm_tensor *results, size_t resultCount, StreamHandle stream, uint32_t flags);

  /// The same, waiting behind the step of each layer for the device and for `observer`; then for
  /// the end. Not on a stream that is being captured.
  void callObserved(int function, const mpgemm_tensor *arguments, size_t argumentCount,
                    const mpgemm_tensor *results, size_t resultCount, StreamHandle stream,
                    const LayerObserver &observer);

  /// The launches of the last successful call.
  const std::vector<LaunchReport> &lastReports() const;

private:
  struct Shape;
  class OneCall;
  /// Shapes of a call, flattened; ranks are those of the function.
  using Key = std::vector<int64_t>;
  struct KeyHash {
    size_t operator()(const Key &key) const;
  };
  struct PerFunction {
    std::unordered_map<Key, std::unique_ptr<Shape>, KeyHash> shapes;
    Shape *last = nullptr;
  };

  /// Checks a call and binds its addresses; what is left is to run `lastPrepared` of the shape.
  Shape &bindCall(int function, const mpgemm_tensor *arguments, size_t argumentCount,
                  const mpgemm_tensor *results, size_t resultCount);
  Shape &shapeFor(int function, const mpgemm_tensor *arguments, size_t count);
  std::unique_ptr<Shape> makeShape(const Function &function, const mpgemm_tensor *arguments,
                                   size_t count) const;
  void checkResults(const Function &function, const Shape &shape, const mpgemm_tensor *results,
                    size_t count) const;
  void collectAddresses(const Function &function, const Shape &shape,
                        const mpgemm_tensor *arguments, const mpgemm_tensor *results);
  void checkAddresses(const Function &function, const Shape &shape, const mpgemm_tensor *arguments,
                      const mpgemm_tensor *results) const;
  std::vector<uint8_t> answerAlignments(const Function &function) const;
  PreparedCall &preparedFor(const Function &function, Shape &shape);
  DevicePtr constantAddress(int index) const;

  std::shared_ptr<const Program> program_;
  Driver &driver;
  DeviceBuffer arena;
  int64_t arenaBytes = 0;
  DeviceBuffer constantsCopy;
  std::vector<DevicePtr> copiedConstants;
  std::vector<PerFunction> functions;
  std::vector<DevicePtr> addresses; ///< Scratch of a call.
  Key scratchKey;
  const PreparedCall *lastCall = nullptr;
  std::atomic<bool> busy{false};
};

/// The arena that a call with such shapes needs, and the shapes of its results.
int64_t requiredArenaBytes(const Program &program, int function, const mpgemm_tensor *arguments,
                           size_t count);
std::vector<std::vector<int64_t>> requiredResultShapes(const Program &program, int function,
                                                       const mpgemm_tensor *arguments,
                                                       size_t count);

} // namespace mpgemm

#endif // MPGEMM_RUNTIME_CONTEXT_H
