//===- Lexer.h - Tokens of PTX text ------------------------------*- C++ -*-===//
//
// Cuts PTX (ISA section 4) into tokens and counts lines. Comments of both kinds vanish. An opcode
// or a directive with its dots and double colons is one token, because nothing else separates its
// parts.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_LEXER_H
#define MPGEMM_LIB_SIMULATOR_LEXER_H

#include <cstdint>
#include <string>

namespace mpgemm::sim {

struct Token {
  enum Kind { End, Word, Integer, Float32, Float64, String, Punct };
  Kind kind = End;
  std::string text; ///< Word: with dots, '%' and '$'. Punct: one character.
  int64_t value = 0;
  int line = 1;

  bool is(char c) const { return kind == Punct && text[0] == c; }
  bool isWord(const char *w) const { return kind == Word && text == w; }
};

class Lexer {
public:
  Lexer(const std::string &text, const std::string &origin);

  const Token &peek() const { return current_; }
  Token next();
  /// Consumes the current token if it is this punctuation.
  bool accept(char c);
  void expect(char c, const char *where);
  [[noreturn]] void fail(int line, const std::string &message) const;

private:
  void advance();
  void skipSpace();
  void lexNumber();

  const std::string &text_;
  std::string origin_;
  size_t at_ = 0;
  int line_ = 1;
  Token current_;
};

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_LEXER_H
