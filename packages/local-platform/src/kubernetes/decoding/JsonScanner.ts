import { JsonSyntaxError } from './JsonSyntaxError';
import { scanScalar, scanText } from './scanScalar';

type Container =
  | { type: 'object'; path: string; names: Set<string>; name: string }
  | { type: 'array'; path: string; index: number };

/** What may stand next. */
type Expected =
  | 'value'
  | 'value or ]'
  | 'name'
  | 'name or }'
  | ':'
  | ', or end'
  | 'nothing';

/** Nested deeper than this, Go's reader refuses. */
const MAXIMUM_DEPTH = 10_000;
const SPACE = /[ \t\r\n]*/y;

/** Goes once over a text, without a call for each level of it. */
export class JsonScanner {
  private readonly again: string[] = [];
  private readonly open: Container[] = [];
  private expected: Expected = 'value';
  private at = 0;

  constructor(private readonly text: string) {}

  /**
   * Answers the paths of fields that are named again.
   *
   * @throws JsonSyntaxError
   */
  scan(): string[] {
    while (!this.atEnd()) {
      this.step();
    }
    return this.again;
  }

  private atEnd(): boolean {
    SPACE.lastIndex = this.at;
    SPACE.test(this.text);
    this.at = SPACE.lastIndex;
    return this.at >= this.text.length && this.expected === 'nothing';
  }

  private step(): void {
    const { text, at, expected } = this;
    switch (expected) {
      case 'value or ]':
        return text[at] === ']' ? this.leave() : this.beginValue();
      case 'value':
        return this.beginValue();
      case 'name or }':
        return text[at] === '}' ? this.leave() : this.readName();
      case 'name':
        return this.readName();
      case ':':
        if (text[at] !== ':') {
          throw JsonSyntaxError.at(text, at, 'after object key');
        }
        return this.pass('value');
      case ', or end':
        return this.goOn();
      default:
        throw JsonSyntaxError.at(text, at, 'after top-level value');
    }
  }

  private pass(expected: Expected): void {
    this.at += 1;
    this.expected = expected;
  }

  private beginValue(): void {
    const path = this.path();
    switch (this.text[this.at]) {
      case '{':
        this.enter({ type: 'object', path, names: new Set(), name: '' });
        this.pass('name or }');
        break;
      case '[':
        this.enter({ type: 'array', path, index: 0 });
        this.pass('value or ]');
        break;
      default:
        this.at = scanScalar(this.text, this.at);
        this.afterValue();
    }
  }

  private enter(container: Container): void {
    if (this.open.push(container) > MAXIMUM_DEPTH) {
      throw new JsonSyntaxError('exceeded max depth');
    }
  }

  private leave(): void {
    this.at += 1;
    this.open.pop();
    this.afterValue();
  }

  private afterValue(): void {
    this.expected = this.open.length > 0 ? ', or end' : 'nothing';
  }

  private readName(): void {
    const { text, at, open } = this;
    if (text[at] !== '"') {
      throw JsonSyntaxError.at(
        text,
        at,
        'looking for beginning of object key string',
      );
    }
    const inside = open[open.length - 1];
    this.at = scanText(text, at);
    if (inside.type === 'object') {
      inside.name = JSON.parse(text.slice(at, this.at));
      if (inside.names.has(inside.name)) {
        this.again.push(this.path());
      }
      inside.names.add(inside.name);
    }
    this.expected = ':';
  }

  private goOn(): void {
    const { text, at, open } = this;
    const inside = open[open.length - 1];
    const isObject = inside.type === 'object';
    if (text[at] === (isObject ? '}' : ']')) {
      this.leave();
      return;
    }
    if (text[at] !== ',') {
      throw JsonSyntaxError.at(
        text,
        at,
        isObject ? 'after object key:value pair' : 'after array element',
      );
    }
    if (inside.type === 'array') {
      inside.index += 1;
    }
    this.pass(isObject ? 'name' : 'value');
  }

  /** Of the value that stands next: `spec.env[0].name`. */
  private path(): string {
    const inside = this.open[this.open.length - 1];
    if (!inside) {
      return '';
    }
    if (inside.type === 'array') {
      return `${inside.path}[${inside.index}]`;
    }
    return inside.path ? `${inside.path}.${inside.name}` : inside.name;
  }
}
