import { errorBodySchema, invokeRequestSchema } from './schemas';

describe('invokeRequestSchema', () => {
  it('fills in what a plain GET needs', () => {
    expect(invokeRequestSchema.parse({})).toEqual({
      method: 'GET',
      path: '/',
      headers: {},
    });
  });

  it.each([
    [{ path: '//evil.example.com/' }],
    [{ path: 'http://evil.example.com/' }],
    [{ path: '' }],
    [{ method: 'CONNECT' }],
    [{ url: 'http://evil.example.com/' }],
    [{ body: 'x'.repeat(1024 * 1024 + 1) }],
    [{ cloudEvent: { type: 'shop.order' } }],
    [{ cloudEvent: { type: '', source: '/' } }],
    [{ cloudEvent: { type: 'a\r\nx-evil: 1', source: '/' } }],
    [{ cloudEvent: { type: 'a', source: '/ with a space' } }],
    [{ cloudEvent: { type: 'a', source: '/', subject: '\u0085' } }],
    [{ cloudEvent: { type: 'a', source: '/', id: '\ud800' } }],
    [{ cloudEvent: { type: 'a', source: '/', id: '\ufffe' } }],
    [{ cloudEvent: { type: 'a', source: '/', dataContentType: 'json' } }],
    [
      {
        cloudEvent: {
          type: 'a',
          source: '/',
          dataContentType: 'text/plain\r\nx-evil: 1',
        },
      },
    ],
    [{ cloudEvent: { type: 'a', source: '/', specversion: '2.0' } }],
  ])('refuses %j', value => {
    expect(invokeRequestSchema.safeParse(value).success).toBe(false);
  });
});

describe('invokeRequestSchema of a CloudEvent', () => {
  it('is a POST unless it says otherwise', () => {
    const cloudEvent = {
      type: 'shop.order',
      source: 'https://shop.example.com/?a=1#b',
      subject: 'Grüße, Welt',
      dataContentType: 'application/json; charset=utf-8',
    };
    expect(invokeRequestSchema.parse({ cloudEvent })).toEqual({
      method: 'POST',
      path: '/',
      headers: {},
      cloudEvent,
    });
    expect(
      invokeRequestSchema.parse({ method: 'PUT', cloudEvent }).method,
    ).toBe('PUT');
  });
});

describe('errorBodySchema', () => {
  it('reads our errors, and drops a code that it does not know', () => {
    const error = { name: 'NotFoundError', message: 'gone' };
    expect(
      errorBodySchema.parse({ error: { ...error, code: 'MODULE_NOT_FOUND' } })
        .error.code,
    ).toBe('MODULE_NOT_FOUND');
    expect(
      errorBodySchema.parse({ error: { ...error, code: 'FROM_THE_FUTURE' } })
        .error.code,
    ).toBeUndefined();
  });
});
