/**
 * What the value of an env entry or a label asks for.
 *
 * @public
 */
export type EnvValue =
  | { kind: 'text'; value: string }
  /** `{{ env:NAME }}`: a variable of the one who deploys. */
  | { kind: 'local'; name: string }
  /** `{{ secret:name:key }}` */
  | { kind: 'secretKey'; name: string; key: string }
  /** `{{ configMap:name:key }}` */
  | { kind: 'configMapKey'; name: string; key: string }
  /** `{{ secret:name }}`: every key as a variable. */
  | { kind: 'secret'; name: string }
  /** `{{ configMap:name }}`: every key as a variable. */
  | { kind: 'configMap'; name: string }
  /** Starts like a form, and is none. */
  | { kind: 'invalid' };

const FORM = /^\{\{\s*(\w+)\s*:\s*([^\s:{}]+)\s*(?::\s*([^\s:{}]+)\s*)?\}\}$/;
const LOCAL_NAME = /^\w+$/;
const RESOURCE_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const KEY = /^[-._a-zA-Z0-9]{1,253}$/;

/**
 * Reads func's `{{ … }}` forms.
 *
 * @public
 */
export function parseEnvValue(value: string): EnvValue {
  if (!value.startsWith('{{')) {
    return { kind: 'text', value };
  }
  const [, source, name, key] = FORM.exec(value.trimEnd()) ?? [];
  if (source === 'env' && key === undefined && LOCAL_NAME.test(name)) {
    return { kind: 'local', name };
  }
  if (
    (source === 'secret' || source === 'configMap') &&
    RESOURCE_NAME.test(name)
  ) {
    if (key === undefined) {
      return { kind: source, name };
    }
    if (KEY.test(key)) {
      return { kind: `${source}Key`, name, key };
    }
  }
  return { kind: 'invalid' };
}
