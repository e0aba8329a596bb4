import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  call,
  type Answer,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';
import { parseAllDocuments } from 'yaml';

const FOLDER = join(
  dirname(require.resolve('../package.json')),
  '../../deploy/rbac',
);
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/**
 * Objects that are put into a cluster, and taken away again.
 *
 * Their names get an ending of this run, because other files use the cluster, too.
 */
export class Manifests {
  private readonly paths: string[] = [];

  constructor(
    private readonly target: KubernetesTarget,
    private readonly run: string,
  ) {}

  /** Those of files of deploy/rbac. */
  async apply(...files: string[]): Promise<void> {
    for (const file of files) {
      const text = readFileSync(join(FOLDER, file), 'utf8');
      for (const document of parseAllDocuments(text)) {
        await this.put(ofRun(document.toJS(), this.run));
      }
    }
  }

  /** As it is. */
  async put(object: Answer): Promise<void> {
    const path = collectionOf(object);
    const { code, body } = await call(this.target, 'POST', path, {
      body: object,
    });
    // Namespaces and accounts go on to the next tests.
    if (code !== 201 && body.reason !== 'AlreadyExists') {
      throw new Error(`${path}: ${body.message}`);
    }
    if (path.startsWith(RBAC)) {
      this.paths.push(`${path}/${object.metadata.name}`);
    }
  }

  /** Takes the rights away. */
  async remove(): Promise<void> {
    for (const path of this.paths.splice(0)) {
      await call(this.target, 'DELETE', path);
    }
  }

  /** A token of a service account, which is made where it is absent. */
  async tokenOf(namespace: string, name: string): Promise<string> {
    await this.put({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace },
    });
    const { body } = await call(
      this.target,
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
      { body: { spec: { expirationSeconds: 600 } } },
    );
    return body.status.token;
  }
}

function ofRun(object: Answer, run: string): Answer {
  const { kind, metadata, roleRef, subjects } = object;
  const named = (name: string | undefined) => name && `${name}-${run}`;
  return {
    ...object,
    metadata: {
      ...metadata,
      name: kind === 'ServiceAccount' ? metadata.name : named(metadata.name),
      namespace: named(metadata.namespace),
    },
    roleRef: roleRef && { ...roleRef, name: named(roleRef.name) },
    subjects: subjects?.map((subject: Answer) => ({
      ...subject,
      namespace: named(subject.namespace),
    })),
  };
}

function collectionOf({ kind, metadata: { namespace } }: Answer): string {
  const plural = `${kind.toLowerCase()}s`;
  switch (kind) {
    case 'Namespace':
      return '/api/v1/namespaces';
    case 'ServiceAccount':
      return `/api/v1/namespaces/${namespace}/${plural}`;
    case 'ClusterRole':
    case 'ClusterRoleBinding':
      return `${RBAC}/${plural}`;
    default:
      return `${RBAC}/namespaces/${namespace}/${plural}`;
  }
}
