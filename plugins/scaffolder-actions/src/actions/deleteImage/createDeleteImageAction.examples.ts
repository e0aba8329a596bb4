import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Delete an old version that nothing runs any more',
    example: stringify({
      steps: [
        {
          id: 'delete',
          name: 'Delete the old version',
          action: 'wasi:image:delete',
          input: {
            image: 'ghcr.io/my-team/hello:0.9.0',
            entityRef: 'component:default/hello',
          },
        },
      ],
    }),
  },
];
