import { catalogue } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { writeQuerySchema } from './requests';

/** A piece of JSON schema or of an OpenAPI description. @internal */
export type OpenApiObject = { [key: string]: unknown };

/** @internal */
export const text = { type: 'string' };
/** @internal */
export const number = { type: 'number' };
/** @internal */
export const flag = { type: 'boolean' };
/** @internal */
export const list = (items: OpenApiObject) => ({ type: 'array', items });
/** @internal */
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** @internal */
export const json = (schema: OpenApiObject) => ({
  content: { 'application/json': { schema } },
});

/** @internal */
export const entityParameters = [
  pathParameter('kind', 'Kind of the entity.'),
  pathParameter('namespace', 'Namespace of the entity.'),
  pathParameter('name', 'Name of the entity.'),
];

/** @internal */
export const moduleParameters = [
  ...entityParameters,
  pathParameter('cluster', 'Cluster of the module.'),
  pathParameter('moduleNamespace', 'Namespace of the module in its cluster.'),
  pathParameter('moduleName', 'Name of the module.'),
];

/** @internal */
export const ENTITY_PATH = '/v1/entities/{kind}/{namespace}/{name}';
/** @internal */
export const MODULE_PATH = `${ENTITY_PATH}/modules/{cluster}/{moduleNamespace}/{moduleName}`;

/** @internal */
export function pathParameter(
  name: string,
  description: string,
): OpenApiObject {
  return {
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
  };
}

/** @internal */
export function answers(
  status: number,
  description: string,
  schema: OpenApiObject,
): OpenApiObject {
  return {
    [status]: { description, ...json(schema) },
    default: errorAnswer(),
  };
}

/** @internal */
export function errorAnswer(): OpenApiObject {
  return {
    description: 'Why not, with the stable code and the next step.',
    ...json(ref('Error')),
  };
}

/** Of a change of a module, which may be a dry run. @internal */
export function changeAnswers(options?: { status: 201 }): OpenApiObject {
  const [module, plan] = [ref('ModuleView'), ref('PlanAnswer')];
  return {
    ...(options
      ? {
          ...answers(200, 'The plan, where `dryRun` is set.', plan),
          ...answers(options.status, 'The module.', module),
        }
      : answers(200, 'The module, or the plan where `dryRun` is set.', {
          oneOf: [module, plan],
        })),
    409: {
      description:
        'Not changed: it would take fields of others, which `conflicts` names with both owners and both values, or it is not what was planned for any more.',
      ...json(ref('Error')),
    },
  };
}

/**
 * OpenAPI 3.1 takes JSON schema as it is: https://spec.openapis.org/oas/v3.1.0#schema-object
 *
 * @internal
 */
export function request(schema: z.ZodType): OpenApiObject {
  const { $schema, ...described } = z.toJSONSchema(schema, { io: 'input' });
  return described;
}

/** An object; properties whose name ends in `?` may be absent. @internal */
export function object(
  properties: Record<string, OpenApiObject>,
): OpenApiObject {
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [
        name.replace(/\?$/, ''),
        schema,
      ]),
    ),
    required: Object.keys(properties).filter(name => !name.endsWith('?')),
  };
}

/** @internal */
export const code = {
  type: 'string',
  description: 'Key into the error catalogue.',
  enum: Object.keys(catalogue),
};

/** The parameters of a query, all of them optional. @internal */
export function queryParameters(schema: z.ZodType): OpenApiObject[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, described]) => ({
    name,
    in: 'query',
    required: false,
    schema: described,
  }));
}

/** Of every change of a module. @internal */
export const writeParameters = queryParameters(writeQuerySchema);
