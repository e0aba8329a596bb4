import type { KubernetesObject } from '../ObjectStore';
import { finalizerWarnings } from '../schema/validateFinalizers';
import type { ApiRequest } from './ApiRequest';
import type { Representer } from './represent';
import { sendJson } from './sendJson';
import { warn } from './warn';

/** Answers with an object as it was written. */
export function sendWritten(
  { response, definition }: ApiRequest,
  { object, created }: { object: KubernetesObject; created: boolean },
  representer: Representer,
): void {
  if (definition.custom) {
    warn(response, finalizerWarnings(object.metadata));
  }
  sendJson(response, created ? 201 : 200, representer.object(object));
}
