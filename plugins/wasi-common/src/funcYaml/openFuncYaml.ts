import {
  type Document,
  Lexer,
  LineCounter,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { decodeFuncYaml } from './decodeFuncYaml';
import { type Fault, FuncYamlReport } from './FuncYamlReport';
import { type AliasTargets, walkFuncYaml } from './walkFuncYaml';

const MAX_BYTES = 256 * 1024;
/** Some eight thousand lines; what takes few bytes a token takes long to parse. */
const MAX_TOKENS = 50_000;

// https://yaml.org/spec/1.2.2/#51-character-set
const FORBIDDEN_CHARACTER =
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\p{Cs}\uFFFE\uFFFF]/u;

/** Clearer words for some of the library's. */
const SYNTAX_FAULTS: Partial<Record<YAMLError['code'], Fault>> = {
  TAB_AS_INDENT: {
    message: 'A tab is used for indentation',
    remedy: 'Indent with spaces.',
  },
  MULTIPLE_DOCS: {
    message: 'There is more than one YAML document',
    remedy: 'Remove the `---` and what follows it.',
  },
  RESOURCE_EXHAUSTION: {
    message: 'The values are nested too deeply',
    remedy: 'Remove the nesting; func.yaml needs seven levels at most.',
  },
};

/**
 * A func.yaml as a YAML document, with its syntax errors reported.
 *
 * @internal
 */
export interface OpenFuncYaml {
  /** Absent where the file is too large to be read, or no text. */
  document?: Document;
  aliasTargets: AliasTargets;
  report: FuncYamlReport;
}

/**
 * Reads the YAML and nothing of its meaning; never throws.
 *
 * @internal
 */
export function openFuncYaml(
  source: string | Uint8Array,
  options: { keepSourceTokens?: true } = {},
): OpenFuncYaml {
  const lineCounter = new LineCounter();
  const report = new FuncYamlReport(lineCounter);
  const refuse = (fault: Fault, offset = 0) => {
    report.addAt(offset, fault);
    return { report, aliasTargets: new Map() };
  };
  const size = typeof source === 'string' ? utf8Length(source) : source.length;
  if (size > MAX_BYTES) {
    return refuse({
      code: 'FUNC_YAML_TOO_LARGE',
      message: `func.yaml is larger than ${MAX_BYTES / 1024} KiB`,
    });
  }
  const { text, fault } =
    typeof source === 'string'
      ? { text: source, fault: undefined }
      : decodeFuncYaml(source, lineCounter);
  if (fault) {
    return refuse(fault, fault.offset);
  }
  if (hasTooManyTokens(text)) {
    return refuse({
      code: 'FUNC_YAML_TOO_LARGE',
      message: `func.yaml has more than ${MAX_TOKENS} words and signs`,
      remedy: 'Shorten the file.',
    });
  }

  const document = parseDocument(text, {
    ...options,
    lineCounter,
    prettyErrors: false,
    // The library compares each key with each: found in the walk instead.
    uniqueKeys: false,
    // The library would print its warnings to the console.
    logLevel: 'error',
  });
  reportSyntax(document, report, lineCounter);
  const forbidden = FORBIDDEN_CHARACTER.exec(text);
  if (forbidden) {
    report.addAt(forbidden.index, {
      code: 'FUNC_YAML_SYNTAX',
      message: `The character ${codePoint(
        forbidden[0],
      )} is not allowed in YAML`,
      remedy: 'Remove it.',
    });
  }
  return { document, aliasTargets: walkFuncYaml(document, report), report };
}

function reportSyntax(
  document: Document,
  report: FuncYamlReport,
  lineCounter: LineCounter,
): void {
  const reported = new Set<number>();
  for (const error of document.errors) {
    const [offset] = error.pos;
    const { line } = lineCounter.linePos(offset);
    report.trustedUntil = Math.min(report.trustedUntil, offset);
    // One slip often gives several errors on its line: the first says it.
    if (!reported.has(line)) {
      reported.add(line);
      const fault = SYNTAX_FAULTS[error.code] ?? { message: error.message };
      report.addAt(offset, { code: 'FUNC_YAML_SYNTAX', ...fault });
    }
  }
  for (const { message, pos } of document.warnings) {
    const severity = 'warning';
    report.addAt(pos[0], { code: 'FUNC_YAML_SYNTAX', severity, message });
  }
}

/** The lexer is lazy and takes little, so that a hostile file never comes to the parser. */
function hasTooManyTokens(text: string): boolean {
  let left = MAX_TOKENS;
  for (const _ of new Lexer().lex(text)) {
    left -= 1;
    if (left < 0) {
      return true;
    }
  }
  return false;
}

function codePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Counted here because not every browser-like environment has an encoder. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const isHalfOfPair = unit >= 0xd800 && unit <= 0xdfff;
    if (unit < 0x80) {
      bytes += 1;
    } else {
      bytes += unit < 0x800 || isHalfOfPair ? 2 : 3;
    }
  }
  return bytes;
}
