import type { EnvVar } from './types';

const SECRET_NAME =
  /pass(word|wd|phrase)?|pwd|secret|token|credential|api_?key|access_?key|private_?key|signing_?key|encryption_?key|auth(?!or)|dsn|connection_?string|salt|cookie/i;

// scheme://user:password@host
const SECRET_VALUE = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/i;

/**
 * Tells a variable with a value that must not be shown, by its name or the value itself.
 *
 * @public
 */
export function looksSecret({ name, value }: EnvVar): boolean {
  return (
    value !== undefined &&
    value !== '' &&
    (SECRET_NAME.test(name.replace(/-/g, '_')) || SECRET_VALUE.test(value))
  );
}
