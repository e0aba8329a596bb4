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
import { StateMark, type Tone } from '../StateMark';
import styles from './ConditionsTable.module.css';

const icons = {
  good: RiCheckboxCircleFill,
  bad: RiSpamFill,
  notable: RiAlertFill,
  plain: RiQuestionLine,
} satisfies { [_ in Tone]?: typeof RiAlertFill };

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
  const { status } = props.condition;
  const tone = toneOf(props.condition);
  const texts = {
    True: t('conditions.true'),
    False: t('conditions.false'),
    Unknown: t('conditions.unknown'),
  };
  return (
    <StateMark icon={icons[tone]} tone={tone} text={texts[status] ?? status} />
  );
}

function toneOf(condition: Condition): keyof typeof icons {
  if (condition.status === 'True') {
    return 'good';
  }
  if (condition.status === 'False') {
    // Knative marks conditions that do not decide on Ready by a severity.
    return condition.severity ? 'notable' : 'bad';
  }
  return 'plain';
}
