//===- Context.cpp - What calls of a program need while they run --------------===//
#include "mpgemm/Runtime/Context.h"

#include "mpgemm/Runtime/Shapes.h"
#include "mpgemm/Support/Error.h"

#include <cstring>

namespace mpgemm {

/// Shapes kept for a function; a caller with more varied ones prepares them again now and then.
static constexpr size_t mostShapes = 1024;

static Error invalid(const std::string &message) {
  return Error(ErrorKind::InvalidArgument, message);
}

/// A function's call for one set of argument shapes.
struct Context::Shape {
  Key key;
  std::vector<int64_t> symbols;
  std::vector<std::vector<int64_t>> resultShapes;
  std::vector<int64_t> argumentBytes, resultBytes;
  int64_t arenaBytes = 0;
  std::vector<int64_t> bufferBytes;
  std::vector<int64_t> arenaOffsets; ///< Of buffers in the arena.
  /// Calls by the answers to the function's alignment queries; nearly always one.
  std::vector<std::pair<std::vector<uint8_t>, std::unique_ptr<PreparedCall>>> calls;
  /// What the last call had, checked.
  std::vector<DevicePtr> lastAddresses;
  PreparedCall *lastPrepared = nullptr;
};

/// Refuses a second call while one is being enqueued.
class Context::OneCall {
public:
  explicit OneCall(Context &context) : context(context) {
    if (context.busy.exchange(true, std::memory_order_acquire))
      throw invalid("the context is in use by another thread; a context serves one call at a time, "
                    "so create one for each thread");
  }
  ~OneCall() { context.busy.store(false, std::memory_order_release); }

private:
  Context &context;
};

size_t Context::KeyHash::operator()(const Key &key) const {
  uint64_t hash = 0x9E3779B97F4A7C15u;
  for (int64_t value : key)
    hash = (hash ^ uint64_t(value)) * 0xFF51AFD7ED558CCDu;
  return size_t(hash ^ (hash >> 32));
}

Context::Context(std::shared_ptr<const Program> program, bool ownConstants)
    : program_(std::move(program)), driver(program_->device().driver()),
      functions(program_->manifest().functions.size()) {
  if (!ownConstants)
    return;
  driver.makeCurrent();
  const std::vector<Constant> &constants = program_->manifest().constants;
  size_t total = 0;
  std::vector<size_t> offsets;
  for (size_t i = 0; i < constants.size(); ++i) {
    offsets.push_back(total);
    if (program_->constantAddress(int(i)))
      total += (size_t(constants[i].bytes) + 255) / 256 * 256;
  }
  constantsCopy = DeviceBuffer(driver, total);
  for (size_t i = 0; i < constants.size(); ++i) {
    copiedConstants.push_back(constantsCopy.address() + offsets[i]);
    if (DevicePtr original = program_->constantAddress(int(i)))
      driver.copyOnDevice(copiedConstants[i], original, size_t(constants[i].bytes), 0);
  }
  driver.synchronize(0);
}

Context::~Context() {
  try {
    driver.makeCurrent();
  } catch (const Error &) {
    // What follows fails and is ignored in the same way.
  }
}

DevicePtr Context::constantAddress(int index) const {
  return copiedConstants.empty() ? program_->constantAddress(index)
                                 : copiedConstants[size_t(index)];
}

//===- Shapes -----------------------------------------------------------------===//

static ExpressionValues valuesFor(const Program &program, const std::vector<int64_t> &symbols,
                                  const uint8_t *alignments = nullptr) {
  ExpressionValues values;
  values.symbols = symbols.data();
  values.multiprocessors = program.device().attributes().multiprocessors;
  values.alignments = alignments;
  return values;
}

int64_t requiredArenaBytes(const Program &program, int index, const mpgemm_tensor *arguments,
                           size_t count) {
  const Function &function = program.manifest().functions[size_t(index)];
  std::vector<int64_t> symbols = bindSymbols(function, arguments, count);
  return function.arenaBytes.evaluateSize(valuesFor(program, symbols), "arena size");
}

std::vector<std::vector<int64_t>> requiredResultShapes(const Program &program, int index,
                                                       const mpgemm_tensor *arguments,
                                                       size_t count) {
  const Function &function = program.manifest().functions[size_t(index)];
  std::vector<int64_t> symbols = bindSymbols(function, arguments, count);
  return resultShapes(function, valuesFor(program, symbols));
}

std::unique_ptr<Context::Shape>
Context::makeShape(const Function &function, const mpgemm_tensor *arguments, size_t count) const {
  auto shape = std::make_unique<Shape>();
  shape->symbols = bindSymbols(function, arguments, count);
  ExpressionValues values = valuesFor(*program_, shape->symbols);
  shape->resultShapes = mpgemm::resultShapes(function, values);
  for (size_t i = 0; i < count; ++i) {
    std::vector<int64_t> sizes(arguments[i].shape, arguments[i].shape + arguments[i].rank);
    shape->argumentBytes.push_back(
        tensorBytes(function.arguments[i].type, sizes,
                    "argument " + std::to_string(i) + " of '" + function.name + "'"));
  }
  for (size_t i = 0; i < function.results.size(); ++i)
    shape->resultBytes.push_back(
        tensorBytes(function.results[i].type, shape->resultShapes[i],
                    "result " + std::to_string(i) + " of '" + function.name + "'"));
  for (size_t i = 0; i < count; ++i)
    if (int alias = function.arguments[i].alias; alias >= 0)
      if (shape->argumentBytes[i] != shape->resultBytes[size_t(alias)])
        throw invalid("argument " + std::to_string(i) + " of '" + function.name + "' has " +
                      std::to_string(shape->argumentBytes[i]) + " bytes, but result " +
                      std::to_string(alias) + ", which is the same buffer, has " +
                      std::to_string(shape->resultBytes[size_t(alias)]));
  shape->arenaBytes = function.arenaBytes.evaluateSize(values, "arena size");
  for (const Buffer &buffer : function.buffers) {
    int64_t bytes = 0, offset = 0;
    switch (buffer.kind) {
    case Buffer::Kind::Argument:
      bytes = shape->argumentBytes[size_t(buffer.index)];
      break;
    case Buffer::Kind::Result:
      bytes = shape->resultBytes[size_t(buffer.index)];
      break;
    case Buffer::Kind::Constant:
      bytes = program_->manifest().constants[size_t(buffer.index)].bytes;
      break;
    case Buffer::Kind::Arena:
      offset = buffer.offset.evaluateSize(values, "offset");
      bytes = buffer.bytes.evaluateSize(values, "size");
      if (offset % 256 != 0)
        throw invalid(buffer.offset.place() + ": " + buffer.offset.text() + " is " +
                      std::to_string(offset) + "; offsets in the arena are multiples of 256");
      if (offset > shape->arenaBytes || bytes > shape->arenaBytes - offset)
        throw invalid(buffer.offset.place() + ": " + std::to_string(bytes) + " bytes at offset " +
                      std::to_string(offset) + " leave the arena of " +
                      std::to_string(shape->arenaBytes));
      break;
    }
    shape->bufferBytes.push_back(bytes);
    shape->arenaOffsets.push_back(offset);
  }
  return shape;
}

static bool sameShapes(const std::vector<int64_t> &key, const Function &function,
                       const mpgemm_tensor *arguments, size_t count) {
  size_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    const TensorSpec &spec = function.arguments[i];
    if (size_t(arguments[i].rank) != spec.shape.size())
      return false;
    for (int32_t d = 0; d < arguments[i].rank; ++d)
      if (arguments[i].shape[d] != key[at++])
        return false;
    if (arguments[i].type && std::strcmp(arguments[i].type, elementTypeName(spec.type)) != 0)
      return false;
  }
  return true;
}

Context::Shape &Context::shapeFor(int index, const mpgemm_tensor *arguments, size_t count) {
  const Function &function = program_->manifest().functions[size_t(index)];
  PerFunction &known = functions[size_t(index)];
  if (known.last && count == function.arguments.size() &&
      sameShapes(known.last->key, function, arguments, count))
    return *known.last;
  bindSymbols(function, arguments, count); // refuses what does not fit before it becomes a key
  scratchKey.clear();
  for (size_t i = 0; i < count; ++i)
    scratchKey.insert(scratchKey.end(), arguments[i].shape, arguments[i].shape + arguments[i].rank);
  auto found = known.shapes.find(scratchKey);
  if (found == known.shapes.end()) {
    std::unique_ptr<Shape> shape = makeShape(function, arguments, count);
    shape->key = scratchKey;
    if (known.shapes.size() >= mostShapes) {
      known.last = nullptr;
      lastCall = nullptr;
      known.shapes.clear();
    }
    found = known.shapes.emplace(scratchKey, std::move(shape)).first;
  }
  known.last = found->second.get();
  return *known.last;
}

//===- Reserving --------------------------------------------------------------===//

void Context::reserve(int function, const mpgemm_tensor *arguments, size_t count) {
  int64_t needed;
  {
    OneCall guard(*this);
    needed = shapeFor(function, arguments, count).arenaBytes;
  }
  reserveBytes(needed);
}

void Context::reserveBytes(int64_t bytes) {
  OneCall guard(*this);
  if (bytes < 0)
    throw invalid("cannot reserve " + std::to_string(bytes) + " bytes of arena");
  if (bytes <= arenaBytes)
    return;
  driver.makeCurrent();
  // Freed first: two arenas may not fit. cuMemFree waits for the device.
  arenaBytes = 0;
  arena = DeviceBuffer();
  arena = DeviceBuffer(driver, size_t(bytes));
  arenaBytes = bytes;
}

//===- Calls ------------------------------------------------------------------===//

void Context::checkResults(const Function &function, const Shape &shape,
                           const mpgemm_tensor *results, size_t count) const {
  if (count != function.results.size())
    throw invalid("function '" + function.name + "' has " +
                  std::to_string(function.results.size()) + " results; got " +
                  std::to_string(count));
  for (size_t i = 0; i < count; ++i) {
    const mpgemm_tensor &given = results[i];
    const std::vector<int64_t> &expected = shape.resultShapes[i];
    ElementType type = function.results[i].type;
    auto fail = [&](const std::string &what) {
      return invalid("result " + std::to_string(i) + " '" + function.results[i].name + "' of '" +
                     function.name + "' " + what);
    };
    if (given.type && std::strcmp(given.type, elementTypeName(type)) != 0)
      throw fail(std::string("has element type ") + given.type + "; expected " +
                 elementTypeName(type));
    if (given.rank < 0)
      continue;
    bool same = size_t(given.rank) == expected.size() &&
                (expected.empty() ||
                 (given.shape && std::equal(expected.begin(), expected.end(), given.shape)));
    if (!same) {
      std::vector<int64_t> shown;
      if (given.shape)
        shown.assign(given.shape, given.shape + given.rank);
      throw fail("is " + shapeText(type, shown) + "; expected " + shapeText(type, expected));
    }
  }
}

void Context::collectAddresses(const Function &function, const Shape &shape,
                               const mpgemm_tensor *arguments, const mpgemm_tensor *results) {
  addresses.clear();
  for (size_t b = 0; b < function.buffers.size(); ++b) {
    const Buffer &buffer = function.buffers[b];
    switch (buffer.kind) {
    case Buffer::Kind::Argument:
      addresses.push_back(arguments[buffer.index].data);
      break;
    case Buffer::Kind::Result:
      addresses.push_back(results[buffer.index].data);
      break;
    case Buffer::Kind::Constant:
      addresses.push_back(constantAddress(buffer.index));
      break;
    case Buffer::Kind::Arena:
      addresses.push_back(arena.address() + uint64_t(shape.arenaOffsets[b]));
      break;
    }
  }
}

void Context::checkAddresses(const Function &function, const Shape &shape,
                             const mpgemm_tensor *arguments, const mpgemm_tensor *results) const {
  struct Range {
    std::string name;
    DevicePtr begin;
    int64_t bytes;
    int alias; // of a result: the argument that is the same buffer
  };
  auto name = [&](const char *kind, size_t i, const TensorSpec &spec) {
    return std::string(kind) + " " + std::to_string(i) + " '" + spec.name + "' of '" +
           function.name + "'";
  };
  auto check = [&](const Range &range, ElementType type, Buffer::Kind kind, size_t index) {
    if (range.bytes == 0)
      return;
    if (range.begin == 0)
      throw invalid(range.name + " has " + std::to_string(range.bytes) + " bytes, but no address");
    uint64_t alignment = 16;
    for (const AlignmentQuery &query : function.alignments) {
      const Buffer &buffer = function.buffers[size_t(query.buffer)];
      if (buffer.kind == kind && size_t(buffer.index) == index)
        alignment = elementBytes(type); // the predicates choose a kernel that can do with less
    }
    if (range.begin % alignment != 0)
      throw invalid(range.name + " is at an address that is " +
                    std::to_string(range.begin % alignment) + " modulo " +
                    std::to_string(alignment) + "; it must be a multiple of " +
                    std::to_string(alignment));
  };
  std::vector<Range> argumentRanges, resultRanges;
  for (size_t i = 0; i < function.arguments.size(); ++i) {
    argumentRanges.push_back({name("argument", i, function.arguments[i]), arguments[i].data,
                              shape.argumentBytes[i], -1});
    check(argumentRanges.back(), function.arguments[i].type, Buffer::Kind::Argument, i);
  }
  for (size_t i = 0; i < function.results.size(); ++i) {
    resultRanges.push_back({name("result", i, function.results[i]), results[i].data,
                            shape.resultBytes[i], function.results[i].alias});
    check(resultRanges.back(), function.results[i].type, Buffer::Kind::Result, i);
  }
  auto overlap = [](const Range &a, const Range &b) {
    return a.bytes > 0 && b.bytes > 0 && a.begin < b.begin + uint64_t(b.bytes) &&
           b.begin < a.begin + uint64_t(a.bytes);
  };
  for (size_t i = 0; i < resultRanges.size(); ++i) {
    const Range &result = resultRanges[i];
    if (result.alias >= 0 && result.bytes > 0 &&
        result.begin != argumentRanges[size_t(result.alias)].begin)
      throw invalid(result.name + " must be the buffer of " +
                    argumentRanges[size_t(result.alias)].name + ", which it updates in place");
    for (size_t j = 0; j < argumentRanges.size(); ++j)
      if (int(j) != result.alias && overlap(result, argumentRanges[j]))
        throw invalid(result.name + " overlaps " + argumentRanges[j].name);
    for (size_t j = 0; j < i; ++j)
      if (overlap(result, resultRanges[j]))
        throw invalid(result.name + " overlaps " + resultRanges[j].name);
  }
}

/// What the function's alignment queries give for `addresses`.
std::vector<uint8_t> Context::answerAlignments(const Function &function) const {
  std::vector<uint8_t> answers;
  for (const AlignmentQuery &query : function.alignments)
    answers.push_back(addresses[size_t(query.buffer)] % uint64_t(query.bytes) == 0);
  return answers;
}

PreparedCall &Context::preparedFor(const Function &function, Shape &shape) {
  std::vector<uint8_t> alignments = answerAlignments(function);
  for (auto &[answers, prepared] : shape.calls)
    if (answers == alignments)
      return *prepared;
  ExpressionValues values = valuesFor(*program_, shape.symbols, alignments.data());
  auto prepared = std::make_unique<PreparedCall>(*program_, function, values, shape.bufferBytes);
  shape.calls.emplace_back(std::move(alignments), std::move(prepared));
  return *shape.calls.back().second;
}

Context::Shape &Context::bindCall(int index, const mpgemm_tensor *arguments, size_t argumentCount,
                                  const mpgemm_tensor *results, size_t resultCount) {
  const Function &function = program_->manifest().functions[size_t(index)];
  driver.makeCurrent();
  Shape &shape = shapeFor(index, arguments, argumentCount);
  checkResults(function, shape, results, resultCount);
  if (shape.arenaBytes > arenaBytes)
    throw invalid("the call of '" + function.name + "' needs an arena of " +
                  std::to_string(shape.arenaBytes) + " bytes, but the context has reserved " +
                  std::to_string(arenaBytes) + "; reserve for the largest shapes first");
  collectAddresses(function, shape, arguments, results);
  if (!shape.lastPrepared || addresses != shape.lastAddresses) {
    shape.lastPrepared = nullptr;
    checkAddresses(function, shape, arguments, results);
    PreparedCall &prepared = preparedFor(function, shape);
    prepared.bind(addresses);
    shape.lastPrepared = &prepared;
    shape.lastAddresses = addresses;
  }
  return shape;
}

void Context::call(int index, const mpgemm_tensor *arguments, size_t argumentCount,
                   const mpgemm_tensor *results, size_t resultCount, StreamHandle stream,
                   uint32_t flags) {
  OneCall guard(*this);
  if (flags & ~uint32_t(MPGEMM_CALL_GRAPH))
    throw invalid("unknown call flags " + std::to_string(flags));
  Shape &shape = bindCall(index, arguments, argumentCount, results, resultCount);
  shape.lastPrepared->run(stream, (flags & MPGEMM_CALL_GRAPH) != 0);
  lastCall = shape.lastPrepared;
}

void Context::callObserved(int index, const mpgemm_tensor *arguments, size_t argumentCount,
                           const mpgemm_tensor *results, size_t resultCount, StreamHandle stream,
                           const LayerObserver &observer) {
  OneCall guard(*this);
  const Function &function = program_->manifest().functions[size_t(index)];
  Shape &shape = bindCall(index, arguments, argumentCount, results, resultCount);
  if (driver.isCapturing(stream))
    throw invalid("the layers of '" + function.name +
                  "' cannot be observed on a stream that is being captured");
  std::vector<uint8_t> alignments = answerAlignments(function);
  ExpressionValues values = valuesFor(*program_, shape.symbols, alignments.data());
  std::vector<LayerView> views; // all are checked before anything is launched
  for (const Layer &layer : function.layers)
    views.push_back(viewLayer(layer, values, addresses, shape.bufferBytes));
  size_t next = 0;
  shape.lastPrepared->runSteps(stream, [&](int step) {
    for (; next < views.size() && function.layers[next].step == step; ++next) {
      driver.synchronize(stream);
      observer(views[next]);
    }
  });
  driver.synchronize(stream);
  lastCall = shape.lastPrepared;
}

const std::vector<LaunchReport> &Context::lastReports() const {
  static const std::vector<LaunchReport> none;
  return lastCall ? lastCall->reports() : none;
}

} // namespace mpgemm
