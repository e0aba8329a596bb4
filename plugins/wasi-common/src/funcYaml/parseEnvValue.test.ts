import { parseEnvValue } from './parseEnvValue';

describe('parseEnvValue', () => {
  it.each([
    ['plain', { kind: 'text', value: 'plain' }],
    ['', { kind: 'text', value: '' }],
    ['a {{ env:B }}', { kind: 'text', value: 'a {{ env:B }}' }],
    ['{{ env:HOME }}', { kind: 'local', name: 'HOME' }],
    ['{{env:HOME}}', { kind: 'local', name: 'HOME' }],
    [
      '{{ secret:db:password }}',
      { kind: 'secretKey', name: 'db', key: 'password' },
    ],
    ['{{ secret:db }}', { kind: 'secret', name: 'db' }],
    [
      '{{ configMap:theme.v1:main_colour.hex }}',
      { kind: 'configMapKey', name: 'theme.v1', key: 'main_colour.hex' },
    ],
    ['{{configMap:theme}}', { kind: 'configMap', name: 'theme' }],
    ['{{ env:A:B }}', { kind: 'invalid' }],
    ['{{ env: }}', { kind: 'invalid' }],
    ['{{ env:A-B }}', { kind: 'invalid' }],
    ['{{ configmap:a:b }}', { kind: 'invalid' }],
    ['{{ secret:DB:password }}', { kind: 'invalid' }],
    ['{{ secret:db:pass word }}', { kind: 'invalid' }],
    ['{{ secret:db:a:b }}', { kind: 'invalid' }],
    ['{{ secret:db:password', { kind: 'invalid' }],
    ['{{}}', { kind: 'invalid' }],
    [`{{ ${' '.repeat(50_000)}`, { kind: 'invalid' }],
  ])('reads %j', (text, expected) => {
    expect(parseEnvValue(text)).toEqual(expected);
  });
});
