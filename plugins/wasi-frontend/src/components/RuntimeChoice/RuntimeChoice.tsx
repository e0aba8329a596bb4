import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Box, Radio, RadioGroup, Text } from '@backstage/ui';
import type { RuntimeView } from '@wasi-functions/backstage-plugin-wasi-common';
import { useId } from 'react';
import { wasiTranslationRef } from '../../translation';
import styles from './RuntimeChoice.module.css';
import { UnavailableRuntimes } from './UnavailableRuntimes';

/** Runtimes to choose from; those that cannot be built are told apart below. */
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
  const { t } = useTranslationRef(wasiTranslationRef);
  const available = props.runtimes.filter(runtime => runtime.available);
  const unavailable = props.runtimes.filter(runtime => !runtime.available);
  return (
    <Box className={styles.root}>
      <RadioGroup
        label={props.label}
        description={props.description}
        value={props.value ?? null}
        onChange={props.onChange}
        isRequired={props.isRequired}
        isDisabled={props.isDisabled}
        isInvalid={!!props.errors?.length}
      >
        {available.length === 0 && (
          <Text color="secondary">{t('fields.runtime.none')}</Text>
        )}
        <div className={styles.list}>
          {available.map(runtime => (
            <RuntimeOption key={runtime.name} runtime={runtime} />
          ))}
        </div>
        {props.errors?.map(error => (
          <span key={error} className={styles.error}>
            {error}
          </span>
        ))}
      </RadioGroup>
      {unavailable.length > 0 && <UnavailableRuntimes runtimes={unavailable} />}
    </Box>
  );
}

function RuntimeOption(props: { runtime: RuntimeView }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { runtime } = props;
  const detailsId = useId();
  return (
    <div>
      <Radio value={runtime.name} aria-describedby={detailsId}>
        {runtime.label}
      </Radio>
      <div id={detailsId} className={styles.details}>
        {runtime.name}
        {runtime.maturity === 'experimental' &&
          `, ${t('fields.runtime.experimental').toLowerCase()}`}
      </div>
    </div>
  );
}
