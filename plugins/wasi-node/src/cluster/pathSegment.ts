import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * A name or namespace as a part of a path or selector.
 *
 * Checked, not escaped: `..` survives escaping and would lead to another
 * resource, a comma would be a second selector.
 *
 * @throws `WasiError` NAME_INVALID.
 * @internal
 */
export function pathSegment(name: string): string {
  if (!NAME.test(name)) {
    throw new WasiError('NAME_INVALID', {
      message: `"${name.slice(0, 100)}" is no name that Kubernetes knows.`,
    });
  }
  return name;
}
