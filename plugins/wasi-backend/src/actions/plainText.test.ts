import { plainText } from './plainText';

describe('text that others wrote', () => {
  it.each([
    ['a\u001b[31mred\u001b[0m b', 'ared b'],
    ['\u001b]8;;https://evil.example.com\u0007link\u001b]8;;\u0007', 'link'],
    ['one\r\ntwo\rthree\tfour', 'one\ntwo\nthree\tfour'],
    ['pass\u200bword\u2060', 'password'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['hidden\u{e0041}\u{e0042}\u{e0043}', 'hidden'],
    ['half \ud83d', 'half '],
    ['null\u0000bell\u0007', 'nullbell'],
    ['Grüße, 世界 👍', 'Grüße, 世界 👍'],
  ])('of %j shows %j', (text, shown) => {
    expect(plainText(text)).toBe(shown);
  });
});
