import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Get a module out of a registry, whatever its format',
    example: stringify({
      steps: [
        {
          id: 'pull',
          name: 'Pull the module',
          action: 'wasi:module:pull',
          input: { image: 'ghcr.io/my-team/hello:1.0.0' },
        },
      ],
    }),
  },
  {
    description: 'Get a module out of an archive that skopeo wrote',
    example: stringify({
      steps: [
        {
          id: 'pull',
          name: 'Unpack the module',
          action: 'wasi:module:pull',
          input: {
            image: 'oci-archive:delivery/hello.tar:1.0.0',
            modulePath: 'hello.wasm',
          },
        },
      ],
    }),
  },
];
