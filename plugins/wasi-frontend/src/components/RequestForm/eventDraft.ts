import {
  cloudEventSchema,
  type InvokeRequest,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** Fields of a CloudEvent in the order in which they are asked for. */
export const eventFields = [
  'type',
  'source',
  'id',
  'subject',
  'dataContentType',
] as const;

/** A CloudEvent as a person types it: what is left out is empty. */
export type EventDraft = Record<(typeof eventFields)[number], string>;

/** What most events need. */
export const emptyEvent: EventDraft = {
  type: 'com.example.test',
  source: '/portal',
  id: '',
  subject: '',
  dataContentType: 'application/json',
};

/** The event that a draft stands for, or the fields that are not written right. */
export function readEvent(
  draft: EventDraft,
):
  | { event: NonNullable<InvokeRequest['cloudEvent']>; invalid: [] }
  | { event?: undefined; invalid: string[] } {
  const filled = Object.fromEntries(
    Object.entries(draft).filter(([, value]) => value !== ''),
  );
  const parsed = cloudEventSchema.safeParse(filled);
  return parsed.success
    ? { event: parsed.data, invalid: [] }
    : { invalid: parsed.error.issues.map(({ path }) => String(path[0])) };
}
