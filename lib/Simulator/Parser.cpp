//===- Parser.cpp - PTX text to syntax tree --------------------------------===//
//
// Reads what LLVM's NVPTX back end writes and the inline assembly in it: nested scopes with
// registers and labels of their own, brace vectors, `_` sinks. Functions (.func) are refused:
// kernels must be inlined.
//
//===----------------------------------------------------------------------===//
#include "Lexer.h"
#include "Ptx.h"

#include "mpgemm/Support/Error.h"

#include <algorithm>
#include <cstring>

namespace mpgemm::sim {

std::string PtxModule::lineText(int line) const {
  if (line < 1 || line > static_cast<int>(lines.size()))
    return "";
  std::string text = lines[line - 1];
  size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos)
    return "";
  text = text.substr(begin);
  for (char &c : text)
    if (c == '\t')
      c = ' ';
  if (text.size() > 120)
    text = text.substr(0, 117) + "...";
  return text;
}

namespace {

/// Limits that no text of ours comes near: what is larger is a damaged text, and is refused before
/// memory is asked for.
constexpr int64_t kLargestVariable = int64_t(1) << 34;
constexpr size_t kMostRegisters = 1 << 17;
constexpr int kDeepestOperand = 8;

/// Names visible between a pair of braces.
struct Scope {
  int parent = -1;
  std::map<std::string, int> registers;
  std::map<std::string, int> labels;
};

struct PendingBranch {
  int instruction;
  int scope;
  std::string label;
};

class Parser {
public:
  Parser(const std::string &text, const std::string &origin) : lex_(text, origin) {
    module_.origin = origin;
    size_t begin = 0;
    while (begin <= text.size()) {
      size_t end = std::min(text.find('\n', begin), text.size());
      module_.lines.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  PtxModule run();

private:
  [[noreturn]] void fail(int line, const std::string &message) const { lex_.fail(line, message); }
  int64_t integer(const char *what);
  int64_t integer(const char *what, int64_t least, int64_t most);
  std::string word(const char *what);
  static std::vector<std::string> cut(const std::string &opcode);
  static int typeBits(const std::string &type);

  void directive(const Token &t);
  PtxVariable variable(const std::string &space, bool isExtern);
  void initialiser(PtxVariable &v, int elementBytes);
  void entry();
  void performance(PtxFunction &f);
  void body(PtxFunction &f);
  void declareRegisters();
  void statement();
  void instruction(PtxInstruction i, const Token &opcode);
  PtxOperand operand();
  PtxOperand primary();
  PtxOperand nestedPrimary();
  PtxOperand memory();
  PtxOperand name(const std::string &text, int line);
  int findRegister(const std::string &name) const;
  void resolveBranches();

  Lexer lex_;
  PtxModule module_;
  PtxFunction *function_ = nullptr;
  std::vector<Scope> scopes_;
  int scope_ = 0;
  std::vector<PendingBranch> branches_;
  int depth_ = 0; ///< Of the operand that is being read.
};

int64_t Parser::integer(const char *what) {
  bool negative = lex_.accept('-');
  Token t = lex_.next();
  if (t.kind != Token::Integer)
    fail(t.line, std::string("expected a number for ") + what + ", found '" + t.text + "'");
  return negative ? static_cast<int64_t>(0 - static_cast<uint64_t>(t.value)) : t.value;
}

int64_t Parser::integer(const char *what, int64_t least, int64_t most) {
  int line = lex_.peek().line;
  int64_t value = integer(what);
  if (value < least || value > most)
    fail(line, std::string(what) + " is " + std::to_string(value) + "; expected " +
                   std::to_string(least) + " to " + std::to_string(most));
  return value;
}

std::string Parser::word(const char *what) {
  Token t = lex_.next();
  if (t.kind != Token::Word)
    fail(t.line, std::string("expected ") + what + ", found '" + t.text + "'");
  return t.text;
}

std::vector<std::string> Parser::cut(const std::string &opcode) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (begin <= opcode.size()) {
    size_t end = std::min(opcode.find('.', begin), opcode.size());
    parts.push_back(opcode.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

int Parser::typeBits(const std::string &type) {
  if (type == ".pred")
    return 1;
  if (type.size() < 3 || !strchr("busf", type[1]))
    return 0;
  return atoi(type.c_str() + 2);
}

PtxModule Parser::run() {
  while (lex_.peek().kind != Token::End)
    directive(lex_.next());
  if (module_.target.empty())
    fail(lex_.peek().line, "no .target: this is not PTX text");
  return std::move(module_);
}

void Parser::directive(const Token &t) {
  if (t.kind != Token::Word || t.text[0] != '.')
    fail(t.line, "expected a directive, found '" + t.text + "'");
  if (t.text == ".version") {
    Token v = lex_.next();
    if (sscanf(v.text.c_str(), "%d.%d", &module_.versionMajor, &module_.versionMinor) != 2)
      fail(v.line, "malformed .version '" + v.text + "'");
  } else if (t.text == ".target") {
    module_.target = word("a target");
    while (lex_.accept(','))
      word("a target option");
  } else if (t.text == ".address_size") {
    if (integer(".address_size") != 64)
      fail(t.line, "only 64-bit addresses are supported");
  } else if (t.text == ".file") {
    integer(".file");
    lex_.next();
    while (lex_.accept(','))
      lex_.next();
  } else if (t.text == ".section") {
    while (!lex_.peek().is('}') && lex_.peek().kind != Token::End)
      lex_.next();
    lex_.accept('}');
  } else if (t.text == ".visible" || t.text == ".weak" || t.text == ".common" ||
             t.text == ".extern") {
    bool isExtern = t.text == ".extern";
    Token what = lex_.next();
    if (what.text == ".entry")
      entry();
    else if (what.text == ".func")
      fail(what.line, "functions (.func) are not supported; inline them into the kernel");
    else if (what.kind == Token::Word && what.text[0] == '.')
      module_.variables.push_back(variable(what.text.substr(1), isExtern));
    else
      fail(what.line, "unexpected '" + what.text + "' after " + t.text);
  } else if (t.text == ".entry") {
    entry();
  } else if (t.text == ".func") {
    fail(t.line, "functions (.func) are not supported; inline them into the kernel");
  } else if (t.text == ".shared" || t.text == ".global" || t.text == ".const") {
    module_.variables.push_back(variable(t.text.substr(1), false));
  } else {
    fail(t.line, "unsupported directive '" + t.text + "'");
  }
}

PtxVariable Parser::variable(const std::string &space, bool isExtern) {
  PtxVariable v;
  v.space = space;
  v.isExtern = isExtern;
  v.line = lex_.peek().line;
  if (space != "shared" && space != "global" && space != "const" && space != "local" &&
      space != "param")
    fail(v.line, "unsupported state space '." + space + "'");
  int bits = 0;
  for (;;) {
    Token t = lex_.next();
    if (t.text == ".align") {
      v.align = static_cast<uint64_t>(integer(".align", 1, 1 << 16));
      if (v.align & (v.align - 1))
        fail(t.line, ".align is " + std::to_string(v.align) + "; expected a power of two");
    } else if (t.text == ".ptr" || t.text == ".global" || t.text == ".shared" ||
               t.text == ".const" || t.text == ".local") {
      // .param .u64 .ptr .global .align 16: what the pointer points at.
    } else if (t.text == ".attribute") {
      lex_.expect('(', "after .attribute");
      while (!lex_.peek().is(')') && lex_.peek().kind != Token::End)
        lex_.next();
      lex_.expect(')', "after .attribute");
    } else if (t.kind == Token::Word && t.text[0] == '.') {
      bits = typeBits(t.text);
      if (bits != 8 && bits != 16 && bits != 32 && bits != 64 && bits != 128)
        fail(t.line, "unsupported type '" + t.text + "' of a variable");
    } else if (t.kind == Token::Word) {
      v.name = t.text;
      break;
    } else {
      fail(t.line, "expected the name of a variable, found '" + t.text + "'");
    }
  }
  if (bits == 0)
    fail(v.line, "variable '" + v.name + "' has no type");
  int elementBytes = bits / 8;
  v.align = std::max<uint64_t>(v.align, elementBytes);
  int64_t count = 1;
  while (lex_.accept('[')) {
    if (lex_.accept(']')) {
      count = 0;
      continue;
    }
    int64_t size = integer("an array size", 0, kLargestVariable);
    if (count > 0 && size > kLargestVariable / count)
      fail(v.line, "variable '" + v.name + "' has more than " + std::to_string(kLargestVariable) +
                       " elements");
    count *= size;
    lex_.expect(']', "after an array size");
  }
  v.bytes = static_cast<uint64_t>(count) * elementBytes;
  if (lex_.accept('='))
    initialiser(v, elementBytes);
  if (space != "param")
    lex_.expect(';', "after a variable");
  return v;
}

void Parser::initialiser(PtxVariable &v, int elementBytes) {
  bool braces = lex_.accept('{');
  do {
    if (braces && lex_.peek().is('}'))
      break;
    bool negative = lex_.accept('-');
    Token t = lex_.next();
    if (t.kind != Token::Integer && t.kind != Token::Float32 && t.kind != Token::Float64)
      fail(t.line, "only numbers can initialise '" + v.name + "', found '" + t.text + "'");
    uint64_t value = static_cast<uint64_t>(t.value);
    value = negative ? 0 - value : value;
    uint8_t sign = static_cast<int64_t>(value) < 0 ? 0xff : 0;
    for (int b = 0; b < elementBytes; ++b)
      v.init.push_back(b < 8 ? static_cast<uint8_t>(value >> (8 * b)) : sign);
  } while (braces && lex_.accept(','));
  if (braces)
    lex_.expect('}', "after an initialiser");
  if (v.bytes == 0)
    v.bytes = v.init.size();
  if (v.init.size() > v.bytes)
    fail(v.line, "initialiser of '" + v.name + "' is longer than its " + std::to_string(v.bytes) +
                     " bytes");
  if (v.bytes > 1 << 28)
    fail(v.line, "variable '" + v.name + "' of " + std::to_string(v.bytes) +
                     " bytes has an initialiser; that is possible up to 268435456");
  v.init.resize(v.bytes);
}

void Parser::entry() {
  module_.functions.emplace_back();
  PtxFunction &f = module_.functions.back();
  f.line = lex_.peek().line;
  f.name = word("the name of a kernel");
  if (lex_.accept('(')) {
    while (!lex_.accept(')')) {
      Token t = lex_.next();
      if (!t.isWord(".param"))
        fail(t.line, "expected .param, found '" + t.text + "'");
      f.params.push_back(variable("param", false));
      lex_.accept(',');
    }
  }
  performance(f);
  lex_.expect('{', "before the body of a kernel");
  body(f);
}

void Parser::performance(PtxFunction &f) {
  auto three = [&](unsigned *v) {
    v[0] = static_cast<unsigned>(integer("a count", 0, 1024));
    v[1] = v[2] = 1;
    for (int i = 1; i < 3 && lex_.accept(','); ++i)
      v[i] = static_cast<unsigned>(integer("a count", 0, 1024));
  };
  while (lex_.peek().kind == Token::Word) {
    Token t = lex_.next();
    unsigned v[3];
    if (t.text == ".reqntid") {
      three(f.requiredThreads);
    } else if (t.text == ".maxntid") {
      three(v);
      f.maxThreads = v[0] * v[1] * v[2];
    } else if (t.text == ".minnctapersm") {
      f.minCtasPerSm = static_cast<unsigned>(integer(".minnctapersm", 0, 1024));
    } else if (t.text == ".maxnreg") {
      f.maxRegisters = static_cast<unsigned>(integer(".maxnreg", 0, 1024));
    } else if (t.text == ".reqnctapercluster") {
      three(f.requiredCluster);
    } else if (t.text == ".explicitcluster") {
      f.explicitCluster = true;
    } else if (t.text == ".maxclusterrank") {
      integer(".maxclusterrank");
    } else if (t.text == ".noreturn") {
      continue;
    } else if (t.text == ".pragma") {
      lex_.next();
      lex_.expect(';', "after .pragma");
    } else {
      fail(t.line, "unsupported directive '" + t.text + "' of a kernel");
    }
  }
}

void Parser::body(PtxFunction &f) {
  function_ = &f;
  scopes_.assign(1, Scope());
  scope_ = 0;
  branches_.clear();
  for (;;) {
    const Token &t = lex_.peek();
    if (t.kind == Token::End)
      fail(t.line, "kernel '" + f.name + "' has no closing brace");
    if (lex_.accept('{')) {
      scopes_.emplace_back();
      scopes_.back().parent = scope_;
      scope_ = static_cast<int>(scopes_.size()) - 1;
    } else if (lex_.accept('}')) {
      if (scope_ == 0)
        break;
      scope_ = scopes_[scope_].parent;
    } else if (!lex_.accept(';')) {
      statement();
    }
  }
  // Falling off the end returns (section 9.7.12.6).
  PtxInstruction ret;
  ret.line = lex_.peek().line;
  ret.opcode = "ret";
  ret.parts = {"ret"};
  f.code.push_back(ret);
  resolveBranches();
}

void Parser::resolveBranches() {
  for (const PendingBranch &b : branches_) {
    int target = -1;
    for (int s = b.scope; s >= 0 && target < 0; s = scopes_[s].parent) {
      auto it = scopes_[s].labels.find(b.label);
      if (it != scopes_[s].labels.end())
        target = it->second;
    }
    PtxInstruction &i = function_->code[b.instruction];
    if (target < 0)
      fail(i.line, "unknown label '" + b.label + "'");
    i.target = target;
  }
}

void Parser::declareRegisters() {
  Token type = lex_.next();
  int bits = type.kind == Token::Word ? typeBits(type.text) : 0;
  if (bits != 1 && bits != 8 && bits != 16 && bits != 32 && bits != 64)
    fail(type.line, "unsupported register type '" + type.text + "'");
  do {
    std::string name = word("a register name");
    PtxRegister r{name, bits == 1 ? 'p' : type.text[1], bits};
    int first = static_cast<int>(function_->registers.size());
    if (lex_.accept('<')) {
      int64_t count = integer("a register count");
      if (count < 0 || static_cast<size_t>(count) > kMostRegisters - function_->registers.size())
        fail(type.line, "register count " + std::to_string(count) +
                            " is out of range; a kernel has " + "at most " +
                            std::to_string(kMostRegisters));
      lex_.expect('>', "after a register count");
      for (int64_t i = 0; i < count; ++i) {
        r.name = name + std::to_string(i);
        scopes_[scope_].registers[r.name] = first + static_cast<int>(i);
        function_->registers.push_back(r);
      }
    } else if (function_->registers.size() < kMostRegisters) {
      scopes_[scope_].registers[name] = first;
      function_->registers.push_back(r);
    } else {
      fail(type.line, "a kernel has at most " + std::to_string(kMostRegisters) + " registers");
    }
  } while (lex_.accept(','));
  lex_.expect(';', "after register declarations");
}

void Parser::statement() {
  Token t = lex_.next();
  if (t.isWord(".reg")) {
    declareRegisters();
    return;
  }
  if (t.isWord(".local") || t.isWord(".shared")) {
    function_->locals.push_back(variable(t.text.substr(1), false));
    return;
  }
  if (t.isWord(".pragma")) {
    lex_.next();
    lex_.expect(';', "after .pragma");
    return;
  }
  if (t.isWord(".loc")) {
    int line = t.line;
    while (lex_.peek().line == line && lex_.peek().kind != Token::End)
      lex_.next();
    return;
  }
  PtxInstruction i;
  if (t.is('@')) {
    i.predicateNegated = lex_.accept('!');
    std::string guard = word("a predicate");
    i.predicate = findRegister(guard);
    if (i.predicate < 0 || function_->registers[i.predicate].bits != 1)
      fail(t.line, "'" + guard + "' is not a predicate register");
    t = lex_.next();
  }
  if (t.kind != Token::Word)
    fail(t.line, "expected an instruction, found '" + t.text + "'");
  if (lex_.peek().is(':') && i.predicate < 0) {
    lex_.next();
    if (!scopes_[scope_].labels.emplace(t.text, static_cast<int>(function_->code.size())).second)
      fail(t.line, "label '" + t.text + "' is defined twice in this scope");
    return;
  }
  instruction(i, t);
}

void Parser::instruction(PtxInstruction i, const Token &opcode) {
  i.line = opcode.line;
  i.opcode = opcode.text;
  i.parts = cut(opcode.text);
  if (i.parts[0] == "call")
    fail(i.line, "instruction 'call' is not supported; inline functions into the kernel");
  if (i.parts[0] == "bra") {
    branches_.push_back({static_cast<int>(function_->code.size()), scope_, word("a label")});
  } else if (!lex_.peek().is(';')) {
    do
      i.operands.push_back(operand());
    while (lex_.accept(','));
  }
  lex_.expect(';', "after an instruction");
  function_->code.push_back(std::move(i));
}

PtxOperand Parser::operand() {
  PtxOperand o = primary();
  if (lex_.accept('|'))
    o.second.push_back(primary());
  return o;
}

int Parser::findRegister(const std::string &name) const {
  for (int s = scope_; s >= 0; s = scopes_[s].parent) {
    auto it = scopes_[s].registers.find(name);
    if (it != scopes_[s].registers.end())
      return it->second;
  }
  return -1;
}

PtxOperand Parser::name(const std::string &text, int line) {
  PtxOperand o;
  if (text == "_")
    return o;
  o.reg = findRegister(text);
  if (o.reg >= 0) {
    o.kind = PtxOperand::Register;
  } else if (text[0] == '%') {
    o.kind = PtxOperand::Special;
    o.text = text;
  } else {
    o.kind = PtxOperand::Symbol;
    o.text = text;
  }
  return o;
}

PtxOperand Parser::memory() {
  PtxOperand o;
  o.kind = PtxOperand::Memory;
  o.parts.push_back(primary());
  o.offset = o.parts[0].offset;
  o.parts[0].offset = 0;
  while (lex_.accept(','))
    o.parts.push_back(primary());
  lex_.expect(']', "after an address");
  return o;
}

PtxOperand Parser::primary() {
  if (depth_ == kDeepestOperand)
    fail(lex_.peek().line,
         "an operand is nested deeper than " + std::to_string(kDeepestOperand) + " levels");
  ++depth_;
  PtxOperand o = nestedPrimary();
  --depth_;
  return o;
}

PtxOperand Parser::nestedPrimary() {
  if (lex_.accept('['))
    return memory();
  PtxOperand o;
  if (lex_.accept('{')) {
    o.kind = PtxOperand::Vector;
    do
      o.parts.push_back(primary());
    while (lex_.accept(','));
    lex_.expect('}', "after a vector");
    return o;
  }
  if (lex_.accept('!')) {
    o = primary();
    o.negated = true;
    return o;
  }
  bool negative = lex_.accept('-');
  Token t = lex_.next();
  switch (t.kind) {
  case Token::Integer:
    o.kind = PtxOperand::Integer;
    o.value = negative ? static_cast<int64_t>(0 - static_cast<uint64_t>(t.value)) : t.value;
    return o;
  case Token::Float32:
    o.kind = PtxOperand::Float32;
    o.value = negative ? t.value ^ 0x80000000ll : t.value;
    return o;
  case Token::Float64:
    o.kind = PtxOperand::Float64;
    o.value = negative ? static_cast<int64_t>(t.value ^ (1ull << 63)) : t.value;
    return o;
  case Token::Word:
    o = name(t.text, t.line);
    if (lex_.accept('+'))
      o.offset = integer("an offset");
    else if (lex_.peek().is('-'))
      o.offset = integer("an offset");
    return o;
  default:
    fail(t.line, "expected an operand, found '" + t.text + "'");
  }
}

} // namespace

PtxModule parsePtx(const std::string &text, const std::string &origin) {
  if (text.compare(0, 4, "\177ELF") == 0)
    throw Error(ErrorKind::Unsupported,
                origin + ": the simulator runs PTX text, not a cubin; emit PTX");
  return Parser(text, origin).run();
}

} // namespace mpgemm::sim
