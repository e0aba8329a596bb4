import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  RiAlertFill,
  RiCheckboxCircleFill,
  RiSpamFill,
} from '@remixicon/react';
import type { NetworkPatternRisk } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import styles from './NetworkRisk.module.css';

const icons: Record<NetworkPatternRisk, typeof RiAlertFill> = {
  exact: RiCheckboxCircleFill,
  'wildcard-port': RiAlertFill,
  'wildcard-host': RiAlertFill,
  everything: RiSpamFill,
};

/** How much a network pattern opens, told by shape, text and colour. */
export function NetworkRisk(props: { risk: NetworkPatternRisk }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const Icon = icons[props.risk];
  return (
    <span className={styles.root} data-risk={props.risk}>
      <Icon size={16} aria-hidden className={styles.icon} />
      {t(`network.${props.risk}`)}
    </span>
  );
}
