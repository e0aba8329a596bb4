import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'A JavaScript function that may open one database connection',
    example: stringify({
      steps: [
        {
          id: 'init',
          name: 'Generate the repository',
          action: 'wasi:function:init',
          input: {
            name: 'hello',
            runtime: 'js-wasi',
            owner: 'group:default/team-a',
            registry: 'ghcr.io/my-team',
            env: [{ name: 'GREETING', value: 'hello' }],
            network: { tcp: { connect: ['db.example.com:5432'] } },
          },
        },
      ],
    }),
  },
  {
    description: 'A module that exists already, from an npm package',
    example: stringify({
      steps: [
        {
          id: 'init',
          name: 'Generate the repository',
          action: 'wasi:function:init',
          input: {
            name: 'ready-made',
            runtime: 'prebuilt-wasi',
            owner: 'group:default/team-a',
            registry: 'ghcr.io/my-team',
            source: 'npm:my-module@1.0.0/module.wasm',
          },
        },
      ],
    }),
  },
];
