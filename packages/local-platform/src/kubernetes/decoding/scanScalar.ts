import { JsonSyntaxError } from './JsonSyntaxError';

/**
 * Where the JSON text, number or word that begins at a position ends.
 *
 * @throws JsonSyntaxError
 */
export function scanScalar(text: string, start: number): number {
  const first = text[start];
  switch (first) {
    case '"':
      return scanText(text, start);
    case 't':
      return scanWord(text, start, 'true');
    case 'f':
      return scanWord(text, start, 'false');
    case 'n':
      return scanWord(text, start, 'null');
    default:
      if (first === '-' || isDigit(first)) {
        return scanNumber(text, start);
      }
      throw JsonSyntaxError.at(text, start, 'looking for beginning of value');
  }
}

const PLAIN = /[^"\\\p{Cc}]*/uy;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** @throws JsonSyntaxError */
export function scanText(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    at = follow(PLAIN, text, at);
    switch (text[at]) {
      case '"':
        return at + 1;
      case '\\': {
        const end = follow(ESCAPE, text, at);
        if (end === at) {
          throw escapeError(text, at);
        }
        at = end;
        break;
      }
      default:
        // DEL and what comes after ASCII are no control characters to Go.
        if (at < text.length && text[at] > '\x1f') {
          at += 1;
          break;
        }
        throw JsonSyntaxError.at(text, at, 'in string literal');
    }
  }
}

function escapeError(text: string, at: number): JsonSyntaxError {
  if (text[at + 1] !== 'u') {
    return JsonSyntaxError.at(text, at + 1, 'in string escape code');
  }
  const end = follow(/[0-9a-fA-F]{0,4}/y, text, at + 2);
  return JsonSyntaxError.at(text, end, 'in \\u hexadecimal character escape');
}

function scanWord(text: string, start: number, word: string): number {
  for (let count = 1; count < word.length; count += 1) {
    if (text[start + count] !== word[count]) {
      throw JsonSyntaxError.at(
        text,
        start + count,
        `in literal ${word} (expecting '${word[count]}')`,
      );
    }
  }
  return start + word.length;
}

const DIGITS = /\d*/y;

function scanNumber(text: string, start: number): number {
  const whole = text[start] === '-' ? start + 1 : start;
  // What follows a leading zero is not part of the number.
  let at =
    text[whole] === '0' ? whole + 1 : digits(text, whole, 'in numeric literal');
  if (text[at] === '.') {
    at = digits(text, at + 1, 'after decimal point in numeric literal');
  }
  if (text[at] === 'e' || text[at] === 'E') {
    const signed = text[at + 1] === '+' || text[at + 1] === '-';
    at = digits(text, at + (signed ? 2 : 1), 'in exponent of numeric literal');
  }
  return at;
}

/** At least one. */
function digits(text: string, start: number, where: string): number {
  const end = follow(DIGITS, text, start);
  if (end === start) {
    throw JsonSyntaxError.at(text, start, where);
  }
  return end;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function follow(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
