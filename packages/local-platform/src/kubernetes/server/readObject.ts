import type { IncomingMessage } from 'node:http';
import { misfit, type GoType } from '../decoding/goTypes';
import { JsonSyntaxError } from '../decoding/JsonSyntaxError';
import { parseJson, type Parsed } from '../decoding/parseJson';
import { parseYaml, YamlSyntaxError } from '../decoding/parseYaml';
import { decodeObject, PROTOBUF_TYPE } from '../protobuf/decodeObject';
import { isObject, type JsonObject } from '../schema/Schema';
import { badRequest, unsupportedMediaType } from '../status/refusals';
import { contentType, JSON_TYPE, readBody } from './readBody';

const YAML_TYPE = 'application/yaml';
const TYPES = [JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE];
const SUMMARY_BYTES = 30;

const text: GoType = { name: 'string', json: 'string' };
const typeMeta: GoType = {
  name: 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
  json: 'struct',
  struct: '',
  fields: { apiVersion: text, kind: text },
};

/** A body is no object, in kube-apiserver's words. */
export class UnreadableObject extends Error {}

/** An object that was sent, and what a strict reader finds fault with. */
export interface ReadObject {
  object: JsonObject;
  faults: string[];
}

/**
 * Reads an object of a kind from JSON, YAML or protobuf.
 *
 * @throws KubernetesStatusError 400, 413, 415
 */
export async function readObject(
  request: IncomingMessage,
  wanted: { kind: string; custom?: boolean },
): Promise<ReadObject> {
  const type = contentType(request);
  requireObjectType(type);
  const body = await readBody(request);
  try {
    const { object, faults } = parseObject(body, type);
    if (wanted.custom && !object.kind) {
      throw new UnreadableObject(
        `Object 'Kind' is missing in '${body.toString('utf8')}'`,
      );
    }
    return { object, faults };
  } catch (error) {
    throw error instanceof UnreadableObject
      ? badRequest(
          `the object provided is unrecognized (must be of type ${
            wanted.kind
          }): ${error.message} (${summary(body)})`,
        )
      : error;
  }
}

/** @throws KubernetesStatusError 415 */
export function requireObjectType(type: string): void {
  if (!TYPES.includes(type)) {
    throw unsupportedMediaType(TYPES);
  }
}

/** @throws UnreadableObject */
export function parseObject(body: Buffer, type: string): ReadObject {
  if (type === PROTOBUF_TYPE) {
    return { object: decodeObject(body), faults: [] };
  }
  const { value, faults } = parse(body.toString('utf8'), type);
  const why = misfit(value, typeMeta);
  if (why) {
    throw new UnreadableObject(noVersion(why));
  }
  return { object: isObject(value) ? value : {}, faults };
}

function parse(sent: string, type: string): Parsed {
  try {
    return type === JSON_TYPE ? parseJson(sent) : parseYaml(sent);
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      throw new UnreadableObject(noVersion(error.message));
    }
    throw error instanceof YamlSyntaxError
      ? new UnreadableObject(error.message)
      : error;
  }
}

function noVersion(why: string): string {
  return `couldn't get version/kind; json parse error: ${why}`;
}

/** The beginning of a body, in bytes where it does not look like JSON. */
function summary(body: Buffer): string {
  if (body.length === 0) {
    return '<empty>';
  }
  const start = body
    .subarray(0, SUMMARY_BYTES)
    .toString(body[0] === 0x7b ? 'utf8' : 'hex');
  return body.length > SUMMARY_BYTES ? `${start} ...` : start;
}
