import { labelValueFaults, qualifiedNameFaults } from '../schema/nameRules';
import { badRequest } from '../status/refusals';
import type { Token } from './tokens';

/** Tells whether labels fit. */
export type LabelSelector = (labels: Record<string, string>) => boolean;

const OPERATORS = ['in', 'notin', '=', '==', '!=', '>', '<'];

/** Reads requirements from the parts of a selector, one after the other. */
export class SelectorReader {
  private at = 0;

  constructor(private readonly tokens: Token[]) {}

  all(): LabelSelector[] {
    const requirements: LabelSelector[] = [];
    if (this.peek().type === 'end') {
      return requirements;
    }
    for (;;) {
      if (this.peek().type !== 'name' && this.peek().text !== '!') {
        throw badRequest(
          `found '${
            this.peek().text
          }', expected: !, identifier, or 'end of string'`,
        );
      }
      requirements.push(this.requirement());
      if (this.peek().type === 'end') {
        return requirements;
      }
      if (this.peek().text !== ',') {
        throw badRequest(
          `found '${this.peek().text}', expected: ',' or 'end of string'`,
        );
      }
      this.take();
      if (this.peek().type !== 'name' && this.peek().text !== '!') {
        throw badRequest(
          `found '${this.peek().text}', expected: identifier after ','`,
        );
      }
    }
  }

  private peek(): Token {
    return this.tokens[this.at];
  }

  private take(): Token {
    const token = this.peek();
    this.at = Math.min(this.at + 1, this.tokens.length - 1);
    return token;
  }

  private requirement(): LabelSelector {
    const not = this.peek().text === '!' && this.take();
    const { type, text: key } = this.take();
    if (type !== 'name') {
      throw unreadable(`found '${key}', expected: identifier`);
    }
    const [fault] = qualifiedNameFaults(key);
    if (fault) {
      throw unreadable(
        `<nil>: Invalid value: ${JSON.stringify(key)}: ${fault}`,
      );
    }
    if (not || this.peek().type === 'end' || this.peek().text === ',') {
      return labels => Object.hasOwn(labels, key) !== Boolean(not);
    }
    return this.comparison(key);
  }

  private comparison(key: string): LabelSelector {
    const { text: operator } = this.take();
    if (!OPERATORS.includes(operator)) {
      throw unreadable(
        `found '${operator}', expected: in, notin, =, ==, !=, gt, lt`,
      );
    }
    if (operator === 'in' || operator === 'notin') {
      const values = this.values();
      requireValues(key, values);
      const wanted = operator === 'in';
      return labels =>
        Object.hasOwn(labels, key)
          ? values.includes(labels[key]) === wanted
          : !wanted;
    }
    const value = this.value();
    if (operator === '>' || operator === '<') {
      return comparesNumber(key, operator, value);
    }
    requireValues(key, [value]);
    return operator === '!='
      ? labels => !Object.hasOwn(labels, key) || labels[key] !== value
      : labels => Object.hasOwn(labels, key) && labels[key] === value;
  }

  /** None where the next requirement, or the end, comes at once. */
  private value(): string {
    if (this.peek().type === 'end' || this.peek().text === ',') {
      return '';
    }
    const { type, text } = this.take();
    if (type !== 'name') {
      throw unreadable(`found '${text}', expected: identifier`);
    }
    return text;
  }

  private values(): string[] {
    const open = this.take();
    if (open.text !== '(') {
      throw unreadable(`found '${open.text}' expected: '('`);
    }
    if (this.peek().type === 'end' || '!=<>('.includes(this.peek().text)) {
      throw unreadable(
        `found '${this.peek().text}', expected: ',', ')' or identifier`,
      );
    }
    const values: string[] = [];
    for (;;) {
      values.push(this.peek().type === 'name' ? this.take().text : '');
      const { text } = this.take();
      if (text === ')') {
        return values;
      }
      if (text !== ',') {
        throw unreadable(`found '${text}', expected: ',' or ')'`);
      }
    }
  }
}

/** @throws KubernetesStatusError 400 */
function requireValues(key: string, values: string[]): void {
  values.forEach((value, index) => {
    const [fault] = labelValueFaults(value);
    if (fault) {
      throw unreadable(
        `values[${index}][${key}]: Invalid value: ${JSON.stringify(
          value,
        )}: ${fault}`,
      );
    }
  });
}

function comparesNumber(
  key: string,
  operator: '>' | '<',
  value: string,
): LabelSelector {
  if (!isInteger(value)) {
    throw unreadable(
      `values[0]: Invalid value: ${JSON.stringify(
        value,
      )}: for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  }
  return labels => {
    if (!Object.hasOwn(labels, key) || !isInteger(labels[key])) {
      return false;
    }
    return operator === '>'
      ? BigInt(labels[key]) > BigInt(value)
      : BigInt(labels[key]) < BigInt(value);
  };
}

function isInteger(text: string): boolean {
  return /^-?\d{1,18}$/.test(text);
}

function unreadable(why: string) {
  return badRequest(`unable to parse requirement: ${why}`);
}
