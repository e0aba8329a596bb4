import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { RiAlertFill, RiInformationLine } from '@remixicon/react';
import type {
  Finding,
  ModuleEvent,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { Age } from '../Age';
import { DataTable } from '../DataTable';
import { FindingList } from '../FindingList';
import styles from './EventList.module.css';

/** What the cluster said about a module, newest first. */
export function EventList(props: {
  events: readonly ModuleEvent[];
  /** Why some or all events are missing. */
  findings: readonly Finding[];
  now: number;
}) {
  return (
    <>
      <FindingList findings={props.findings} />
      <EventTable {...props} />
    </>
  );
}

function EventTable(props: {
  events: readonly ModuleEvent[];
  findings: readonly Finding[];
  now: number;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  if (props.events.length === 0) {
    return props.findings.length === 0 ? (
      <Text color="secondary">{t('events.empty')}</Text>
    ) : null;
  }
  const sorted = [...props.events].sort((a, b) =>
    (b.lastSeen ?? '').localeCompare(a.lastSeen ?? ''),
  );
  return (
    <DataTable
      label={t('events.heading')}
      rows={sorted}
      rowKey={(event, index) => `${index} ${event.reason}`}
      columns={[
        {
          id: 'reason',
          label: t('events.reason'),
          isRowHeader: true,
          cell: event => {
            const warning = event.type === 'Warning';
            const Icon = warning ? RiAlertFill : RiInformationLine;
            return (
              <span className={styles.reason} data-type={event.type}>
                <Icon
                  size={16}
                  className={styles.icon}
                  role="img"
                  aria-label={t(`events.${event.type}`)}
                />
                {event.reason}
              </span>
            );
          },
        },
        {
          id: 'message',
          label: t('events.message'),
          cell: event =>
            event.count > 1
              ? `${event.message} (${t('events.times', {
                  times: String(event.count),
                })})`
              : event.message,
        },
        {
          id: 'age',
          label: t('events.age'),
          cell: event => <Age time={event.lastSeen} now={props.now} />,
        },
      ]}
    />
  );
}
