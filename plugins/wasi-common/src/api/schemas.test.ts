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
  ])('refuses %j', value => {
    expect(invokeRequestSchema.safeParse(value).success).toBe(false);
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
