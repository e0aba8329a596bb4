import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link, VisuallyHidden } from '@backstage/ui';
import { RiExternalLinkLine } from '@remixicon/react';
import { wasiTranslationRef } from '../../translation';
import styles from './ExternalLink.module.css';
import { httpUrl } from './httpUrl';

/** An address that opens in a new tab; plain text where a browser should not open it. */
export function ExternalLink(props: { url: string }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const href = httpUrl(props.url);
  if (!href) {
    return <span>{props.url}</span>;
  }
  return (
    <Link
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      className={styles.link}
    >
      {props.url}
      <RiExternalLinkLine size={14} aria-hidden className={styles.icon} />
      <VisuallyHidden> ({t('address.opensNewTab')})</VisuallyHidden>
    </Link>
  );
}
