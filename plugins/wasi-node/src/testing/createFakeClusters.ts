import {
  WasiError,
  type ClusterProblem,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Clusters } from '../cluster';
import type { FakeWasmModuleClient } from './FakeWasmModuleClient';

/**
 * Clusters made of fakes, and of problems for those that cannot be used.
 *
 * @public
 */
export function createFakeClusters(
  clients: FakeWasmModuleClient[],
  problems: ClusterProblem[] = [],
): Clusters {
  return {
    names: () => [
      ...clients.map(({ cluster }) => ({ name: cluster })),
      ...problems.map(problem => ({ name: problem.cluster, problem })),
    ],
    client(name) {
      if (name === undefined && clients.length + problems.length === 1) {
        return clients[0];
      }
      const problem = problems.find(({ cluster }) => cluster === name);
      if (problem) {
        throw new WasiError(problem.code, {
          message: problem.message,
          remedy: problem.remedy,
        });
      }
      const client = clients.find(({ cluster }) => cluster === name);
      if (!client) {
        throw new WasiError('CLUSTER_UNKNOWN', {
          message: `There is no cluster "${name}".`,
        });
      }
      return client;
    },
    identity: () => ({ kind: 'service-account' }),
  };
}
