import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Run the pipeline of a Kptfile',
    example: stringify({
      steps: [
        {
          id: 'render',
          name: 'Render the package',
          action: 'wasi:krm:run',
          input: { path: 'package' },
        },
      ],
    }),
  },
  {
    description: 'Run functions that are named here',
    example: stringify({
      steps: [
        {
          id: 'render',
          name: 'Set the team, then check the resources',
          action: 'wasi:krm:run',
          input: {
            path: 'manifests',
            pipeline: {
              mutators: [
                {
                  image: 'ghcr.io/team/set-labels:1.0.0',
                  configMap: { team: 'blue' },
                },
              ],
              validators: [{ exec: 'functions/check.wasm' }],
            },
          },
        },
      ],
    }),
  },
];
