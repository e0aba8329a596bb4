import type { ReactNode } from 'react';
import type { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { SupplyChainView } from '@wasi-functions/backstage-plugin-wasi-common';
import type { wasiTranslationRef } from '../../translation';
import { ExternalLink } from '../ExternalLink';
import styles from './ArtifactDetails.module.css';

export type Translate = ReturnType<
  typeof useTranslationRef<typeof wasiTranslationRef.T>
>['t'];

/** Who signed an image, what it was built from, and how much is inside; nothing of what is not known. */
export function supplyChainFacts(
  t: Translate,
  { signature, provenance, sbom }: SupplyChainView,
): { label: string; value: ReactNode }[] {
  const unproven = provenance && !provenance.signed && (
    <span className={styles.unproven}>{t('supplyChain.unproven')}</span>
  );
  const { source, revision, builder } = provenance ?? {};
  return [
    {
      label: t('supplyChain.signature'),
      value: signature && describeSignature(t, signature),
    },
    {
      label: t('supplyChain.source'),
      value: (source || revision) && (
        <span className={styles.lines}>
          {source && <ExternalLink url={source} />}
          {revision && <span>{t('supplyChain.revision', { revision })}</span>}
          {unproven}
        </span>
      ),
    },
    {
      label: t('supplyChain.builder'),
      value: builder && <ExternalLink url={builder} />,
    },
    {
      label: t('supplyChain.packages'),
      value:
        sbom &&
        (sbom.packages === 0
          ? t('supplyChain.noPackages')
          : t('supplyChain.count', { count: sbom.packages })),
    },
  ];
}

function describeSignature(
  t: Translate,
  { state, keys }: NonNullable<SupplyChainView['signature']>,
): string {
  switch (state) {
    case 'trusted':
      return t('supplyChain.trusted', { keys: keys.join(', ') });
    case 'untrusted':
      return t('supplyChain.untrusted');
    default:
      return t('supplyChain.none');
  }
}
