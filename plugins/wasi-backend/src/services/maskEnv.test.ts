import {
  MASKED_VALUE,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { maskEnv, unmaskEnv } from './maskEnv';

function withEnv(env: WasmModule['spec']['env']): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name: 'pay' },
    spec: { image: 'x', env },
  };
}

describe('env values on their way to the browser', () => {
  it.each([
    'PASSWORD',
    'db_passwd',
    'PGPASSWORD',
    'API_KEY',
    'apikey',
    'STRIPE-API-KEY',
    'GITHUB_TOKEN',
    'CLIENT_SECRET',
    'AWS_SECRET_ACCESS_KEY',
    'PRIVATE_KEY',
    'AUTH',
    'SENTRY_DSN',
    'AZURE_CONNECTION_STRING',
    'credentials',
  ])('are masked where the name is %s', name => {
    expect(maskEnv(withEnv([{ name, value: 'v' }])).spec.env).toEqual([
      { name, value: MASKED_VALUE },
    ]);
  });

  it.each([
    { name: 'COLOUR', value: 'blue' },
    { name: 'AUTHOR', value: 'me' },
    { name: 'KEYBOARD', value: 'qwerty' },
    { name: 'HOME_URL', value: 'https://example.com/a:b@c' },
    { name: 'PASSWORD', value: '' },
  ])('are shown for $name=$value', variable => {
    expect(maskEnv(withEnv([variable])).spec.env).toEqual([variable]);
  });

  it.each([
    'postgres://me:pw@db/shop',
    'https://user:pw@example.com',
    'amqps://a:b@q',
  ])('are masked where the value is an address with a password', value => {
    expect(maskEnv(withEnv([{ name: 'TARGET', value }])).spec.env).toEqual([
      { name: 'TARGET', value: MASKED_VALUE },
    ]);
  });

  it('name their source where they come from a Secret, which is no secret', () => {
    const env = [
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ];
    expect(maskEnv(withEnv(env)).spec.env).toEqual(env);
  });
});

describe('env values on their way back', () => {
  it("are the cluster's where they were masked", () => {
    expect(
      unmaskEnv(
        [
          { name: 'B', value: 'new' },
          { name: 'A', value: MASKED_VALUE },
        ],
        [
          { name: 'A', value: 'first' },
          { name: 'A', value: 'last' },
        ],
      ),
    ).toEqual([
      { name: 'B', value: 'new' },
      { name: 'A', value: 'last' },
    ]);
  });

  it('are refused where the cluster has none to keep, all at once', () => {
    expect(() =>
      unmaskEnv(
        [
          { name: 'A', value: MASKED_VALUE },
          { name: 'B', value: MASKED_VALUE },
        ],
        [],
      ),
    ).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        findings: [
          expect.objectContaining({ path: 'spec.env[0].value' }),
          expect.objectContaining({ path: 'spec.env[1].value' }),
        ],
      }),
    );
  });
});
