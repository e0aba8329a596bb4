import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link, Text, VisuallyHidden } from '@backstage/ui';
import { RiExternalLinkLine } from '@remixicon/react';
import { wasiTranslationRef } from '../../translation';
import { CopyButton } from '../CopyButton';
import { httpUrl } from './httpUrl';
import styles from './ModuleAddress.module.css';

/** The address of a module, to open and to copy. */
export function ModuleAddress(props: { url: string | undefined }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { url } = props;
  if (!url) {
    return <Text color="secondary">{t('address.none')}</Text>;
  }
  const href = httpUrl(url);
  return (
    <span className={styles.root}>
      {href ? (
        <Link href={href} target="_blank" rel="noopener noreferrer">
          {url}
          <RiExternalLinkLine size={14} aria-hidden className={styles.icon} />
          <VisuallyHidden> ({t('address.opensNewTab')})</VisuallyHidden>
        </Link>
      ) : (
        <span>{url}</span>
      )}
      <CopyButton text={url} what={t('address.copyWhat')} />
    </span>
  );
}
