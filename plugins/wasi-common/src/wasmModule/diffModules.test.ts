import { MASKED_VALUE } from '../api';
import { diffModules } from './diffModules';
import type { WasmModule, WasmModuleSpec } from './types';

const IMAGE = `registry.example.com/pay@sha256:${'a'.repeat(64)}`;

function moduleWith(
  spec: Partial<WasmModuleSpec> = {},
  metadata: Partial<WasmModule['metadata']> = {},
): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name: 'pay', namespace: 'shop', ...metadata },
    spec: { image: IMAGE, ...spec },
  };
}

describe('the difference of two modules', () => {
  it('is nothing where only the cluster has written', () => {
    expect(
      diffModules(moduleWith(), {
        ...moduleWith(
          {},
          {
            uid: 'u',
            resourceVersion: '7',
            generation: 3,
            creationTimestamp: '2026-01-01T00:00:00Z',
            managedFields: [{ manager: 'kubectl' }],
            annotations: {
              'kubectl.kubernetes.io/last-applied-configuration': '{}',
            },
          },
        ),
        status: { observedGeneration: 3 },
      }),
    ).toEqual([]);
  });

  it('is each field of a new module, and of one that goes', () => {
    const module = moduleWith(
      { args: ['--port', '1'] },
      { labels: { team: 'a' } },
    );

    expect(diffModules(undefined, module)).toEqual([
      { path: 'metadata.labels["team"]', kind: 'added', after: 'a' },
      { path: 'metadata.name', kind: 'added', after: 'pay' },
      { path: 'metadata.namespace', kind: 'added', after: 'shop' },
      { path: 'spec.args', kind: 'added', after: '- --port\n- "1"' },
      { path: 'spec.image', kind: 'added', after: IMAGE },
    ]);
    expect(diffModules(module, undefined).map(({ kind }) => kind)).toEqual(
      Array(5).fill('removed'),
    );
    expect(diffModules(undefined, undefined)).toEqual([]);
  });

  it('names variables, volumes, mounts and limits by what names them', () => {
    expect(
      diffModules(
        moduleWith({
          env: [
            { name: 'GREETING', value: 'hello' },
            { name: 'GONE', value: '1' },
          ],
          volumes: [{ name: 'data', configMap: { name: 'old' } }],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
          resources: { limits: { memory: '128Mi' } },
        }),
        moduleWith({
          env: [
            {
              name: 'SORT',
              valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } },
            },
            { name: 'GREETING', value: 'servus' },
          ],
          volumes: [
            { name: 'tmp', emptyDir: {} },
            { name: 'data', configMap: { name: 'new' } },
          ],
          volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
          resources: { limits: { memory: '256Mi' } },
        }),
      ),
    ).toEqual([
      { path: 'spec.env[GONE].value', kind: 'removed', before: '"1"' },
      {
        path: 'spec.env[GREETING].value',
        kind: 'changed',
        before: 'hello',
        after: 'servus',
      },
      {
        path: 'spec.env[SORT].valueFrom.configMapKeyRef.key',
        kind: 'added',
        after: 'k',
      },
      {
        path: 'spec.env[SORT].valueFrom.configMapKeyRef.name',
        kind: 'added',
        after: 'c',
      },
      {
        path: 'spec.resources.limits.memory',
        kind: 'changed',
        before: '128Mi',
        after: '256Mi',
      },
      {
        path: 'spec.volumeMounts[/data].readOnly',
        kind: 'added',
        after: 'true',
      },
      {
        path: 'spec.volumes[data].configMap.name',
        kind: 'changed',
        before: 'old',
        after: 'new',
      },
      { path: 'spec.volumes[tmp].emptyDir', kind: 'added', after: '{}' },
    ]);
  });

  it('masks values that look secret on both sides, and still tells that they differ', () => {
    const changes = diffModules(
      moduleWith({
        env: [
          { name: 'DB_PASSWORD', value: 'hunter2' },
          { name: 'DB', value: 'postgres://me:hunter2@db/shop' },
          { name: 'API_TOKEN', value: 'same' },
        ],
      }),
      moduleWith({
        env: [
          { name: 'DB_PASSWORD', value: 'hunter3' },
          { name: 'DB', value: 'sqlite://shop' },
          { name: 'API_TOKEN', value: 'same' },
        ],
      }),
    );

    expect(changes).toEqual([
      {
        path: 'spec.env[DB].value',
        kind: 'changed',
        before: MASKED_VALUE,
        after: 'sqlite://shop',
      },
      {
        path: 'spec.env[DB_PASSWORD].value',
        kind: 'changed',
        before: MASKED_VALUE,
        after: MASKED_VALUE,
      },
    ]);
  });

  it.each<{
    what: string;
    a: Partial<WasmModuleSpec>;
    b: Partial<WasmModuleSpec>;
  }>([
    {
      what: 'variables',
      a: {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
      b: {
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '1' },
        ],
      },
    },
    {
      what: 'volumes',
      a: {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', secret: { secretName: 's' } },
        ],
      },
      b: {
        volumes: [
          { name: 'b', secret: { secretName: 's' } },
          { name: 'a', emptyDir: {} },
        ],
      },
    },
    {
      what: 'network rules',
      a: { network: { tcp: { connect: ['a:1', 'b:2'] } } },
      b: { network: { tcp: { connect: ['b:2', 'a:1'] } } },
    },
    {
      what: 'limits',
      a: { resources: { limits: { cpu: 1, memory: '1Gi' } } },
      b: { resources: { limits: { memory: '1Gi', cpu: 1 } } },
    },
  ])('does not see the order of $what', ({ a, b }) => {
    expect(diffModules(moduleWith(a), moduleWith(b))).toEqual([]);
  });

  it('sees the order of arguments', () => {
    expect(
      diffModules(
        moduleWith({ args: ['a', 'b'] }),
        moduleWith({ args: ['b', 'a'] }),
      ),
    ).toEqual([
      {
        path: 'spec.args',
        kind: 'changed',
        before: '- a\n- b',
        after: '- b\n- a',
      },
    ]);
  });

  it('tells rules of the network by their value', () => {
    expect(
      diffModules(
        moduleWith({ network: { inherit: false, tcp: { connect: ['a:1'] } } }),
        moduleWith({
          network: { inherit: true, tcp: { connect: ['a:1', 'b:2'] } },
        }),
      ),
    ).toEqual([
      {
        path: 'spec.network.inherit',
        kind: 'changed',
        before: 'false',
        after: 'true',
      },
      {
        path: 'spec.network.tcp.connect["b:2"]',
        kind: 'added',
        after: 'b:2',
      },
    ]);
  });

  it('tells an empty network from none, since that allows look-ups', () => {
    expect(diffModules(moduleWith(), moduleWith({ network: {} }))).toEqual([
      { path: 'spec.network', kind: 'added', after: '{}' },
    ]);
    expect(
      diffModules(
        moduleWith({ network: {} }),
        moduleWith({ network: { inherit: true } }),
      ),
    ).toEqual([{ path: 'spec.network.inherit', kind: 'added', after: 'true' }]);
  });

  it('takes empty lists for absent ones', () => {
    expect(
      diffModules(
        moduleWith({ args: [], env: [], volumes: [], resources: {} }),
        moduleWith(),
      ),
    ).toEqual([]);
  });

  it('tells apart variables of one name, of which the last counts', () => {
    expect(
      diffModules(
        moduleWith({ env: [{ name: 'A', value: 'x' }] }),
        moduleWith({
          env: [
            { name: 'A', value: 'x' },
            { name: 'A', value: 'y' },
          ],
        }),
      ),
    ).toEqual([{ path: 'spec.env[A#2].value', kind: 'added', after: 'y' }]);
  });

  it('compares fields that a later version of the resource has', () => {
    expect(
      diffModules(
        moduleWith({ scale: { min: 1 } } as object),
        moduleWith({ scale: { min: 2 } } as object),
      ),
    ).toEqual([
      { path: 'spec.scale.min', kind: 'changed', before: '1', after: '2' },
    ]);
  });
});
