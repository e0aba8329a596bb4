import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { parseImageReference } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { CopyButton } from '../CopyButton';
import styles from './ShortDigest.module.css';

const SHOWN_DIGITS = 12;

/** What tells a version: the digest in short, to copy in full, or else the tag. */
export function ShortDigest(props: { image: string; digest?: string }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const version = readVersion(props.image, props.digest);
  return (
    <span className={styles.root}>
      <code
        className={version.digest && styles.digest}
        title={version.digest ?? props.image}
      >
        {version.text}
      </code>
      {version.digest && (
        <CopyButton text={version.digest} what={t('artifact.copyDigest')} />
      )}
    </span>
  );
}

/** The version of a module in a word, and its digest where it is pinned to one. */
export function readVersion(
  image: string,
  known?: string,
): { text: string; digest?: string } {
  const { digest = known, tag } = readReference(image);
  if (digest) {
    const [, digits = digest] = digest.split(':');
    return { text: digits.slice(0, SHOWN_DIGITS), digest };
  }
  return { text: tag ?? image };
}

function readReference(image: string): { digest?: string; tag?: string } {
  try {
    return parseImageReference(image);
  } catch {
    // Somebody wrote it into the resource by hand: it is shown as it is.
    return {};
  }
}
