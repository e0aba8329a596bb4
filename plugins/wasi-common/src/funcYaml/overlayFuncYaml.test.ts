import { overlayFuncYaml } from './overlayFuncYaml';
import { parseFuncYaml } from './parseFuncYaml';

const BASE = `specVersion: 0.36.0
name: pay
runtime: js-wasi
registry: ghcr.io/acme
build:
  builder: wasm
run:
  args: [--slow]
  envs:
    - { name: COLOUR, value: blue }
    - { name: LEVEL, value: debug }
  volumes:
    - { secret: dev-keys, path: /keys }
deploy:
  namespace: shop
  labels:
    - { key: tier, value: dev }
  annotations: { team: shop }
  options:
    scale: { min: 0, max: 2 }
  network:
    tcp: { connect: ['db.dev:5432'] }
`;

describe('the overlay of an environment', () => {
  it('says what differs, and leaves the rest as func.yaml has it', () => {
    const { config, findings } = overlayFuncYaml(
      BASE,
      `image: registry.example.com/shop/pay:v1
run:
  args: [--fast]
  envs:
    - { name: LEVEL, value: warn }
    - { name: REGION, value: eu }
  volumes:
    - { secret: prod-keys, path: /keys }
deploy:
  labels:
    - { key: tier, value: prod }
  annotations: { team: null, pager: on-call }
  options:
    scale: { min: 2, max: 20 }
    resources: { limits: { memory: 256Mi } }
  network:
    tcp: { connect: ['db.prod:5432'] }
`,
    );

    expect(findings).toEqual([]);
    const base = parseFuncYaml(BASE).config!;
    expect(config).toEqual({
      ...base,
      image: 'registry.example.com/shop/pay:v1',
      run: {
        args: ['--fast'],
        envs: [
          { name: 'COLOUR', value: 'blue' },
          { name: 'LEVEL', value: 'warn' },
          { name: 'REGION', value: 'eu' },
        ],
        volumes: [{ secret: 'prod-keys', path: '/keys' }],
      },
      deploy: {
        ...base.deploy,
        labels: [{ key: 'tier', value: 'prod' }],
        annotations: { pager: 'on-call' },
        options: {
          scale: { min: 2, max: 20 },
          resources: { limits: { memory: '256Mi' } },
        },
        network: {
          ...base.deploy.network,
          tcp: { connect: ['db.prod:5432'] },
        },
      },
    });
  });

  it.each(['', '# Nothing differs yet.\n'])('may be empty: %j', overlay => {
    expect(overlayFuncYaml(BASE, overlay)).toEqual(parseFuncYaml(BASE));
  });

  it('is laid over fields of an earlier func.yaml as well', () => {
    const earlier = `name: pay
runtime: js-wasi
registry: ghcr.io/acme
envs: [{ name: LEVEL, value: debug }]
`;
    expect(
      overlayFuncYaml(earlier, 'run: { envs: [{ name: LEVEL, value: warn }] }')
        .config?.run.envs,
    ).toEqual([{ name: 'LEVEL', value: 'warn' }]);
  });

  it.each([
    ['name: bank', 'An overlay may not set `name`'],
    ['runtime: go', 'An overlay may not set `runtime`'],
    ['build: { builder: host }', 'An overlay may not set `build`'],
    ['namespace: bank', 'An overlay may not set `namespace`'],
    ['cluster: us-1', 'An overlay may not set `cluster`'],
    [
      'deploy: { namespace: bank }',
      'An overlay may not set `deploy.namespace`',
    ],
    ['- run', 'The overlay is no map of fields'],
    ['__proto__: { name: bank }', 'An overlay may not set `__proto__`'],
  ])('is refused where it is %j', (overlay, message) => {
    const { config, findings } = overlayFuncYaml(BASE, overlay);

    expect(config).toBeUndefined();
    expect(findings).toMatchObject([{ severity: 'error', message }]);
  });

  it.each([
    ['no YAML', '{', 'FUNC_YAML_SYNTAX'],
    ['too large', `# ${'x'.repeat(300_000)}`, 'FUNC_YAML_TOO_LARGE'],
    [
      'an alias bomb',
      `run: &a { args: [x,x,x,x,x,x,x,x,x,x] }
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
e: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]`,
      'FUNC_YAML_INVALID',
    ],
  ])('is refused where it is %s', (_, overlay, code) => {
    const { config, findings } = overlayFuncYaml(BASE, overlay);

    expect(config).toBeUndefined();
    expect(findings[0]).toMatchObject({ severity: 'error', code });
  });

  it('is judged by what both come to', () => {
    const { config, findings } = overlayFuncYaml(
      BASE,
      'deploy: { deployer: keda, options: { scale: { min: 5 } } }',
    );

    expect(config).toBeUndefined();
    expect(findings).toMatchObject([{ code: 'DEPLOYER_INCOMPATIBLE' }]);
    expect(findings[0]).not.toHaveProperty('line');
  });

  it('does not mend a func.yaml that is broken by itself', () => {
    const broken = BASE.replace('runtime: js-wasi', 'runtime: yolo');

    expect(overlayFuncYaml(broken, 'run: { args: [x] }')).toEqual(
      parseFuncYaml(broken),
    );
  });
});
