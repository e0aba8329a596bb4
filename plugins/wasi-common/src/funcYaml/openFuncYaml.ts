import {
  type Document,
  LineCounter,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { type Fault, FuncYamlReport } from './FuncYamlReport';

const MAX_BYTES = 256 * 1024;

/** Clearer words for some of the library's. */
const SYNTAX_FAULTS: Partial<Record<YAMLError['code'], Fault>> = {
  DUPLICATE_KEY: {
    message: 'This key stands twice in the same mapping',
    remedy: 'Keep one of the two.',
  },
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
  /** Absent where the file is too large to be read. */
  document?: Document;
  report: FuncYamlReport;
}

/**
 * Reads the YAML and nothing of its meaning; never throws.
 *
 * @internal
 */
export function openFuncYaml(text: string): OpenFuncYaml {
  const lineCounter = new LineCounter();
  const report = new FuncYamlReport(lineCounter);
  if (utf8Length(text) > MAX_BYTES) {
    report.addAt(0, {
      code: 'FUNC_YAML_TOO_LARGE',
      message: `func.yaml is larger than ${MAX_BYTES / 1024} KiB`,
    });
    return { report };
  }

  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    // The library would print its warnings to the console.
    logLevel: 'error',
  });
  const reported = new Set<number>();
  for (const error of document.errors) {
    const [offset] = error.pos;
    const { line } = lineCounter.linePos(offset);
    if (error.code !== 'DUPLICATE_KEY') {
      report.trustedUntil = Math.min(report.trustedUntil, offset);
    }
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
  return { document, report };
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
