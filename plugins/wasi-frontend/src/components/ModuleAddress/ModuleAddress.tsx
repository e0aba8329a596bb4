import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { wasiTranslationRef } from '../../translation';
import { CopyButton } from '../CopyButton';
import { ExternalLink } from '../ExternalLink';
import styles from './ModuleAddress.module.css';

/** The address of a module, to open and to copy. */
export function ModuleAddress(props: { url: string | undefined }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { url } = props;
  if (!url) {
    return <Text color="secondary">{t('address.none')}</Text>;
  }
  return (
    <span className={styles.root}>
      <ExternalLink url={url} />
      <CopyButton text={url} what={t('address.copyWhat')} />
    </span>
  );
}
