import { invalidValue } from '../schema/invalidValue';
import { instant, integer, object, text } from '../schema/shorthand';
import { withObjectFields } from '../schema/objectMetaSchema';
import type { JsonObject, Schema } from '../schema/Schema';
import { age } from '../tables/age';
import { column, metadata, nameColumn, read } from '../tables/columns';
import { ALL_VERBS, type ResourceDefinition } from './ResourceDefinition';

const reference: Schema = {
  ...object('Names one object.', {
    apiVersion: text('API version of the object.'),
    kind: text('Kind of the object.'),
    name: text('Name of the object.'),
    namespace: text('Namespace of the object.'),
    uid: text('Identity of the object.'),
    resourceVersion: text('Version of the object.'),
    fieldPath: text('The part of the object that is meant.'),
  }),
  'x-kubernetes-map-type': 'atomic',
};

const nullableInstant = (description: string): Schema => ({
  ...instant(description),
  nullable: true,
});

export const events: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Event',
  listKind: 'EventList',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: withObjectFields(
    object(
      'Something that happened to an object; kept for an hour.',
      {
        involvedObject: reference,
        related: reference,
        reason: text('Why it happened, in one word.'),
        message: text('What happened, for people.'),
        type: text('Normal or Warning.'),
        action: text('What was done.'),
        count: integer('How often it happened.'),
        firstTimestamp: nullableInstant('When it happened first.'),
        lastTimestamp: nullableInstant('When it happened last.'),
        eventTime: nullableInstant('When it was observed first.'),
        reportingComponent: text('The controller that reports it.'),
        reportingInstance: text('The instance of the controller.'),
        source: object('Who reports it.', {
          component: text('Component.'),
          host: text('Node.'),
        }),
        series: object('The series that it belongs to.', {
          count: integer('How often it happened.'),
          lastObservedTime: nullableInstant('When it was last observed.'),
        }),
      },
      ['metadata'],
    ),
  ),
  subresources: [],
  countsGenerations: false,
  columns: [
    column('Last Seen', 'Time since it happened last.', (event, now) =>
      age(lastSeen(event), now),
    ),
    column('Type', 'Normal or Warning.', event => event.type ?? ''),
    column('Reason', 'Why it happened.', event => event.reason ?? ''),
    column(
      'Object',
      'What it happened to.',
      event =>
        `${String(read(event, 'involvedObject', 'kind') ?? '').toLowerCase()}/${
          read(event, 'involvedObject', 'name') ?? ''
        }`,
    ),
    column(
      'Subobject',
      'The part that it happened to.',
      event => read(event, 'involvedObject', 'fieldPath') ?? '',
      { wide: true },
    ),
    column(
      'Source',
      'Who reports it.',
      event =>
        read(event, 'source', 'component') ?? event.reportingComponent ?? '',
      { wide: true },
    ),
    column('Message', 'What happened.', event =>
      String(event.message ?? '').trim(),
    ),
    column(
      'First Seen',
      'Time since it happened first.',
      (event, now) =>
        age(
          event.firstTimestamp ??
            event.eventTime ??
            metadata(event).creationTimestamp,
          now,
        ),
      { wide: true },
    ),
    column('Count', 'How often it happened.', event => event.count ?? 1, {
      type: 'integer',
      wide: true,
    }),
    { ...nameColumn, priority: 1 },
  ],
  nameRule: 'subdomain',
  custom: false,
  unowned: [
    'source',
    'firstTimestamp',
    'lastTimestamp',
    'eventTime',
    'reportingComponent',
    'reportingInstance',
  ],
  // Go writes what is empty here.
  prepare: event => ({
    ...event,
    involvedObject: event.involvedObject ?? {},
    source: event.source ?? {},
    firstTimestamp: event.firstTimestamp ?? null,
    lastTimestamp: event.lastTimestamp ?? null,
    eventTime: event.eventTime ?? null,
    reportingComponent: event.reportingComponent ?? '',
    reportingInstance: event.reportingInstance ?? '',
  }),
  check: event => {
    const of = read(event, 'involvedObject', 'namespace') ?? '';
    const { namespace = '' } = metadata(event);
    // What has no namespace is told of in the namespace `default`.
    return of === namespace || (of === '' && namespace === 'default')
      ? []
      : [
          invalidValue(
            'involvedObject.namespace',
            of,
            'does not match event.namespace',
          ),
        ];
  },
};

/** When an event happened last. */
export function lastSeen(event: JsonObject) {
  return (
    read(event, 'series', 'lastObservedTime') ??
    event.lastTimestamp ??
    event.eventTime ??
    metadata(event).creationTimestamp
  );
}
