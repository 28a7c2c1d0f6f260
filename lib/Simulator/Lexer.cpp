//===- Lexer.cpp - Tokens of PTX text -------------------------------------===//
#include "Lexer.h"

#include "mpgemm/Support/Error.h"

#include <cstdlib>
#include <cstring>

namespace mpgemm::sim {

namespace {
bool isWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '%' ||
         c == '.';
}
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
} // namespace

Lexer::Lexer(const std::string &text, const std::string &origin) : text_(text), origin_(origin) {
  advance();
}

void Lexer::fail(int line, const std::string &message) const {
  throw Error(ErrorKind::InvalidArgument, origin_ + ":" + std::to_string(line) + ": " + message);
}

Token Lexer::next() {
  Token t = current_;
  advance();
  return t;
}

bool Lexer::accept(char c) {
  if (!current_.is(c))
    return false;
  advance();
  return true;
}

void Lexer::expect(char c, const char *where) {
  if (!accept(c))
    fail(current_.line,
         std::string("expected '") + c + "' " + where + ", found '" + current_.text + "'");
}

void Lexer::skipSpace() {
  while (at_ < text_.size()) {
    char c = text_[at_];
    if (c == '\n') {
      ++line_;
      ++at_;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at_;
    } else if (c == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '/') {
      size_t end = text_.find('\n', at_);
      at_ = end == std::string::npos ? text_.size() : end;
    } else if (c == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '*') {
      size_t end = text_.find("*/", at_ + 2);
      if (end == std::string::npos)
        fail(line_, "comment without an end");
      for (; at_ < end + 2; ++at_)
        line_ += text_[at_] == '\n';
    } else if (c == '\0') {
      at_ = text_.size(); // Text handed over with its terminator.
    } else {
      return;
    }
  }
}

void Lexer::lexNumber() {
  const char *begin = text_.c_str() + at_;
  // 0fXXXXXXXX and 0dXXXXXXXXXXXXXXXX are the bits of a float (ISA section 4.5.2).
  if (begin[0] == '0' &&
      (begin[1] == 'f' || begin[1] == 'F' || begin[1] == 'd' || begin[1] == 'D')) {
    bool isDouble = begin[1] == 'd' || begin[1] == 'D';
    int digits = 0;
    while (isHex(begin[2 + digits]))
      ++digits;
    if (digits != (isDouble ? 16 : 8))
      fail(line_, "float constant needs " + std::to_string(isDouble ? 16 : 8) + " hex digits");
    current_.kind = isDouble ? Token::Float64 : Token::Float32;
    current_.value = static_cast<int64_t>(strtoull(begin + 2, nullptr, 16));
    current_.text.assign(begin, 2 + digits);
    at_ += 2 + digits;
    return;
  }
  char *end = nullptr;
  size_t dot = strspn(begin, "0123456789");
  if (begin[dot] == '.' && isDigit(begin[dot + 1])) {
    double value = strtod(begin, &end);
    current_.kind = Token::Float64;
    memcpy(&current_.value, &value, sizeof value);
  } else if (begin[0] == '0' && (begin[1] == 'b' || begin[1] == 'B') &&
             (begin[2] == '0' || begin[2] == '1')) {
    current_.kind = Token::Integer;
    current_.value = static_cast<int64_t>(strtoull(begin + 2, &end, 2));
  } else {
    current_.kind = Token::Integer;
    current_.value = static_cast<int64_t>(strtoull(begin, &end, 0));
  }
  if (*end == 'U')
    ++end;
  current_.text.assign(begin, static_cast<size_t>(end - begin));
  at_ += end - begin;
}

void Lexer::advance() {
  skipSpace();
  current_ = Token();
  current_.line = line_;
  if (at_ >= text_.size())
    return;
  char c = text_[at_];
  if (isDigit(c)) {
    lexNumber();
    return;
  }
  if (c == '"') {
    size_t end = text_.find('"', at_ + 1);
    if (end == std::string::npos)
      fail(line_, "string without an end");
    current_.kind = Token::String;
    current_.text = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return;
  }
  if (isWordStart(c)) {
    size_t end = at_ + 1;
    while (end < text_.size()) {
      char d = text_[end];
      if (isWordStart(d) || isDigit(d))
        ++end;
      else if (d == ':' && end + 1 < text_.size() && text_[end + 1] == ':')
        end += 2; // shared::cluster, L2::cache_hint; a single colon ends a label.
      else
        break;
    }
    current_.kind = Token::Word;
    current_.text = text_.substr(at_, end - at_);
    at_ = end;
    return;
  }
  current_.kind = Token::Punct;
  current_.text.assign(1, c);
  ++at_;
}

} // namespace mpgemm::sim
