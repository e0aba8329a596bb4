import { jsonAnswer } from '../../__fixtures__/modules';
import { readableBody } from './readableBody';

describe('readableBody', () => {
  it.each([
    {
      what: 'indents JSON',
      answer: { ...jsonAnswer, body: '{"a":1}' },
      body: { kind: 'text', text: '{\n  "a": 1\n}' },
    },
    {
      what: 'shows JSON that was cut as it came',
      answer: { ...jsonAnswer, body: '{"a":1', truncated: true },
      body: { kind: 'text', text: '{"a":1' },
    },
    {
      what: 'leaves text alone, though it looks like JSON',
      answer: { ...jsonAnswer, headers: [], body: '{"a":1}' },
      body: { kind: 'text', text: '{"a":1}' },
    },
    {
      what: 'measures what is not text',
      answer: { ...jsonAnswer, body: 'AAECAw==', encoding: 'base64' as const },
      body: { kind: 'binary', size: 4 },
    },
    {
      what: 'tells an empty body',
      answer: { ...jsonAnswer, body: '' },
      body: { kind: 'empty' },
    },
  ])('$what', ({ answer, body }) => {
    expect(readableBody(answer)).toEqual(body);
  });
});
