/** Headers as a person types them, one `name: value` per line. */
export function parseHeaders(
  text: string,
):
  | { headers: Record<string, string>; invalidLine?: undefined }
  | { headers?: undefined; invalidLine: number } {
  const headers: Record<string, string> = {};
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') {
      continue;
    }
    // https://www.rfc-editor.org/rfc/rfc9110#name-tokens
    const match = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:(.*)$/.exec(line);
    if (!match) {
      return { invalidLine: index + 1 };
    }
    headers[match[1]] = match[2].trim();
  }
  return { headers };
}
