import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Text } from '@backstage/ui';
import type { FieldChange } from '@wasi-functions/backstage-plugin-wasi-common';
import { useState } from 'react';
import { wasiTranslationRef } from '../../translation';
import { DataTable } from '../DataTable';
import styles from './FieldChanges.module.css';

const SHOWN_AT_FIRST = 20;

/** Fields that differ between two modules, with both values. */
export function FieldChanges(props: {
  label: string;
  changes: readonly FieldChange[];
  /** What `before` and `after` stand for. */
  before: string;
  after: string;
  /** Said where nothing differs. */
  empty: string;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const [all, setAll] = useState(false);
  const { changes } = props;
  if (changes.length === 0) {
    return <Text color="secondary">{props.empty}</Text>;
  }
  const shown = all ? changes : changes.slice(0, SHOWN_AT_FIRST);
  return (
    <div className={styles.root}>
      <DataTable
        label={props.label}
        rows={shown}
        rowKey={(change, index) => `${index} ${change.path}`}
        columns={[
          {
            id: 'field',
            label: t('changes.field'),
            isRowHeader: true,
            cell: change => (
              <>
                <code className={styles.path}>{change.path}</code>
                <div className={styles.kind} data-kind={change.kind}>
                  {t(`changes.${change.kind}`)}
                </div>
                {change.owner && (
                  <div className={styles.owner}>
                    {change.newOwner
                      ? t('changes.newOwner', {
                          owner: change.owner,
                          newOwner: change.newOwner,
                        })
                      : t('changes.owner', { owner: change.owner })}
                  </div>
                )}
              </>
            ),
          },
          {
            id: 'before',
            label: props.before,
            cell: change => <Value text={change.before} mark="before" />,
          },
          {
            id: 'after',
            label: props.after,
            cell: change => <Value text={change.after} mark="after" />,
          },
        ]}
      />
      {shown.length < changes.length && (
        <Button variant="secondary" size="small" onPress={() => setAll(true)}>
          {t('changes.showAll', { total: String(changes.length) })}
        </Button>
      )}
    </div>
  );
}

function Value(props: { text: string | undefined; mark: 'before' | 'after' }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  if (props.text === undefined) {
    return <Text color="secondary">{t('changes.absent')}</Text>;
  }
  return (
    <pre className={styles.value} data-mark={props.mark}>
      {props.text}
    </pre>
  );
}
