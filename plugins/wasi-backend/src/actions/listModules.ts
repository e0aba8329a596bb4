import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  deriveHealth,
  wasiModuleReadPermission,
  WasiError,
  type ClusterProblem,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { boundOutput } from './boundOutput';
import { entityInput, moduleIdOf } from './inputs';
import {
  describeRun,
  describeState,
  stateOutput,
  truncatedOutput,
} from './moduleOutput';
import type { ActionServices, AddAction, Credentials } from './types';

// Of these, 100 fit into the 64 KiB of an output.
const MESSAGE_LENGTH = 300;

interface Input {
  entity?: string;
  limit: number;
  cursor?: string;
}

/** `list-modules`: of one entity, or of all that the caller may read. @internal */
export const addListModules: AddAction = (registry, services) => {
  registry.register({
    name: 'list-modules',
    title: 'List WebAssembly modules',
    description:
      'Lists WasmModules with their state: those of one catalog entity, or, without `entity`, those of all entities that the caller may read. A module that names no entity as its own is listed with the entity that names it, not otherwise. Where `next` is set, there are more: pass it as `cursor`.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: zod =>
        zod.object({
          entity: entityInput(zod).optional(),
          limit: zod.number().int().min(1).max(100).default(50),
          cursor: zod
            .string()
            .max(2_000)
            .optional()
            .describe('`next` of the page before.'),
        }),
      output: zod =>
        zod.object({
          modules: zod.array(
            zod.object({
              ...stateOutput(zod),
              entity: zod.string(),
              image: zod.string(),
              url: zod.string().optional(),
            }),
          ),
          missing: zod
            .array(zod.string())
            .optional()
            .describe('Named by the entity, and on no cluster.'),
          problems: zod
            .array(zod.record(zod.unknown()))
            .optional()
            .describe('Clusters that could not be heard.'),
          next: zod.string().optional(),
          truncated: truncatedOutput(zod),
        }),
    },
    examples: [
      {
        title: 'The modules of a component',
        input: { entity: 'component:default/orders', limit: 50 },
      },
    ],
    action: async ({ input, credentials }) => ({
      output: boundOutput(
        input.entity === undefined
          ? await listAll(services, { ...input, credentials })
          : await listOfEntity(services, {
              ...input,
              entity: input.entity,
              credentials,
            }),
      ),
    }),
  });
};

function listOfEntity(
  { context, modules }: ActionServices,
  input: Input & Credentials & { entity: string },
) {
  const { entity, credentials, limit } = input;
  return context.read(
    { credentials, entity, permission: wasiModuleReadPermission },
    async call => {
      const { items, missing, problems } = await modules.find(call.entity);
      const after = readCursor(input.cursor);
      const listed = items
        .map(item => ({ ...item, id: moduleIdOf(item.ref) }))
        .filter(({ id }) => after === undefined || id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      return {
        modules: listed
          .slice(0, limit)
          .map(item => describe(item, stringifyEntityRef(call.entity))),
        ...(missing.length > 0 && { missing: missing.map(moduleIdOf) }),
        ...(problems.length > 0 && { problems: problems.map(named) }),
        ...nextOf(listed.slice(0, limit), listed.length > limit),
      };
    },
  );
}

async function listAll(
  { context, readable }: ActionServices,
  { credentials, limit, cursor }: Input & Credentials,
) {
  // Somebody has to be signed in; what they may read is decided for each module.
  await context.caller(credentials);
  const { items, more, problems } = await readable.page({
    credentials,
    limit,
    after: readCursor(cursor),
  });
  return {
    modules: items.map(({ item, entityRef }) => describe(item, entityRef)),
    ...(problems.length > 0 && { problems: problems.map(named) }),
    ...nextOf(items, more),
  };
}

function describe(
  { ref, module }: { ref: ModuleRef; module: WasmModule },
  entity: string,
) {
  const { image, url } = describeRun(module);
  const { message, ...state } = describeState({
    ref,
    health: deriveHealth(module),
  });
  return {
    ...state,
    message: message.slice(0, MESSAGE_LENGTH),
    entity,
    image,
    url,
  };
}

function named({ cluster, code, message, remedy }: ClusterProblem) {
  return { cluster, code, message, remedy };
}

function nextOf(items: { id: string }[], more: boolean): { next?: string } {
  const last = items.at(-1);
  return more && last
    ? { next: Buffer.from(last.id, 'utf8').toString('base64url') }
    : {};
}

function readCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) {
    return undefined;
  }
  const after = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!/^[^/]+\/[^/]+\/[^/]+$/.test(after)) {
    throw new WasiError('INPUT_INVALID', {
      message: '`cursor` is none that this action gave.',
      remedy: 'Pass `next` of the page before, or leave it out.',
    });
  }
  return after;
}
