import { z } from 'zod';

// A revision repeats the last lines of the runner here.
const MAX_MESSAGE_LENGTH = 1_000;

/** Conditions of Knative, of which only what is read is kept. @internal */
export const conditionsSchema = z
  .array(
    z.object({
      type: z.string(),
      status: z.enum(['True', 'False', 'Unknown']).catch('Unknown'),
      reason: z.string().optional(),
      message: z
        .string()
        .transform(text => text.slice(-MAX_MESSAGE_LENGTH))
        .optional(),
      severity: z.string().optional(),
      lastTransitionTime: z.string().optional(),
    }),
  )
  .catch([]);
