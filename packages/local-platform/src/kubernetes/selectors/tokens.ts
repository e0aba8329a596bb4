/** One part of a label selector. */
export interface Token {
  type: 'name' | 'operator' | 'end';
  text: string;
}

const SYMBOL = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/y;

/** Cuts a label selector into names and symbols. */
export function tokenize(selector: string): Token[] {
  const tokens: Token[] = [];
  SYMBOL.lastIndex = 0;
  for (
    let match = SYMBOL.exec(selector);
    match;
    match = SYMBOL.exec(selector)
  ) {
    const [, text] = match;
    tokens.push({
      type: /^[=!<>(),]/.test(text) ? 'operator' : 'name',
      text,
    });
  }
  return [...tokens, { type: 'end', text: '' }];
}
