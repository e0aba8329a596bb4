import { decodeObject } from './decodeObject';

const field = (number: number, bytes: Buffer | string) => {
  const content = Buffer.from(bytes);
  expect(content.length).toBeLessThan(128);
  return Buffer.concat([
    Buffer.from([number * 8 + 2, content.length]),
    content,
  ]);
};
const number = (at: number, value: number) => Buffer.from([at * 8, value]);
const envelope = (apiVersion: string, kind: string, raw: Buffer) =>
  Buffer.concat([
    Buffer.from('k8s\0', 'latin1'),
    field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])),
    field(2, raw),
    field(3, ''),
    field(4, ''),
  ]);

describe('decodeObject', () => {
  it('reads a secret as Go writes it', () => {
    const metadata = Buffer.concat([
      field(1, 's'),
      field(2, ''),
      field(8, ''),
      field(11, Buffer.concat([field(1, 'a'), field(2, 'b')])),
      field(14, 'example.com/wait'),
    ]);
    const secret = Buffer.concat([
      field(1, metadata),
      field(2, Buffer.concat([field(1, 'key'), field(2, 'value')])),
      field(3, 'Opaque'),
      number(5, 1),
    ]);
    expect(decodeObject(envelope('v1', 'Secret', secret))).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 's',
        creationTimestamp: null,
        labels: { a: 'b' },
        finalizers: ['example.com/wait'],
      },
      data: { key: 'dmFsdWU=' },
      type: 'Opaque',
      immutable: true,
    });
  });

  it.each([
    ['what is no protobuf', Buffer.from('{"kind":"Secret"}'), 400],
    [
      'bytes that end too early',
      envelope('v1', 'Secret', Buffer.from([0x0a, 0x7f, 0x01])),
      400,
    ],
    [
      'a number that never ends',
      envelope('v1', 'Secret', Buffer.alloc(20, 0xff)),
      400,
    ],
    [
      'a number where a text belongs',
      envelope('v1', 'Secret', number(3, 1)),
      400,
    ],
    ['a kind that it does not know', envelope('v1', 'Node', Buffer.of()), 415],
    [
      'the name of something inherited',
      envelope('', 'constructor', Buffer.of()),
      415,
    ],
  ])('refuses %s', (_, body, code) => {
    expect(() => decodeObject(body)).toThrow(
      expect.objectContaining({ status: expect.objectContaining({ code }) }),
    );
  });
});
