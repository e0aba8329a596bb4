import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { RiLockLine } from '@remixicon/react';
import {
  MASKED_VALUE,
  type EnvVar,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { DataTable } from '../DataTable';
import styles from './EnvironmentTable.module.css';

/** Environment variables; what may be a secret is named, never shown. */
export function EnvironmentTable(props: { env: readonly EnvVar[] }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  return (
    <DataTable
      label={t('configuration.environment')}
      rows={props.env}
      rowKey={(variable, index) => `${index} ${variable.name}`}
      columns={[
        {
          id: 'name',
          label: t('configuration.name'),
          isRowHeader: true,
          cell: variable => <code>{variable.name}</code>,
        },
        {
          id: 'value',
          label: t('configuration.value'),
          cell: variable => <EnvironmentValue variable={variable} />,
        },
      ]}
    />
  );
}

/** One value; of a secret that there is one. */
export function EnvironmentValue(props: { variable: EnvVar }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { value, valueFrom } = props.variable;
  if (valueFrom) {
    return <span>{describeSource()}</span>;
  }
  if (value === MASKED_VALUE) {
    return (
      <span className={styles.masked}>
        <RiLockLine size={16} aria-hidden />
        {t('configuration.masked')}
      </span>
    );
  }
  if (!value) {
    return (
      <Text as="span" color="secondary">
        {t('configuration.emptyValue')}
      </Text>
    );
  }
  return <code className={styles.value}>{value}</code>;

  function describeSource(): string {
    const { secretKeyRef, configMapKeyRef, fieldRef, resourceFieldRef } =
      valueFrom ?? {};
    if (secretKeyRef) {
      const { name = '', key } = secretKeyRef;
      return t('configuration.fromSecret', { name, key });
    }
    if (configMapKeyRef) {
      const { name = '', key } = configMapKeyRef;
      return t('configuration.fromConfigMap', { name, key });
    }
    if (fieldRef) {
      return t('configuration.fromField', { field: fieldRef.fieldPath });
    }
    if (resourceFieldRef) {
      return t('configuration.fromResource', {
        resource: resourceFieldRef.resource,
      });
    }
    return t('configuration.fromUnknown');
  }
}
