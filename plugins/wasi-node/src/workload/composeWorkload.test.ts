import { composeWorkload } from './composeWorkload';

const OWNER = { entityRef: 'component:default/tool', kubernetesId: 'tool' };
const TOOL = {
  name: 'tool',
  image: `registry.example.com/team/tool@sha256:${'a'.repeat(64)}`,
  runtimeClassName: 'wasmtime',
};

describe('a workload', () => {
  it('may reach nothing and write nothing, unless it is allowed to', () => {
    const [policy, deployment] = composeWorkload(TOOL, OWNER) as {
      spec: Record<string, any>;
    }[];
    expect(policy.spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'tool' } },
      policyTypes: ['Ingress', 'Egress'],
    });
    expect(deployment.spec.template.spec).toEqual({
      runtimeClassName: 'wasmtime',
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'module',
          image: TOOL.image,
          resources: { limits: { memory: '128Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    });
  });

  it.each([
    ['name', { name: 'Tool' }],
    ['namespace', { namespace: 'kube/system' }],
    ['runtimeClassName', { runtimeClassName: '' }],
    ['limits.memory', { limits: { memory: 'much' } }],
    ['limits.cpu', { limits: { cpu: '-1' } }],
    ['env', { env: { 'A=B': '1' } }],
    [
      'folders.0.guestPath',
      { folders: [{ guestPath: '/data/../etc', claim: 'data' }] },
    ],
    ['folders.0.claim', { folders: [{ guestPath: '/data', claim: '../x' }] }],
  ])('is refused with the field that is wrong: %s', (field, change) => {
    expect(() => composeWorkload({ ...TOOL, ...change }, OWNER)).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: expect.stringContaining(`${field}`),
      }),
    );
  });
});
