import { ConfigReader } from '@backstage/config';

/** Builds in the one cluster at an address. */
export const clusterConfig = (url: string, build: object = {}) =>
  new ConfigReader({
    wasi: {
      build: {
        runner: 'kubernetes',
        kubernetes: {
          namespace: 'builds',
          images: {
            'go-wasi': 'registry.example/go@sha256:aa',
            'wat-wasi': 'registry.example/js@sha256:bb',
          },
          startTimeoutSeconds: 3,
        },
        maxMemoryBytes: 1024 * 1024 * 1024,
        maxWorkspaceBytes: 512 * 1024 * 1024,
        ...build,
      },
    },
    kubernetes: {
      clusterLocatorMethods: [
        {
          type: 'config',
          clusters: [
            {
              name: 'prod',
              url,
              authProvider: 'serviceAccount',
              serviceAccountToken: 'token',
            },
          ],
        },
      ],
    },
  });
