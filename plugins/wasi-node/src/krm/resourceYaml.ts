import { z } from 'zod';
import { assetPath } from '../run/assetPath';
import { runGuestProcess } from '../run/runGuestProcess';

/** How resources name their place in a folder; see {@link readYamlFiles}. */
export const PATH = 'internal.config.kubernetes.io/path';
export const INDEX = 'internal.config.kubernetes.io/index';

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

const itemSchema = z.object({
  value: z.unknown().optional(),
  text: z.string().optional(),
  place: z.string().default(''),
});
const answerSchema = z.object({
  fault: z.string().optional(),
  value: z.unknown().optional(),
  items: z.array(itemSchema).default([]),
  texts: z.array(z.string()).default([]),
});

/** What YAML says, and how it says it, comments and all. @internal */
export type YamlItem = z.output<typeof itemSchema>;
type Answer = z.output<typeof answerSchema>;

/**
 * Reads the documents of files, annotated with the file and their index in it.
 *
 * @returns The items, or `fault`: where the first one is and what.
 * @internal
 */
export function readYamlFiles(
  files: readonly { path: string; text: string }[],
  signal?: AbortSignal,
): Promise<Answer> {
  const annotations = { path: PATH, index: INDEX };
  return ask({ operation: 'read', files, annotations }, signal);
}

/** Reads the YAML of a list with `items`; `value` is the list without them. @internal */
export function readYamlList(
  text: string,
  signal?: AbortSignal,
): Promise<Answer> {
  return ask({ operation: 'list', text }, signal);
}

/** Takes annotations out of the texts of resources. @internal */
export async function withoutAnnotations(
  texts: readonly string[],
  annotations: readonly string[],
): Promise<string[]> {
  return (await ask({ operation: 'clean', texts, annotations })).texts;
}

/** Reading takes time that whoever wrote the text decides, so it is not done here. */
async function ask(request: unknown, signal?: AbortSignal): Promise<Answer> {
  const { stdout } = await runGuestProcess({
    program: assetPath('resourceYaml.mjs'),
    granted: {},
    flags: ['--max-old-space-size=512'],
    limits: {
      stdin: JSON.stringify(request),
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: MAX_ANSWER_BYTES,
      signal,
    },
  });
  // Nothing on standard output: it ran out of memory.
  return answerSchema.parse(
    stdout === ''
      ? { fault: 'it takes more memory than there is for it' }
      : JSON.parse(stdout),
  );
}
