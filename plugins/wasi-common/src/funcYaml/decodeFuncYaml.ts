import type { LineCounter } from 'yaml';
import type { Fault } from './FuncYamlReport';

const REMEDY = 'Save the file as UTF-8.';
const LINE_FEED = 0x0a;

/**
 * The text of a func.yaml, which is UTF-8; a byte that is none would else
 * become another character unnoticed.
 *
 * @param lineCounter - learns the lines before a fault
 * @internal
 */
export function decodeFuncYaml(
  bytes: Uint8Array,
  lineCounter: LineCounter,
): { text: string; fault?: Fault & { offset: number } } {
  const refuse = (offset: number, message: string) => ({
    text: '',
    fault: {
      code: 'FUNC_YAML_SYNTAX' as const,
      message,
      remedy: REMEDY,
      offset,
    },
  });
  const [first, second] = bytes;
  if (
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff)
  ) {
    return refuse(0, 'func.yaml is UTF-16, not UTF-8');
  }
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return { text: strict.decode(bytes) };
  } catch {
    const offset = firstFault(bytes, lineCounter);
    return refuse(offset, 'func.yaml is not UTF-8: a byte here is no text');
  }
}

/** No character of more bytes than one contains a line feed, so lines can be judged one by one. */
function firstFault(bytes: Uint8Array, lineCounter: LineCounter): number {
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
  let offset = 0;
  for (let start = 0; start <= bytes.length; ) {
    const next = bytes.indexOf(LINE_FEED, start);
    const end = next < 0 ? bytes.length : next;
    const line = bytes.subarray(start, end);
    const text = lenient.decode(line);
    lineCounter.addNewLine(offset);
    if (!isUtf8(line)) {
      return offset + Math.max(text.indexOf('\uFFFD'), 0);
    }
    offset += text.length + 1;
    start = end + 1;
  }
  return 0;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
