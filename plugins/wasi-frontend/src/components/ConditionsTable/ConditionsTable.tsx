import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import {
  RiAlertFill,
  RiCheckboxCircleFill,
  RiQuestionLine,
  RiSpamFill,
} from '@remixicon/react';
import type { Condition } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { Age } from '../Age';
import { DataTable } from '../DataTable';
import { InlineCode } from '../InlineCode';
import styles from './ConditionsTable.module.css';

type Mark = 'good' | 'bad' | 'notable' | 'open';

const icons: Record<Mark, typeof RiAlertFill> = {
  good: RiCheckboxCircleFill,
  bad: RiSpamFill,
  notable: RiAlertFill,
  open: RiQuestionLine,
};

/** The conditions of a module, `Ready` first. */
export function ConditionsTable(props: {
  conditions: readonly Condition[];
  now: number;
  /** What to do about the condition that decided on the health. */
  remedy?: { reason?: string; text?: string };
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  if (props.conditions.length === 0) {
    return <Text color="secondary">{t('conditions.empty')}</Text>;
  }
  const sorted = [...props.conditions].sort(
    (a, b) =>
      Number(b.type === 'Ready') - Number(a.type === 'Ready') ||
      a.type.localeCompare(b.type),
  );
  return (
    <DataTable
      label={t('conditions.heading')}
      rows={sorted}
      rowKey={condition => condition.type}
      columns={[
        {
          id: 'type',
          label: t('conditions.type'),
          isRowHeader: true,
          cell: condition => condition.type,
        },
        {
          id: 'status',
          label: t('conditions.status'),
          cell: condition => <ConditionStatus condition={condition} />,
        },
        {
          id: 'message',
          label: t('conditions.message'),
          cell: ({ status, reason, message }) => {
            const remedy =
              status !== 'True' && reason && reason === props.remedy?.reason
                ? props.remedy.text
                : undefined;
            return (
              <>
                {reason && <code className={styles.reason}>{reason}</code>}
                {message && <div>{message}</div>}
                {remedy && (
                  <div className={styles.remedy}>
                    <InlineCode text={remedy} />
                  </div>
                )}
              </>
            );
          },
        },
        {
          id: 'age',
          label: t('conditions.age'),
          cell: condition => (
            <Age time={condition.lastTransitionTime} now={props.now} />
          ),
        },
      ]}
    />
  );
}

function ConditionStatus(props: { condition: Condition }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const mark = markOf(props.condition);
  const Icon = icons[mark];
  const texts = {
    True: t('conditions.true'),
    False: t('conditions.false'),
    Unknown: t('conditions.unknown'),
  };
  return (
    <span className={styles.status} data-mark={mark}>
      <Icon size={16} aria-hidden className={styles.icon} />
      {texts[props.condition.status] ?? props.condition.status}
    </span>
  );
}

function markOf(condition: Condition): Mark {
  if (condition.status === 'True') {
    return 'good';
  }
  if (condition.status === 'False') {
    // Knative marks conditions that do not decide on Ready by a severity.
    return condition.severity ? 'notable' : 'bad';
  }
  return 'open';
}
