import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Add WebAssembly to the image that ko pushed',
    example: stringify({
      steps: [
        {
          id: 'add-wasm',
          name: 'Add wasi/wasm to the image',
          action: 'wasi:image:add-wasm',
          input: {
            package: './cmd/app',
            image: 'ghcr.io/team/app:${{ parameters.version }}',
          },
        },
      ],
    }),
  },
];
