import * as errors from '@backstage/errors';
import { catalogue } from './catalogue';
import { isWasiError, WasiError } from './WasiError';

describe('the error catalogue', () => {
  it.each(Object.entries(catalogue))(
    '%s has a title, a next step and a name that Backstage turns into a status',
    (code, { title, remedy, errorName }) => {
      expect(code).toMatch(/^[A-Z][A-Z0-9_]*$/);
      expect(title).toMatch(/^[A-Za-z.].*[^.]$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
      expect(errors).toHaveProperty(errorName);
    },
  );
});

describe('WasiError', () => {
  it('carries code, message and remedy, and keeps its cause out of an answer', () => {
    const error = new WasiError('MODULE_EXISTS', {
      message: 'orders exists in shop',
      cause: new Error('secret'),
    });
    expect([error.name, error.message, error.code, error.remedy]).toEqual([
      'ConflictError',
      'orders exists in shop',
      'MODULE_EXISTS',
      'Choose another name, or change the existing one.',
    ]);
    expect(JSON.stringify(error)).not.toContain('secret');
    expect((error.cause as Error).message).toBe('secret');
  });

  it.each(['constructor', 'toString', '__proto__'])(
    'is not what carries the code %s',
    code =>
      expect(isWasiError(Object.assign(new Error('other'), { code }))).toBe(
        false,
      ),
  );

  it('is told from other errors by its code', () => {
    expect(isWasiError(new WasiError('MODULE_EXISTS', { message: 'x' }))).toBe(
      true,
    );
    expect(isWasiError(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe(
      false,
    );
    expect(isWasiError({ code: 'MODULE_EXISTS' })).toBe(false);
  });
});
