import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Run a program with a folder that it may read',
    example: stringify({
      steps: [
        {
          id: 'deploy',
          name: 'Run it on Kubernetes',
          action: 'wasi:workload:deploy',
          input: {
            name: 'converter',
            image: '${{ steps.push.output.image }}',
            entityRef: 'component:default/converter',
            runtimeClassName: 'wasmtime',
            args: ['/data/in.csv'],
            folders: [{ guestPath: '/data', claim: 'converter-data' }],
          },
        },
      ],
    }),
  },
];
