import { isWasiError } from '../diagnosis';
import { formatImageReference } from './formatImageReference';
import { parseImageReference } from './parseImageReference';

const sha256 = `sha256:${'0123456789abcdef'.repeat(4)}`;

function refusal(text: string) {
  try {
    return { accepted: parseImageReference(text) };
  } catch (error) {
    return isWasiError(error)
      ? { code: error.code, message: error.message, remedy: error.remedy }
      : { unexpected: error };
  }
}

describe('parseImageReference', () => {
  it.each([
    ['alpine', { host: 'docker.io', repository: 'library/alpine' }],
    [
      'alpine:3.20',
      { host: 'docker.io', repository: 'library/alpine', tag: '3.20' },
    ],
    ['docker.io/alpine', { host: 'docker.io', repository: 'library/alpine' }],
    [
      'index.docker.io/alpine',
      { host: 'docker.io', repository: 'library/alpine' },
    ],
    ['me/hello', { host: 'docker.io', repository: 'me/hello' }],
    [
      'quay.io/me/team/hello:v1',
      { host: 'quay.io', repository: 'me/team/hello', tag: 'v1' },
    ],
    [
      'test.com:5000/repo:tag',
      { host: 'test.com:5000', repository: 'repo', tag: 'tag' },
    ],
    ['test:5000/repo', { host: 'test:5000', repository: 'repo' }],
    ['localhost/hello', { host: 'localhost', repository: 'hello' }],
    [
      'localhost:7450/functions/hello',
      { host: 'localhost:7450', repository: 'functions/hello' },
    ],
    ['[::1]:5000/x', { host: '[::1]:5000', repository: 'x' }],
    ['[2001:db8::1]/x:t', { host: '[2001:db8::1]', repository: 'x', tag: 't' }],
    ['Registry.Example/x', { host: 'Registry.Example', repository: 'x' }],
    ['UPPER/x', { host: 'UPPER', repository: 'x' }],
    [
      `test:5000/repo@${sha256}`,
      { host: 'test:5000', repository: 'repo', digest: sha256 },
    ],
    [
      `test:5000/repo:tag@${sha256}`,
      { host: 'test:5000', repository: 'repo', tag: 'tag', digest: sha256 },
    ],
    [
      'xn--n3h.com/my__name/a---b/c.d_e',
      { host: 'xn--n3h.com', repository: 'my__name/a---b/c.d_e' },
    ],
    [
      `x:${'t'.repeat(128)}`,
      { host: 'docker.io', repository: 'library/x', tag: 't'.repeat(128) },
    ],
    [
      `example.com/${'a'.repeat(255)}`,
      { host: 'example.com', repository: 'a'.repeat(255) },
    ],
  ])('reads %s', (text, expected) => {
    expect(parseImageReference(text)).toEqual(expected);
  });

  it.each([
    ['', 'Image reference "" is empty'],
    [':tag', 'Image reference ":tag" has an invalid repository'],
    [
      'Uppercase:tag',
      'Image reference "Uppercase:tag" has upper-case letters in the repository',
    ],
    [
      'quay.io/Me/hello',
      'Image reference "quay.io/Me/hello" has upper-case letters in the repository',
    ],
    [
      'aa/asdf$$^/aa',
      'Image reference "aa/asdf$$^/aa" has an invalid repository',
    ],
    ['a//b', 'Image reference "a//b" has an invalid repository'],
    ['a/b/', 'Image reference "a/b/" has an invalid repository'],
    ['a..b', 'Image reference "a..b" has an invalid repository'],
    ['a___b', 'Image reference "a___b" has an invalid repository'],
    [
      '-test.com/x',
      'Image reference "-test.com/x" has an invalid registry host',
    ],
    [
      'test.com:port/x',
      'Image reference "test.com:port/x" has an invalid registry host',
    ],
    [
      '[fe80::1%eth0]:5000/x',
      'Image reference "[fe80::1%eth0]:5000/x" has an invalid registry host',
    ],
    ['[::1]:5000', 'Image reference "[::1]:5000" has an invalid repository'],
    ['x:', 'Image reference "x:" has an invalid tag'],
    ['x:-a', 'Image reference "x:-a" has an invalid tag'],
    [
      'repo@sha256:abc',
      'Image reference "repo@sha256:abc" has no valid digest after the @',
    ],
    [
      `repo@${sha256.toUpperCase()}`,
      `Image reference "repo@${sha256.toUpperCase()}" has no valid digest after the @`,
    ],
    [
      `repo@md5:${'a'.repeat(32)}`,
      `Image reference "repo@md5:${'a'.repeat(
        32,
      )}" has no valid digest after the @`,
    ],
    ['a b', 'Image reference "a b" has an invalid repository'],
    ['a\nb', 'Image reference "a\nb" has an invalid repository'],
  ])('refuses %j', (text, message) => {
    expect(refusal(text)).toMatchObject({
      code: 'IMAGE_REFERENCE_INVALID',
      message,
    });
  });

  it('refuses a tag of 129 characters and a repository of 256', () => {
    expect(refusal(`x:${'t'.repeat(129)}`)).toMatchObject({
      code: 'IMAGE_REFERENCE_INVALID',
      remedy:
        'Use letters, digits, dots, dashes and underscores for the tag, at most 128 of them, not starting with a dot or dash.',
    });
    expect(refusal(`example.com/${'a'.repeat(256)}`)).toMatchObject({
      code: 'IMAGE_REFERENCE_INVALID',
      message: expect.stringContaining(
        'has a repository longer than 255 characters',
      ),
    });
  });

  it.each(['oci://', 'https://', 'docker://', 'OCI://'])(
    'tells to remove the leading %s',
    scheme => {
      expect(refusal(`${scheme}quay.io/me/hello`)).toEqual({
        code: 'IMAGE_REFERENCE_INVALID',
        message: `Image reference "${scheme}quay.io/me/hello" starts with ${scheme}, which is no part of a reference`,
        remedy: `Remove the leading ${scheme}.`,
      });
    },
  );

  it('does not repeat a long text in full', () => {
    const answer = refusal(`A${'b'.repeat(10_000)}`);
    expect(JSON.stringify(answer).length).toBeLessThan(500);
  });

  it('answers about hostile text within reason', () => {
    const text = `${'a-'.repeat(5_000)}!`;
    expect(refusal(text)).toMatchObject({ code: 'IMAGE_REFERENCE_INVALID' });
    expect(refusal(`${'a.'.repeat(5_000)}/x`)).toMatchObject({
      code: 'IMAGE_REFERENCE_INVALID',
    });
  });
});

describe('formatImageReference', () => {
  it.each([
    'docker.io/library/alpine',
    'quay.io/me/hello:v1',
    `localhost:7450/functions/hello@${sha256}`,
    `[::1]:5000/x:tag@${sha256}`,
  ])('prints %s as it was read', text => {
    expect(formatImageReference(parseImageReference(text))).toBe(text);
  });

  it('prints the host that a short reference leaves out', () => {
    expect(formatImageReference(parseImageReference('me/hello:v1'))).toBe(
      'docker.io/me/hello:v1',
    );
  });
});
