import type { Finding } from '../diagnosis';
import { parseFuncYaml } from '../funcYaml';

/** `line:column severity CODE path`, the part of a finding that a table can show. */
export const brief = (findings: Finding[]) =>
  findings.map(
    ({ line, column, severity, code, path }) =>
      `${line}:${column} ${severity} ${code}${path ? ` ${path}` : ''}`,
  );
/** The errors of a func.yaml, so shortened. */
export const errors = (text: string) =>
  brief(
    parseFuncYaml(text).findings.filter(({ severity }) => severity === 'error'),
  );
/** A valid func.yaml with these lines at its end, from line 4 on. */
export const withLines = (...lines: string[]) =>
  [
    'name: greeter',
    'runtime: js-wasi',
    'registry: quay.io/shop',
    ...lines,
  ].join('\n');
