/** Which resource a path names; fields that it does not name are empty. */
export interface ResourcePath {
  group: string;
  version: string;
  namespace: string;
  resource: string;
  name: string;
  subresource: string;
}

/** Reads `/api/v1/…` and `/apis/<group>/<version>/…`; undefined for other paths. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = path.split('/').filter(part => part !== '');
  const root = parts.shift();
  const group = root === 'apis' ? parts.shift() : '';
  const version = parts.shift();
  if (
    (root !== 'api' && root !== 'apis') ||
    group === undefined ||
    !version ||
    parts.length === 0
  ) {
    return undefined;
  }
  // `namespaces/x/status` is a namespace's own; `namespaces/x/pods` are its pods.
  const inNamespace =
    parts[0] === 'namespaces' &&
    parts.length > 2 &&
    !['status', 'finalize'].includes(parts[2]);
  const namespace = inNamespace ? parts.splice(0, 2)[1] : '';
  const [resource, name = '', ...below] = parts;
  const subresource = below.join('/');
  return { group, version, namespace, resource, name, subresource };
}
