import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { createFormField } from '@backstage/plugin-scaffolder-react/alpha';
import {
  validateNetwork,
  WasiNetworkPermissions,
} from '../components/WasiNetworkPermissions';

export default createFormField({
  name: 'WasiNetworkPermissions',
  component: WasiNetworkPermissions,
  validation: validateNetwork,
  schema: makeFieldSchema({
    output: z => {
      const patterns = z.array(z.string()).optional();
      return z.union([
        z.object({
          inherit: z.boolean().optional(),
          allowIpNameLookup: z.boolean().optional(),
          tcp: z.object({ bind: patterns, connect: patterns }).optional(),
          udp: z
            .object({ bind: patterns, connect: patterns, outgoing: patterns })
            .optional(),
        }),
        z.array(z.string()),
      ]);
    },
  }),
});
