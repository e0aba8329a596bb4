import fc from 'fast-check';
import { atLeast, fuzzing } from '../__testUtils__/fuzzing';
import { isWasiError } from '../diagnosis';
import { formatImageReference } from './formatImageReference';
import { parseImageReference } from './parseImageReference';

const isDigit = (char: string) => char >= '0' && char <= '9';
const isHex = (char: string) =>
  isDigit(char) || 'abcdef'.includes(char.toLowerCase());
const isAlphanumeric = (char: string, which?: 'lower') =>
  isDigit(char) ||
  (char >= 'a' && char <= 'z') ||
  (which !== 'lower' && char >= 'A' && char <= 'Z');
/** As the URL standard sees the last label of a host: decimal or hexadecimal, no exponents. */
const isPlainNumber = (label: string) =>
  [...label].every(isDigit) || label.slice(0, 2).toLowerCase() === '0x';
/** The URL standard's own parser is the judge. */
const isIpv6 = (text: string) => URL.canParse(`http://[${text}]/`);

/**
 * The grammar at the top of the distribution project's reference.go, as a
 * matcher that eats from the left and knows no regular expression; with the
 * digests that registries agree on, and hosts that exist.
 */
class Matcher {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** reference := name [ ":" tag ] [ "@" digest ], with a host only where the first word looks like one */
  reference(): boolean {
    const [first, ...others] = this.#text.split('/');
    const isNamed =
      others.length > 0 &&
      ([...first].some(char => char === '.' || char === ':') ||
        first === 'localhost' ||
        [...first].some(char => char >= 'A' && char <= 'Z'));
    return (
      this.#text.length <= 1024 &&
      (!isNamed || (this.#host() && this.#eat('/'))) &&
      this.#path({
        isOnHub: !isNamed || /^(?:index\.)?docker\.io$/.test(first),
      }) &&
      this.#rest()
    );
  }

  #rest(): boolean {
    if (this.#eat(':') && !this.#tag()) {
      return false;
    }
    if (this.#eat('@') && !this.#digest()) {
      return false;
    }
    return this.#at === this.#text.length;
  }

  /** host := (domain-component ["." …] | "[" IPv6 "]") [":" port] */
  #host(): boolean {
    const start = this.#at;
    if (this.#eat('[')) {
      const inner = this.#run(char => isHex(char) || char === ':');
      if (!this.#eat(']') || !isIpv6(inner)) {
        return false;
      }
    } else {
      const labels: string[] = [];
      do {
        const label = this.#run(char => isAlphanumeric(char) || char === '-');
        if (label === '' || label.startsWith('-') || label.endsWith('-')) {
          return false;
        }
        labels.push(label);
      } while (this.#eat('.'));
      const last = labels[labels.length - 1];
      const isNumber =
        !Number.isNaN(Number(last)) || last.toLowerCase() === '0x';
      const isIpv4 =
        labels.length === 4 &&
        labels.every(each => String(Number(each)) === each && +each <= 255);
      const isLong = this.#at - start > 253;
      if ((isNumber && !isIpv4 && isPlainNumber(last)) || isLong) {
        return false;
      }
    }
    if (!this.#eat(':')) {
      return true;
    }
    const port = this.#run(isDigit);
    return port !== '' && Number(port) > 0 && Number(port) < 65536;
  }

  /** path-component ["/" path-component]*, at most 255 characters, `library/` included */
  #path({ isOnHub }: { isOnHub: boolean }): boolean {
    const start = this.#at;
    do {
      if (!this.#component()) {
        return false;
      }
    } while (this.#eat('/'));
    const path = this.#text.slice(start, this.#at);
    const isShort = isOnHub && !path.includes('/');
    return `${isShort ? 'library/' : ''}${path}`.length <= 255;
  }

  /** alpha-numeric [separator alpha-numeric]*; separator: "_", ".", "__" or dashes */
  #component(): boolean {
    const word = () => this.#run(char => isAlphanumeric(char, 'lower')) !== '';
    if (!word()) {
      return false;
    }
    for (;;) {
      const separator = this.#run(char => '._-'.includes(char));
      if (separator === '') {
        return true;
      }
      const isAllowed =
        ['.', '_', '__'].includes(separator) ||
        [...separator].every(char => char === '-');
      if (!isAllowed || !word()) {
        return false;
      }
    }
  }

  /** [\w][\w.-]{0,127} */
  #tag(): boolean {
    const tag = this.#run(char => isAlphanumeric(char) || '_.-'.includes(char));
    return tag !== '' && tag.length <= 128 && !'.-'.includes(tag[0]);
  }

  #digest(): boolean {
    const lengths: [string, number][] = [
      ['sha256:', 64],
      ['sha384:', 96],
      ['sha512:', 128],
    ];
    return lengths.some(
      ([algorithm, length]) =>
        this.#eat(algorithm) &&
        this.#run(char => isDigit(char) || (char >= 'a' && char <= 'f'))
          .length === length,
    );
  }

  #eat(expected: string): boolean {
    const found = this.#text.startsWith(expected, this.#at);
    this.#at += found ? expected.length : 0;
    return found;
  }

  #run(accepts: (char: string) => boolean): string {
    const start = this.#at;
    while (this.#at < this.#text.length && accepts(this.#text[this.#at])) {
      this.#at += 1;
    }
    return this.#text.slice(start, this.#at);
  }
}

const sha256 = 'a1b2'.repeat(16);
const piece = fc.oneof(
  fc.constantFrom(
    ...['a', 'b1', 'Z', '0', '-', '--', '.', '..', '_', '__', '/', '//', ':'],
    ...['@', 'sha256:', sha256, sha256.slice(1), 'localhost', 'docker.io'],
    ...['example.com', '127.1', '0x7f', '1.2.3.4', '[::1]', '[', ']', '::'],
    ...['5000', '65536', '0', '%2e', ' ', '\n', '\0', 'ä', 'ſ', '\u212a', '。'],
    ...['--config', 'user:pw@', 'https://', 'latest', 'a'.repeat(127), '\\'],
  ),
);
const wild = fc.array(piece, { maxLength: 8 }).map(parts => parts.join(''));

const component = fc
  .array(fc.constantFrom('a', 'b2', 'x', '0'), { minLength: 1, maxLength: 3 })
  .chain(words =>
    fc.constantFrom('.', '_', '__', '-', '---').map(sep => words.join(sep)),
  );
const wellFormed = fc
  .record({
    host: fc.constantFrom(
      ...['', 'localhost/', 'quay.io/', 'docker.io/', 'index.docker.io/'],
      ...['localhost:5000/', '[::1]:5000/', '10.0.0.7/', 'EU/', 'a.b-c.D:1/'],
    ),
    path: fc
      .array(component, { minLength: 1, maxLength: 4 })
      .map(parts => parts.join('/')),
    tag: fc.constantFrom('', ':latest', ':V1.2_3-x', ':_'),
    digest: fc.constantFrom(
      '',
      `@sha256:${sha256}`,
      `@sha512:${sha256 + sha256}`,
    ),
  })
  .map(({ host, path, tag, digest }) => `${host}${path}${tag}${digest}`);
/** One character of a good reference exchanged: near the border is where parsers differ. */
const damaged = fc
  .tuple(wellFormed, fc.nat({ max: 400 }), piece)
  .map(([text, at, part]) => {
    const cut = at % (text.length + 1);
    return text.slice(0, cut) + part + text.slice(cut + 1);
  });

function read(text: string) {
  try {
    return parseImageReference(text);
  } catch (error) {
    if (isWasiError(error) && error.code === 'IMAGE_REFERENCE_INVALID') {
      return error;
    }
    throw error;
  }
}

describe('image references beside the grammar of the distribution project', () => {
  it('are accepted and refused as the grammar says', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(fc.oneof(wellFormed, damaged, wild), text => {
        const isAccepted = !(read(text) instanceof Error);
        seen[isAccepted ? 'accepted' : 'refused'] += 1;
        if (isAccepted !== new Matcher(text).reference()) {
          throw new Error(`${JSON.stringify(text)} accepted: ${isAccepted}`);
        }
      }),
      fuzzing(30_000),
    );
    expect(seen.accepted).toBeGreaterThanOrEqual(atLeast(5_000));
    expect(seen.refused).toBeGreaterThanOrEqual(atLeast(5_000));
  }, 240_000);

  it('are read back from how they are printed, and make a URL of just that host', () => {
    fc.assert(
      fc.property(fc.oneof(wellFormed, damaged), text => {
        const reference = read(text);
        if (reference instanceof Error) {
          return;
        }
        expect(parseImageReference(formatImageReference(reference))).toEqual(
          reference,
        );
        const { username, host, pathname } = new URL(
          `https://${reference.host}/v2/${reference.repository}/`,
        );
        expect({ username, host, pathname }).toEqual({
          username: '',
          host: reference.host.toLowerCase(),
          pathname: `/v2/${reference.repository}/`,
        });
      }),
      fuzzing(5_000),
    );
  }, 240_000);
});

describe('image references that attack', () => {
  it.each([
    '--insecure-policy',
    '-v/x',
    '../../etc/passwd',
    'quay.io/../x',
    'quay.io/a/../../b',
    'quay.io/%2e%2e/x',
    'quay.io/a%2fb',
    'quay.io/a\\b',
    'quay.io\\@evil.example/x',
    'quay.io/a?x=y',
    'quay.io/a#b',
    'quay.io/a;b',
    'quay.io/$(id)',
    'quay.io/a:b:c',
    'quay.io/a@b@c',
    'quay.io/a:tag/../x',
    'localhost:0/x',
    'localhost:65536/x',
    'localhost:99999999999999999999/x',
    'localhost:+80/x',
    '[::1]:65536/x',
    '[::::]/x',
    '[1:2]/x',
    '[::1%25eth0]/x',
    '[v1.x]/x',
    '[/x',
    '127.1/x',
    '0x7f.1/x',
    '2130706433:80/x',
    '0177.0.0.1/x',
    '1.2.3.4.5/x',
    'ｑuay.io/x',
    'quay。io/x',
    'quay.io/\u0430pp',
    'quay.io/\u212a',
    'qua\u200dy.io/x',
    'quay.io/x\r\nHost: evil',
    '\uFEFFquay.io/x',
    `a@sha256:${'a'.repeat(63)}`,
    `a@sha256:${'a'.repeat(65)}`,
    `a@sha512:${'a'.repeat(64)}`,
    `a@sha256:${'A'.repeat(64)}`,
    `a@sha256:${'g'.repeat(64)}`,
    `a@sha256+b64:${'a'.repeat(64)}`,
    'a@sha256:',
    'a@',
    `${'a.'.repeat(200)}io/x`,
    'a/'.repeat(5_000),
  ])('are refused: %j', text => {
    expect(read(text)).toMatchObject({
      code: 'IMAGE_REFERENCE_INVALID',
      remedy: expect.stringMatching(/./),
    });
  });

  it.each([
    'robot:hunter2@quay.io/me/hello',
    'https://robot:hunter2@quay.io/me/hello',
    'robot:hun@ter2@quay.io/me/hello',
    'robot:hunter2@quay.io',
    `robot:hunter2@quay.io/me/hello@sha256:${sha256}`,
  ])('do not show the password that is written in %s', text => {
    const { message, remedy } = read(text) as Error & { remedy: string };
    expect(message).toMatch(/^Image reference "…@/);
    expect(`${message} ${remedy}`).not.toMatch(/hun/);
  });
});
