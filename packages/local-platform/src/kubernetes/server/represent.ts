import type { KubernetesObject } from '../ObjectStore';
import {
  apiVersionOf,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import { badRequest } from '../status/refusals';
import {
  partialMetadata,
  toTable,
  type IncludeObject,
} from '../tables/toTable';
import type { ApiRequest } from './ApiRequest';
import { negotiate, negotiateStream, type Representation } from './negotiate';

const META = { group: 'meta.k8s.io', version: 'v1' };
const OF_OBJECT = [
  { as: 'Table', ...META },
  { as: 'PartialObjectMetadata', ...META },
];
const OF_LIST = [
  { as: 'Table', ...META },
  { as: 'PartialObjectMetadataList', ...META },
];

/** Turns objects into the shape that the client asked for. */
export class Representer {
  private constructor(
    private readonly definition: ResourceDefinition,
    private readonly shape: Representation,
    private readonly includeObject: IncludeObject,
    private readonly clock: () => Date,
  ) {}

  /** @throws KubernetesStatusError 400, 406 */
  static for(
    { request, query, definition, api }: ApiRequest,
    many: 'object' | 'list' | 'stream',
  ): Representer {
    const include = query.get('includeObject') ?? 'Metadata';
    if (!['None', 'Metadata', 'Object'].includes(include)) {
      throw badRequest(
        `includeObject: Invalid value: ${JSON.stringify(include)}`,
      );
    }
    return new Representer(
      definition,
      many === 'stream'
        ? negotiateStream(request.headers.accept, OF_LIST)
        : negotiate(
            request.headers.accept,
            many === 'list' ? OF_LIST : OF_OBJECT,
          ),
      include as IncludeObject,
      api.clock,
    );
  }

  object(object: KubernetesObject, options = { withColumns: true }): object {
    const served = this.inVersion(object);
    switch (this.shape.as) {
      case 'Table':
        return toTable(this.definition, [served], {
          metadata: { resourceVersion: object.metadata.resourceVersion },
          now: this.clock(),
          includeObject: this.includeObject,
          ...options,
        });
      case 'PartialObjectMetadata':
      case 'PartialObjectMetadataList':
        return partialMetadata(served);
      default:
        return served;
    }
  }

  list(objects: KubernetesObject[], metadata: object): object {
    const served = objects.map(object => this.inVersion(object));
    switch (this.shape.as) {
      case 'Table':
        return toTable(this.definition, served, {
          metadata,
          now: this.clock(),
          includeObject: this.includeObject,
          withColumns: true,
        });
      case 'PartialObjectMetadataList':
        return {
          kind: this.shape.as,
          apiVersion: 'meta.k8s.io/v1',
          metadata,
          items: served.map(partialMetadata),
        };
      default:
        return {
          kind: this.definition.listKind,
          apiVersion: apiVersionOf(this.definition),
          // Those of custom resources say also that there is no more.
          metadata: this.definition.custom
            ? { continue: '', ...metadata }
            : metadata,
          items: this.definition.custom ? served : served.map(withoutKind),
        };
    }
  }

  /** A kind with several versions is stored in one of them, and the same in all. */
  private inVersion(object: KubernetesObject): KubernetesObject {
    const apiVersion = apiVersionOf(this.definition);
    return object.apiVersion === apiVersion
      ? object
      : { ...object, apiVersion };
  }
}

/** An item of a list, of which the list says what it is. */
function withoutKind({ apiVersion, kind, ...item }: KubernetesObject): object {
  return item;
}
