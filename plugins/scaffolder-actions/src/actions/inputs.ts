import type { z as zod } from 'zod/v3';

// The scaffolder hands its own zod, version 3, to the schema of an action.
type Z = typeof zod;

/** Inputs that several actions take, each described once. */

export const functionPath = (z: Z) =>
  z
    .string()
    .default('.')
    .describe(
      'Folder in the workspace that holds func.yaml. Default: the workspace itself.',
    );

export const modulePath = (z: Z) =>
  z
    .string()
    .default('module.wasm')
    .describe('Path of the .wasm file in the workspace.');

export const cluster = (z: Z) =>
  z
    .string()
    .optional()
    .describe('Name of the cluster. Default: the only one that is configured.');

export const namespace = (z: Z) =>
  z.string().default('default').describe('Namespace. Default: default.');

export const moduleName = (z: Z) =>
  z.string().describe('Name of the WasmModule.');

export const owningEntityRef = (z: Z) =>
  z
    .string()
    .describe('Entity the module belongs to, e.g. component:default/hello.');

export const source = (z: Z) =>
  z
    .string()
    .optional()
    .describe('URL of the source repository; kept as an annotation.');

export const revision = (z: Z) =>
  z
    .string()
    .optional()
    .describe('Commit that was built; kept as an annotation.');

export const force = (z: Z) =>
  z
    .boolean()
    .default(false)
    .describe(
      'Take over fields that another field manager owns. Default: false.',
    );

/** As `deploy.network` of func.yaml. */
export const network = (z: Z) => {
  const patterns = z.array(z.string()).optional();
  return z
    .object({
      allowIpNameLookup: z.boolean().optional(),
      tcp: z.object({ connect: patterns, bind: patterns }).optional(),
      udp: z
        .object({ connect: patterns, bind: patterns, outgoing: patterns })
        .optional(),
    })
    .optional()
    .describe(
      'Network permissions as in `deploy.network` of func.yaml. Default: none, no sockets.',
    );
};

export const withAccount = (z: Z) =>
  z
    .boolean()
    .default(false)
    .describe(
      'Read with the account of the portal what cannot be read without one. Only for an image that the template fixes itself: whoever may fill it in reads what the portal may. Default: false.',
    );
