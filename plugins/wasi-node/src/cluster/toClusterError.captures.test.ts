import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { toClusterError } from './toClusterError';

const CAPTURES = resolve(__dirname, '../../../../test/knative/captures');

/** As the portal tells of what a real API server was heard to answer to a new module. */
function errorOf(name: string) {
  const { answer } = JSON.parse(
    readFileSync(resolve(CAPTURES, `answer-${name}.json`), 'utf8'),
  );
  const { code: status, reason, message, details } = answer;
  return toClusterError(
    {
      status,
      text: reason ? JSON.stringify({ reason, message, details }) : message,
    },
    {
      cluster: 'prod',
      verb: 'create WasmModule',
      module: { namespace: 'shop', name: 'orders' },
    },
  );
}

describe('what a user reads where a real API server takes no module', () => {
  it.each([
    ['module-quota', 'NAMESPACE_QUOTA_EXCEEDED', /exceeded quota/],
    ['namespace-terminating', 'NAMESPACE_TERMINATING', /being terminated\.$/],
    ['namespace-missing', 'NAMESPACE_MISSING', /does not exist/],
    ['quantity', 'MODULE_INVALID', /spec\.resources\.limits\.memory/],
    ['definition-missing', 'CRD_MISSING', /does not serve WasmModules/],
  ])('%s is %s', (name, code, says) => {
    const error = errorOf(name);

    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(says);
  });
});
