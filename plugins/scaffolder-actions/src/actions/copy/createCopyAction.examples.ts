import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Promote a module, with its signatures, to another repository',
    example: stringify({
      steps: [
        {
          id: 'copy',
          name: 'Promote the module',
          action: 'wasi:module:copy',
          input: {
            from: '${{ steps.push.output.image }}',
            to: 'ghcr.io/my-team/production/hello:1.0.0',
            referrers: true,
          },
        },
      ],
    }),
  },
  {
    description:
      'Put a module into an archive, to be carried to another network',
    example: stringify({
      steps: [
        {
          id: 'copy',
          name: 'Pack the module',
          action: 'wasi:module:copy',
          input: {
            from: 'ghcr.io/my-team/hello:1.0.0',
            to: 'oci-archive:delivery/hello.tar:1.0.0',
          },
        },
      ],
    }),
  },
];
