/** A text is no JSON, in the words of Go's encoding/json, which clients get to read. */
export class JsonSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonSyntaxError';
  }

  /** Of a character at which nothing of the kind can stand. */
  static at(text: string, position: number, where: string): JsonSyntaxError {
    return position < text.length
      ? new JsonSyntaxError(
          `invalid character ${quote(text, position)} ${where}`,
        )
      : new JsonSyntaxError('unexpected end of JSON input');
  }
}

/** Go goes byte by byte: of a letter beyond ASCII, it names the first. */
function quote(text: string, position: number): string {
  const [byte] = Buffer.from(String.fromCodePoint(text.codePointAt(position)!));
  const character = String.fromCharCode(byte);
  if (character === "'") {
    return `'\\''`;
  }
  const quoted = JSON.stringify(character)
    .slice(1, -1)
    .replace(/^\\u00/, '\\x');
  return `'${character === '"' ? character : quoted}'`;
}
