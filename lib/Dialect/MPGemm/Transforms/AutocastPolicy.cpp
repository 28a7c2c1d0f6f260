// Reading and applying the policy of autocast.
#include "AutocastPolicy.h"
#include "JSONFile.h"

#include "llvm/Support/GlobPattern.h"

using namespace mlir;
using namespace mlir::mpgemm;

//===-- Names
//-------------------------------------------------------------------------------------//

ArrayRef<StringRef> mpgemm::precisionNames() {
  static constexpr StringRef names[] = {"f32", "tf32", "f16", "bf16", "fp8", "int8"};
  return names;
}

StringRef mpgemm::toText(Precision precision) {
  return precisionNames()[static_cast<size_t>(precision)];
}

std::optional<Precision> mpgemm::parseAutocastPrecision(StringRef text) {
  ArrayRef<StringRef> names = precisionNames().drop_front();
  auto found = llvm::find(names, text);
  if (found == names.end())
    return std::nullopt;
  return static_cast<Precision>(found - names.begin() + 1);
}

std::string mpgemm::autocastPrecisionsText() {
  return llvm::join(precisionNames().drop_front(), ", ");
}

static constexpr StringRef originNames[] = {"constant", "argument", "computed"};
static constexpr StringRef rangeSourceNames[] = {"auto", "dynamic", "static"};

//===-- Values of a rule
//--------------------------------------------------------------------------//

/// Reads `key` with `read` if it is there.
template <typename T>
static LogicalResult readOptional(const JSONNode &object, StringRef key, T &target,
                                  function_ref<FailureOr<T>(const JSONNode &)> read) {
  std::optional<JSONNode> node = object.find(key);
  if (!node)
    return success();
  FailureOr<T> value = read(*node);
  if (failed(value))
    return failure();
  target = std::move(*value);
  return success();
}

/// One of `names`, or a list of them, as the values of an enumeration.
template <typename T> static auto listOf(ArrayRef<StringRef> names) {
  return [names](const JSONNode &node) -> FailureOr<SmallVector<T>> {
    std::vector<JSONNode> nodes = {node};
    if (node.isArray())
      nodes = *node.elements();
    SmallVector<T> values;
    for (const JSONNode &element : nodes) {
      FailureOr<size_t> index = element.oneOf(names);
      if (failed(index))
        return failure();
      values.push_back(static_cast<T>(*index));
    }
    if (values.empty())
      return node.error() << "the list is empty and would match nothing";
    return values;
  };
}

/// The pattern keeps a reference to `text`. The limit is on the alternatives of braces.
static llvm::Expected<llvm::GlobPattern> makeGlob(StringRef text) {
  return llvm::GlobPattern::create(text, 1024);
}

static FailureOr<SmallVector<std::string>> readGlobs(const JSONNode &node) {
  std::vector<JSONNode> nodes = {node};
  if (node.isArray())
    nodes = *node.elements();
  SmallVector<std::string> patterns;
  for (const JSONNode &element : nodes) {
    FailureOr<StringRef> text = element.string();
    if (failed(text))
      return failure();
    llvm::Expected<llvm::GlobPattern> pattern = makeGlob(*text);
    if (!pattern)
      return element.error() << "'" << *text
                             << "' is no pattern: " << llvm::toString(pattern.takeError());
    patterns.push_back(text->str());
  }
  if (patterns.empty())
    return node.error() << "the list is empty and would match nothing";
  return patterns;
}

/// `{"min": x, "max": y}`, each optional, or a number for both.
static FailureOr<std::optional<Interval>> readInterval(const JSONNode &node) {
  Interval interval;
  if (!node.isObject()) {
    FailureOr<double> number = node.number();
    if (failed(number))
      return failure();
    interval.min = interval.max = *number;
    return std::optional(interval);
  }
  auto number = [](const JSONNode &inner) { return inner.number(); };
  if (failed(node.checkKeys({"min", "max"})) ||
      failed(readOptional<double>(node, "min", interval.min, number)) ||
      failed(readOptional<double>(node, "max", interval.max, number)))
    return failure();
  if (interval.min > interval.max)
    return node.error() << "min " << interval.min << " is above max " << interval.max;
  return std::optional(interval);
}

static FailureOr<bool> readBoolean(const JSONNode &node) { return node.boolean(); }

static FailureOr<std::optional<bool>> readOptionalBoolean(const JSONNode &node) {
  FailureOr<bool> value = node.boolean();
  if (failed(value))
    return failure();
  return std::optional(*value);
}

static FailureOr<std::string> readText(const JSONNode &node) {
  FailureOr<StringRef> text = node.string();
  if (failed(text))
    return failure();
  return text->str();
}

/// A precision, or nothing for "asked".
static FailureOr<std::optional<Precision>> readPrecision(const JSONNode &node) {
  SmallVector<StringRef> names(precisionNames());
  names.push_back("asked");
  FailureOr<size_t> index = node.oneOf(names);
  if (failed(index))
    return failure();
  if (*index == precisionNames().size())
    return std::optional<Precision>();
  return std::optional(static_cast<Precision>(*index));
}

/// `each` is "channel" or "token", what one row of an operand along K is called; "tensor", or
/// "<rows>x<k>".
static FailureOr<Granularity> readGranularity(const JSONNode &node, StringRef each) {
  FailureOr<StringRef> text = node.string();
  if (failed(text))
    return failure();
  if (*text == each)
    return Granularity{1, 0};
  if (*text == "tensor")
    return Granularity{0, 0};
  auto [outer, k] = text->split('x');
  Granularity granularity;
  if (outer.getAsInteger(10, granularity.outer) || k.getAsInteger(10, granularity.k) ||
      granularity.outer < 1 || granularity.k < 1)
    return node.error() << "unknown granularity '" << *text << "'; known are " << each
                        << ", tensor, and blocks as in 1x128";
  return granularity;
}

//===-- Rules
//-------------------------------------------------------------------------------------//

static LogicalResult readMatch(const JSONNode &node, AutocastMatch &match) {
  if (failed(node.checkKeys(
          {"layer", "asked", "last", "a", "b", "m", "n", "k", "work", "absmax_a", "absmax_b"})))
    return failure();
  if (failed(readOptional<SmallVector<std::string>>(node, "layer", match.layers, readGlobs)) ||
      failed(readOptional<SmallVector<Precision>>(node, "asked", match.asked,
                                                  listOf<Precision>(precisionNames()))) ||
      failed(readOptional<std::optional<bool>>(node, "last", match.last, readOptionalBoolean)) ||
      failed(readOptional<SmallVector<Origin>>(node, "a", match.a, listOf<Origin>(originNames))) ||
      failed(readOptional<SmallVector<Origin>>(node, "b", match.b, listOf<Origin>(originNames))))
    return failure();
  for (auto [key, target] : {std::pair("m", &match.m),
                             {"n", &match.n},
                             {"k", &match.k},
                             {"work", &match.work},
                             {"absmax_a", &match.absmaxA},
                             {"absmax_b", &match.absmaxB}})
    if (failed(readOptional<std::optional<Interval>>(node, key, *target, readInterval)))
      return failure();
  return success();
}

static LogicalResult readAction(const JSONNode &node, AutocastAction &action) {
  if (failed(node.checkKeys({"precision", "weights", "activations", "ranges", "zero_point"})))
    return failure();
  FailureOr<JSONNode> precision = node.get("precision");
  if (failed(precision))
    return failure();
  FailureOr<std::optional<Precision>> read = readPrecision(*precision);
  if (failed(read))
    return failure();
  action.precision = *read;
  auto readRanges = [](const JSONNode &inner) -> FailureOr<RangeSource> {
    FailureOr<size_t> index = inner.oneOf(rangeSourceNames);
    if (failed(index))
      return failure();
    return static_cast<RangeSource>(*index);
  };
  auto readWeights = [](const JSONNode &inner) { return readGranularity(inner, "channel"); };
  auto readActivations = [](const JSONNode &inner) { return readGranularity(inner, "token"); };
  if (failed(readOptional<Granularity>(node, "weights", action.weights, readWeights)) ||
      failed(readOptional<Granularity>(node, "activations", action.activations, readActivations)) ||
      failed(readOptional<RangeSource>(node, "ranges", action.ranges, readRanges)) ||
      failed(readOptional<bool>(node, "zero_point", action.zeroPoint, readBoolean)))
    return failure();

  bool quantises = !action.precision || *action.precision == Precision::FP8 ||
                   *action.precision == Precision::INT8;
  for (StringRef key : {"weights", "activations", "ranges", "zero_point"})
    if (!quantises && node.find(key))
      return node.errorAtKey(key) << "'" << key << "' belongs to fp8 and int8; the precision is "
                                  << toText(*action.precision);
  if (action.activations.outer > 1)
    return node.find("activations")->error()
           << "a block of activations is one token high, as in 1x128";
  if (action.ranges == RangeSource::Static && node.find("activations") &&
      !action.activations.isPerTensor())
    return node.find("activations")->error()
           << "static scales are one for a tensor; write \"tensor\", or \"ranges\": \"dynamic\"";
  if (action.zeroPoint && action.precision == Precision::FP8)
    return node.errorAtKey("zero_point") << "a zero point belongs to int8; the precision is fp8";
  if (action.zeroPoint && action.ranges == RangeSource::Dynamic)
    return node.errorAtKey("zero_point")
           << "a zero point needs calibrated ranges; dynamic scales are symmetric";
  return success();
}

static LogicalResult readRule(const JSONNode &node, AutocastRule &rule) {
  if (failed(node.checkKeys({"match", "action", "why", "help"})))
    return failure();
  FailureOr<JSONNode> match = node.get("match");
  FailureOr<JSONNode> action = failure();
  if (failed(match) || failed(action = node.get("action")))
    return failure();
  if (failed(readMatch(*match, rule.match)) || failed(readAction(*action, rule.action)))
    return failure();
  if (failed(readOptional<std::string>(node, "why", rule.why, readText)) ||
      failed(readOptional<std::string>(node, "help", rule.help, readText)))
    return failure();
  return success();
}

FailureOr<AutocastPolicy> AutocastPolicy::read(MLIRContext *context, StringRef path) {
  std::unique_ptr<JSONFile> file =
      path.empty() ? JSONFile::parse(context, "built-in policy", getBuiltinAutocastPolicy())
                   : JSONFile::read(context, path);
  if (!file)
    return failure();
  JSONNode root = file->root();
  if (failed(root.checkKeys({"format", "rules"})))
    return failure();
  FailureOr<JSONNode> format = root.get("format");
  FailureOr<JSONNode> list = failure();
  if (failed(format) || failed(list = root.get("rules")))
    return failure();
  FailureOr<int64_t> version = format->integer();
  if (failed(version))
    return failure();
  if (*version != 1)
    return format->error() << "this policy has format " << *version
                           << "; this compiler reads format 1";
  FailureOr<std::vector<JSONNode>> nodes = list->elements();
  if (failed(nodes))
    return failure();
  AutocastPolicy policy;
  for (auto [index, node] : llvm::enumerate(*nodes)) {
    AutocastRule &rule = policy.rules.emplace_back();
    if (failed(readRule(node, rule)))
      return failure();
    if (rule.why.empty())
      rule.why = ("rule " + Twine(index + 1) + " of " + file->getName()).str();
  }
  return policy;
}

//===-- Matching
//----------------------------------------------------------------------------------//

template <typename T> static bool allows(ArrayRef<T> list, T value) {
  return list.empty() || llvm::is_contained(list, value);
}

static bool allows(const std::optional<Interval> &interval, double value) {
  return !interval || interval->contains(value);
}

/// A rule on a range does not match where the range is not known.
static bool allows(const std::optional<Interval> &interval,
                   const std::function<std::optional<double>()> &getValue) {
  if (!interval)
    return true;
  std::optional<double> value = getValue();
  return value && interval->contains(*value);
}

static bool matches(const AutocastMatch &match, const ProductFacts &product, Precision asked) {
  auto isNamed = [&](const std::string &text) {
    return llvm::cantFail(makeGlob(text)).match(product.layer); // checked when it was read
  };
  return (match.layers.empty() || llvm::any_of(match.layers, isNamed)) &&
         (!match.last || *match.last == product.isLast) && allows<Precision>(match.asked, asked) &&
         allows<Origin>(match.a, product.a) && allows<Origin>(match.b, product.b) &&
         allows(match.m, product.m) && allows(match.n, product.n) && allows(match.k, product.k) &&
         allows(match.work, product.work) && allows(match.absmaxA, product.absmaxA) &&
         allows(match.absmaxB, product.absmaxB);
}

const AutocastRule *AutocastPolicy::find(const ProductFacts &product, Precision asked) const {
  auto found = llvm::find_if(
      rules, [&](const AutocastRule &rule) { return matches(rule.match, product, asked); });
  return found == rules.end() ? nullptr : &*found;
}
