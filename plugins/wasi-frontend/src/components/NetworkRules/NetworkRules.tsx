import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, ButtonIcon, Select, Text, TextField } from '@backstage/ui';
import { RiAddLine, RiDeleteBinLine } from '@remixicon/react';
import {
  networkPatternRisk,
  parseNetworkPattern,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useId } from 'react';
import { wasiTranslationRef } from '../../translation';
import { FindingList } from '../FindingList';
import { NetworkRisk } from '../NetworkRisk';
import {
  networkPlaces,
  type NetworkPlace,
  type NetworkRow,
} from './networkRows';
import styles from './NetworkRules.module.css';

/** Network rules to edit, each with its risk and findings as it is typed. */
export function NetworkRules(props: {
  label: string;
  description: string;
  rows: readonly NetworkRow[];
  onChange: (rows: NetworkRow[]) => void;
  places?: readonly NetworkPlace[];
  isDisabled?: boolean;
  errors?: readonly string[];
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { rows, onChange, isDisabled, places = networkPlaces } = props;
  const labelId = useId();
  const change = (index: number, edit: Partial<NetworkRow>) =>
    onChange(rows.map((row, at) => (at === index ? { ...row, ...edit } : row)));
  return (
    <div role="group" aria-labelledby={labelId} className={styles.root}>
      <Text id={labelId} variant="body-medium" weight="bold">
        {props.label}
      </Text>
      <Text variant="body-small" color="secondary">
        {props.description}
      </Text>
      {rows.length === 0 && (
        <Text variant="body-small">{t('fields.network.empty')}</Text>
      )}
      {rows.map((row, index) => (
        <div
          // Rows have no identity of their own, and keep their fields by place.
          key={index}
          role="group"
          aria-label={t('fields.network.rule', { index: String(index + 1) })}
          className={styles.row}
        >
          <div className={styles.fields}>
            {places.length > 1 && (
              <Select
                className={styles.place}
                label={t('fields.network.permission')}
                options={places.map(id => ({ id, label: t(`network.${id}`) }))}
                selectedKey={row.place}
                isDisabled={isDisabled}
                onSelectionChange={key => {
                  const place = places.find(id => id === key);
                  if (place) {
                    change(index, { place });
                  }
                }}
              />
            )}
            <TextField
              className={styles.pattern}
              label={t('fields.network.pattern')}
              placeholder={t('fields.network.patternPlaceholder')}
              value={row.pattern}
              onChange={pattern => change(index, { pattern })}
              isDisabled={isDisabled}
              isInvalid={
                row.pattern !== '' && !parseNetworkPattern(row.pattern).pattern
              }
              spellCheck="false"
            />
            <ButtonIcon
              className={styles.remove}
              variant="tertiary"
              icon={<RiDeleteBinLine />}
              aria-label={t('fields.network.remove', {
                index: String(index + 1),
              })}
              isDisabled={isDisabled}
              onPress={() => onChange(rows.filter((_, at) => at !== index))}
            />
          </div>
          <div role="status">
            <PatternVerdict pattern={row.pattern} />
          </div>
        </div>
      ))}
      <div>
        <Button
          variant="secondary"
          size="small"
          iconStart={<RiAddLine />}
          isDisabled={isDisabled}
          onPress={() => onChange([...rows, { place: places[0], pattern: '' }])}
        >
          {t('fields.network.add')}
        </Button>
      </div>
      {props.errors?.map(error => (
        <span key={error} className={styles.error}>
          {error}
        </span>
      ))}
    </div>
  );
}

function PatternVerdict(props: { pattern: string }) {
  if (props.pattern === '') {
    return null;
  }
  const { pattern, findings } = parseNetworkPattern(props.pattern);
  return (
    <>
      {pattern && <NetworkRisk risk={networkPatternRisk(pattern)} />}
      <FindingList findings={findings} />
    </>
  );
}
