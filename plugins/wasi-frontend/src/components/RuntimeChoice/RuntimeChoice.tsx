import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Radio, RadioGroup } from '@backstage/ui';
import type { RuntimeView } from '@wasi-functions/backstage-plugin-wasi-common';
import { useId } from 'react';
import { wasiTranslationRef } from '../../translation';
import { FindingList } from '../FindingList';
import styles from './RuntimeChoice.module.css';

/** Runtimes to choose from; those that cannot be built say why. */
export function RuntimeChoice(props: {
  label: string;
  description?: string;
  runtimes: readonly RuntimeView[];
  value: string | undefined;
  onChange: (name: string) => void;
  isRequired?: boolean;
  isDisabled?: boolean;
  /** What is wrong with the choice. */
  errors?: readonly string[];
}) {
  const sorted = [...props.runtimes].sort(
    (a, b) => Number(b.available) - Number(a.available),
  );
  return (
    <RadioGroup
      label={props.label}
      description={props.description}
      value={props.value ?? null}
      onChange={props.onChange}
      isRequired={props.isRequired}
      isDisabled={props.isDisabled}
      isInvalid={!!props.errors?.length}
    >
      <div className={styles.list}>
        {sorted.map(runtime => (
          <RuntimeOption key={runtime.name} runtime={runtime} />
        ))}
      </div>
      {props.errors?.map(error => (
        <span key={error} className={styles.error}>
          {error}
        </span>
      ))}
    </RadioGroup>
  );
}

function RuntimeOption(props: { runtime: RuntimeView }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { runtime } = props;
  const detailsId = useId();
  return (
    <div className={styles.option}>
      <Radio
        value={runtime.name}
        isDisabled={!runtime.available}
        aria-describedby={detailsId}
      >
        {runtime.label}
      </Radio>
      <div id={detailsId} className={styles.details}>
        <span>
          {runtime.name}
          {runtime.maturity === 'experimental' &&
            `, ${t('fields.runtime.experimental').toLowerCase()}`}
        </span>
        {!runtime.available && (
          <>
            <span>{t('fields.runtime.unavailable')}</span>
            <FindingList findings={runtime.problems} />
          </>
        )}
      </div>
    </div>
  );
}
