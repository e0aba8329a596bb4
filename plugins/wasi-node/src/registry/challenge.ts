/** One way to log in that a server offers. */
export interface Challenge {
  /** Lower case. */
  scheme: string;
  parameters: Record<string, string>;
}

const token = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
const parameterPattern = new RegExp(
  `^(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`,
);
const schemePattern = new RegExp(`^(${token})(?=\\s|,|$)`);

/**
 * Reads `WWW-Authenticate`, which may hold several challenges, each with
 * parameters whose quoted values may hold commas.
 *
 * https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenges(
  header: string | string[] | undefined,
): Challenge[] {
  return [header ?? []].flat().flatMap(parseHeader);
}

function parseHeader(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let rest = header.trim();
  while (rest) {
    const current = challenges.at(-1);
    const parameter = current && parameterPattern.exec(rest);
    const read = parameter ?? schemePattern.exec(rest);
    if (!read) {
      // Not a header we can read: what came before it still counts.
      return challenges;
    }
    if (parameter) {
      const [, name, quoted, bare] = parameter;
      current.parameters[name.toLowerCase()] =
        quoted?.replace(/\\(.)/g, '$1') ?? bare;
    } else {
      challenges.push({ scheme: read[1].toLowerCase(), parameters: {} });
    }
    rest = rest.slice(read[0].length).replace(/^[\s,]+/, '');
  }
  return challenges;
}
