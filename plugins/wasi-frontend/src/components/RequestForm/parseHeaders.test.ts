import { parseHeaders } from './parseHeaders';

describe('parseHeaders', () => {
  it.each([
    { text: '', result: { headers: {} } },
    {
      text: 'Accept: text/plain\n\n X-A :  b: c ',
      result: { headers: { Accept: 'text/plain', 'X-A': 'b: c' } },
    },
    { text: 'empty:', result: { headers: { empty: '' } } },
    { text: 'a: b\nnonsense', result: { invalidLine: 2 } },
    { text: 'a b: c', result: { invalidLine: 1 } },
    { text: ': c', result: { invalidLine: 1 } },
  ])('reads "$text"', ({ text, result }) => {
    expect(parseHeaders(text)).toEqual(result);
  });
});
