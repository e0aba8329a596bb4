import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Remove the module of an entity',
    example: stringify({
      steps: [
        {
          id: 'undeploy',
          name: 'Remove the module',
          action: 'wasi:module:undeploy',
          input: { name: 'hello', entityRef: 'component:default/hello' },
        },
      ],
    }),
  },
];
