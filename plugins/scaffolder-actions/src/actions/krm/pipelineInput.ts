import type { z as zod } from 'zod/v3';

// The scaffolder hands its own zod, version 3, to the schema of an action.
type Z = typeof zod;

/** A pipeline in the words of a Kptfile. */
export const pipelineInput = (z: Z) => {
  const functions = z
    .array(
      z.object({
        image: z
          .string()
          .optional()
          .describe(
            'Image of the function, in a registry of the portal, or in an OCI layout in the workspace. Everybody must be able to pull it.',
          ),
        exec: z
          .string()
          .optional()
          .describe('Or its .wasm file in the workspace.'),
        configMap: z
          .record(z.string())
          .optional()
          .describe('What it is told, by name.'),
      }),
    )
    .default([]);
  return z.object({
    mutators: functions.describe('Functions that may change resources.'),
    validators: functions.describe('Functions that may only look at them.'),
  });
};
